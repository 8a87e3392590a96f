//! Method, path, and the fields of path, query and body.

use super::field::Home;
use super::placement::is_path_parameter;
use super::value::Entries;
use super::{Reader, shown};
use crate::finding;
use crate::model::{Body, Field, Method, Place};
use crate::yaml::Node;

/// What `http:` says.
pub(super) struct Target {
    pub method: Method,
    pub path: String,
}

const METHODS: &[(&str, Method)] = &[
    ("GET", Method::Get),
    ("POST", Method::Post),
    ("PUT", Method::Put),
    ("PATCH", Method::Patch),
    ("DELETE", Method::Delete),
];

impl Reader<'_> {
    /// Reads `GET /open-apis/...`.
    pub(super) fn http(&mut self, node: &Node) -> Option<Target> {
        let text = self.text(node)?;
        let (word, path) = text.split_once(' ').unwrap_or((&text, ""));
        let Some((_, method)) = METHODS.iter().find(|(name, _)| *name == word) else {
            let message = format!("{} is no HTTP method", shown(word));
            let help = "write `GET /open-apis/...`, with GET, POST, PUT, PATCH or DELETE";
            self.report_with_help(finding::HTTP_METHOD, node.origin, message, help);
            return None;
        };
        if let Some(fault) = path_fault(path) {
            let message = format!("the path {} {fault}", shown(path));
            self.report(finding::URL_PATH, node.origin, message);
            return None;
        }
        Some(Target {
            method: *method,
            path: path.to_owned(),
        })
    }

    /// Reads the path parameters, which have to be those of the path.
    pub(super) fn path_fields(&mut self, entries: &Entries<'_>, rust: &str, target: Option<&Target>) -> Vec<Field> {
        let fields = self.fields_at(entries, "path", Place::Path, rust);
        let Some(target) = target else { return fields };
        for parameter in parameters(&target.path) {
            if !fields.iter().any(|field| field.key == parameter) {
                let message = format!("the path has `:{parameter}`, and `path:` does not declare it");
                let origin = entries.origin_of("http");
                self.report(finding::PATH_PARAMETER_UNDECLARED, origin, message);
            }
        }
        // A name that cannot be in a path has been reported as such.
        for field in fields.iter().filter(|field| is_path_parameter(&field.key)) {
            if !parameters(&target.path).any(|parameter| parameter == field.key) {
                let message = format!("the path {} has no `:{}`", shown(&target.path), field.key);
                self.report(finding::PATH_PARAMETER_UNUSED, field.origin, message);
            }
        }
        fields
    }

    /// Reads the query.
    pub(super) fn query_fields(&mut self, entries: &Entries<'_>, rust: &str) -> Vec<Field> {
        self.fields_at(entries, "query", Place::Query, rust)
    }

    /// Reads `body:` or `multipart:`.
    pub(super) fn body(&mut self, entries: &Entries<'_>, rust: &str, target: Option<&Target>) -> (Body, Vec<Field>) {
        let key = match (entries.get("body"), entries.get("multipart")) {
            (None, None) => return (Body::None, Vec::new()),
            (Some(_), Some(_)) => {
                let message = "an endpoint has either `body:` or `multipart:`";
                self.report(finding::TWO_BODIES, entries.origin_of("multipart"), message);
                "body"
            }
            (Some(_), None) => "body",
            (None, Some(_)) => "multipart",
        };
        if target.is_some_and(|target| target.method == Method::Get) {
            let help = "see whether the page means query parameters; where it means a body, allow it and say so";
            self.report_with_help(finding::BODY_ON_GET, entries.origin_of(key), "a GET with a body", help);
        }
        let kind = if key == "body" { Body::Json } else { Body::Multipart };
        (kind, self.fields_at(entries, key, Place::Body, rust))
    }

    fn fields_at(&mut self, entries: &Entries<'_>, key: &str, place: Place, stem: &str) -> Vec<Field> {
        let home = Home {
            stem,
            place,
            multipart: key == "multipart",
        };
        self.optional(entries, key, |reader, node| Some(reader.fields(node, &home)))
            .unwrap_or_default()
    }
}

/// The names after the colons of a path.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix(':'))
}

/// What is wrong with a path: whatever could make the URL another one than it looks.
pub(crate) fn path_fault(path: &str) -> Option<String> {
    let Some(rest) = path.strip_prefix('/') else {
        return Some("does not begin with `/`".to_owned());
    };
    // A few of the platform's paths end with a slash.
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let mut seen = Vec::new();
    for segment in rest.split('/') {
        if segment.is_empty() {
            return Some("has an empty segment".to_owned());
        }
        let fine = match segment.strip_prefix(':') {
            Some(name) => is_path_parameter(name),
            None => is_segment(segment),
        };
        if !fine {
            let segment = shown(segment);
            return Some(format!(
                "has the segment {segment}, which is no name and no `:parameter`"
            ));
        }
        if segment.starts_with(':') && seen.contains(&segment) {
            return Some(format!("has {} twice", shown(segment)));
        }
        seen.push(segment);
    }
    None
}

fn is_segment(segment: &str) -> bool {
    !segment.chars().all(|c| c == '.')
        && segment
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~'))
}
