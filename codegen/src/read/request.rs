//! The request of an endpoint: method, path, query, headers, body, idempotency and multipart upload.

use super::field::{Home, is_path_parameter};
use super::reader::Reader;
use super::value::{Entries, child, suggest};
use crate::characters::quote;
use crate::model::{Binary, Body, Field, FixedHeader, Method, Place, Response, Step, Type, Upload};
use crate::yaml::{Key, Node};
use crate::{finding, format};

/// What is sent.
pub(super) struct Request {
    pub fixed_headers: Vec<FixedHeader>,
    pub fields: Vec<Field>,
    pub body: Body,
}

impl Reader<'_> {
    pub(super) fn request(&mut self, entries: &Entries<'_>, rust: &str, target: Option<&Target>) -> Request {
        let mut fields = self.path_fields(entries, rust, target);
        fields.extend(self.query_fields(entries, rust));
        let headers = self
            .optional(entries, "headers", |reader, node| Some(reader.headers(node, rust)))
            .unwrap_or_default();
        fields.extend(headers.fields);
        let (body, body_fields) = self.body(entries, rust, target);
        fields.extend(body_fields);
        self.multipart_content_type(&headers.fixed, body, entries);
        Request {
            fixed_headers: headers.fixed,
            fields,
            body,
        }
    }

    /// The SDK adds a field for `Range` itself where ranges are honoured.
    pub(super) fn ranged_header(&mut self, binary: &Binary, request: &Request) {
        let named = |field: &&Field| field.key.eq_ignore_ascii_case("range");
        if let Some(field) = request.fields.iter().filter(|_| binary.ranges).find(named) {
            let message = "`download: { ranges: true }` stands for the header already";
            self.report_with_help(finding::CLIENT_HEADER, field.origin, message, "remove the field");
        }
    }
}

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
            let message = format!("{} is no HTTP method", quote(word));
            let help = "write `GET /open-apis/...`, with GET, POST, PUT, PATCH or DELETE";
            self.report_with_help(finding::HTTP_METHOD, node.origin, message, help);
            return None;
        };
        if let Some(fault) = path_fault(path) {
            let message = format!("the path {} {fault}", quote(path));
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
                let message = format!("the path {} has no `:{}`", quote(&target.path), field.key);
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
            let segment = quote(segment);
            return Some(format!(
                "has the segment {segment}, which is no name and no `:parameter`"
            ));
        }
        if segment.starts_with(':') && seen.contains(&segment) {
            return Some(format!("has {} twice", quote(segment)));
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

/// What `headers:` says.
#[derive(Default)]
pub(super) struct Headers {
    pub fixed: Vec<FixedHeader>,
    pub fields: Vec<Field>,
}

impl Reader<'_> {
    /// Reads `headers:` of the endpoint whose request type is `rust`.
    pub(super) fn headers(&mut self, node: &Node, rust: &str) -> Headers {
        let mut headers = Headers::default();
        let home = Home {
            stem: rust,
            place: Place::Header,
            multipart: false,
        };
        let mut seen: Vec<String> = Vec::new();
        for (key, node) in self.mapping(node).unwrap_or_default() {
            let folded = key.text.to_ascii_lowercase();
            if seen.contains(&folded) {
                let message = format!("the header {} is there twice", quote(&key.text));
                self.report(finding::DUPLICATE_HEADER, key.origin, message);
            }
            seen.push(folded);
            self.inside(&key.text, |reader| {
                if child(node, "fixed").is_some() {
                    headers.fixed.extend(reader.fixed_header(key, node));
                } else {
                    headers.fields.extend(reader.field(key, node, &home));
                }
            });
        }
        headers
    }

    fn fixed_header(&mut self, key: &Key, node: &Node) -> Option<FixedHeader> {
        self.header_name(&key.text, key.origin);
        let entries = self.entries(node, format::FIXED_HEADER.names)?;
        let value = self.needed(&entries, "fixed", |reader, node| {
            let expected = "the value of a header: printable ASCII without spaces around it";
            reader.pattern(node, finding::HEADER_VALUE, expected, is_header_value)
        })?;
        Some(FixedHeader {
            name: key.text.clone(),
            value,
            required: self.optional(&entries, "required", Self::flag).unwrap_or(false),
            doc: self.optional(&entries, "doc", Self::line),
        })
    }

    /// A multipart body has a content type that only its sender knows.
    pub(super) fn multipart_content_type(&mut self, fixed: &[FixedHeader], body: Body, entries: &Entries<'_>) {
        let stated = fixed
            .iter()
            .any(|header| header.name.eq_ignore_ascii_case("content-type"));
        if stated && body == Body::Multipart {
            let message = "the client gives a multipart body its Content-Type";
            let origin = entries.origin_of("headers");
            self.report_with_help(
                finding::CLIENT_HEADER,
                origin,
                message,
                "remove the header Content-Type",
            );
        }
    }
}

fn is_header_value(text: &str) -> bool {
    text.trim() == text && text.bytes().all(|b| (b' '..=b'~').contains(&b))
}

/// What a spec says of sending a call again.
#[derive(Default)]
pub(super) struct Repetition {
    pub idempotency: Option<String>,
    pub repeatable: bool,
}

impl Reader<'_> {
    /// Reads `idempotency:`, which names one of these fields, and `repeatable:`.
    pub(super) fn repetition(
        &mut self,
        entries: &Entries<'_>,
        target: Option<&Target>,
        fields: &[Field],
    ) -> Repetition {
        let idempotency = self.optional(entries, "idempotency", |reader, node| reader.idempotency(node, fields));
        let repeatable = self.optional(entries, "repeatable", Self::flag) == Some(true);
        for key in ["idempotency", "repeatable"] {
            if entries.get(key).is_some() && target.is_some_and(|target| target.method == Method::Get) {
                let message = format!("`{key}:` goes with every method but GET, which changes nothing");
                self.report_with_help(
                    finding::KEY_NOT_APPLICABLE,
                    entries.origin_of(key),
                    message,
                    "remove the key",
                );
            }
        }
        if repeatable && entries.get("idempotency").is_some() {
            let message = "`repeatable: true` says more than `idempotency:`";
            let origin = entries.origin_of("idempotency");
            self.report_with_help(finding::KEY_NOT_APPLICABLE, origin, message, "remove one of them");
        }
        Repetition {
            idempotency,
            repeatable,
        }
    }

    fn idempotency(&mut self, node: &Node, fields: &[Field]) -> Option<String> {
        let name = self.text(node)?;
        let fits = |field: &&Field| matches!(field.place, Place::Query | Place::Body) && field.ty == Type::String;
        if fields.iter().filter(fits).any(|field| field.key == name) {
            return Some(name);
        }
        let known: Vec<&str> = fields.iter().filter(fits).map(|field| field.key.as_str()).collect();
        let message = format!("the query and the body have no string {}", quote(&name));
        let help = suggest(&name, &known, || match known.as_slice() {
            [] => "declare it under `query:` or `body:` with the type `string`".to_owned(),
            known => format!("strings there: {}", known.join(", ")),
        });
        self.report_with_help(finding::IDEMPOTENCY_FIELD, node.origin, message, help);
        None
    }
}

impl Reader<'_> {
    /// Reads `upload:`. What it names is looked for once all endpoints are known.
    pub(super) fn upload(
        &mut self,
        entries: &Entries<'_>,
        request: &Request,
        response: Option<&Response>,
    ) -> Option<Upload> {
        let node = entries.get("upload")?;
        if !matches!(response, None | Some(Response::Json { .. })) {
            let message = "`upload:` goes with a response that has fields";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("upload"), message);
        }
        let mut files = request.fields.iter().filter(|field| field.ty == Type::File);
        let limited = |count: Option<u64>| count.is_some();
        if !matches!((files.next(), files.next()), (Some(file), None) if limited(file.bounds.max_bytes)) {
            let message =
                "`upload:` goes with a multipart body that has one file, of which `max_bytes` says how large it may be";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("upload"), message);
        }
        self.inside("upload", |reader| {
            let entries = reader.entries(node, format::UPLOAD.names)?;
            let prepare = reader.needed(&entries, "prepare", Self::step);
            let part = reader.needed(&entries, "part", Self::step);
            let finish = reader.needed(&entries, "finish", Self::step);
            let mut named = |key: &str| reader.optional(&entries, key, Self::text);
            let [block_size, block_count, number] = ["block_size", "block_count", "number"].map(&mut named);
            Some(Upload {
                block_size: block_size.unwrap_or_else(|| "block_size".to_owned()),
                block_count: block_count.unwrap_or_else(|| "block_num".to_owned()),
                number: number.unwrap_or_else(|| "seq".to_owned()),
                restart: reader.list(&entries, "restart", |reader, node| reader.each(node, Self::error_code)),
                prepare: prepare?,
                part: part?,
                finish: finish?,
                origin: node.origin,
            })
        })
    }

    fn step(&mut self, node: &Node) -> Option<Step> {
        Some(Step {
            endpoint: self.endpoint_id(node)?,
            origin: node.origin,
        })
    }
}
