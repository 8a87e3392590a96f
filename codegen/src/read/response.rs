//! The response of an endpoint and its documented errors.

use super::reader::Reader;
use super::type_table::Shape;
use super::value::Entries;
use super::value::child;
use crate::characters::quote;
use crate::model::{Binary, ErrorEntry, Field, Origin, Response, ResponseHeader, TypeKind};
use crate::yaml::{Key, Node, Value};
use crate::{finding, format, names};

/// Keys that a flat answer cannot have: those of the envelope, in either of its forms.
const ENVELOPE: &[&str] = &["code", "msg", "error", "error_description"];

const BYTE_UNITS: &[(&str, u64)] = &[("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30)];

impl Reader<'_> {
    /// Reads `response:`, `download:` and `envelope:` of the endpoint whose request type is `rust`;
    /// `None` where there is a response that cannot be read.
    pub(super) fn response(&mut self, entries: &Entries<'_>, rust: &str) -> Option<Response> {
        let flat = self
            .optional(entries, "envelope", |reader, node| {
                reader.word(node, &format::ENVELOPES.map(|word| (word, ())))
            })
            .is_some();
        let response = match entries.get("response") {
            None => Response::Empty,
            Some(node) => {
                let read = |reader: &mut Self| reader.kind_of_response(node, rust, flat);
                self.inside("response", read)?
            }
        };
        if entries.get("envelope").is_some() && !matches!(response, Response::Json { .. }) {
            let message = "`envelope:` goes with a response that has fields";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("envelope"), message);
        }
        Some(match (response, entries.get("download")) {
            (Response::Binary(_), Some(node)) => {
                let binary = self.inside("download", |reader| reader.download(node, entries));
                Response::Binary(binary.unwrap_or_default())
            }
            (response, Some(_)) => {
                let message = "`download:` goes with `response: binary` only";
                self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("download"), message);
                response
            }
            (response, None) => response,
        })
    }

    fn kind_of_response(&mut self, node: &Node, rust: &str, flat: bool) -> Option<Response> {
        match &node.value {
            Value::Text(text) if text == "binary" => Some(Response::Binary(Binary::default())),
            Value::Text(name) if names::is_camel(name) => self.named_response(name, node, flat),
            Value::Map(_) => Some(self.inline_response(node, rust, flat)),
            _ => self.mismatch(node, "`binary`, the name of a type in CamelCase or a mapping of fields"),
        }
    }

    /// An answer that is a type under `types:`, and has none of its own.
    fn named_response(&mut self, name: &str, node: &Node, flat: bool) -> Option<Response> {
        let ty = self.resolve(name, node)?.named()?;
        if self.types.shape(ty) != Shape::Object {
            return self.mismatch(node, "a type that has fields");
        }
        let fields = self.types.fields(ty).to_vec();
        for field in fields.iter().filter(|_| flat) {
            let help = "name a type without it, or write the fields here";
            self.outside_envelope(field, node.origin, help);
        }
        Some(Response::Json { ty, flat })
    }

    fn inline_response(&mut self, node: &Node, rust: &str, flat: bool) -> Response {
        let name = format!("{rust}Response");
        let ty = self.types.inline(self.module, name.clone(), Shape::Object, node.origin);
        let home = super::field::Home {
            stem: &name,
            place: crate::model::Place::Body,
            multipart: false,
        };
        let fields = self.fields(node, &home);
        self.distinct_members(&fields);
        for field in fields.iter().filter(|_| flat) {
            self.outside_envelope(field, field.origin, "remove the field");
        }
        self.types.define(ty, None, TypeKind::Object(fields));
        Response::Json { ty, flat }
    }

    /// Reports a field of a flat answer that would be one of the envelope's.
    fn outside_envelope(&mut self, field: &Field, origin: Origin, help: &'static str) {
        if ENVELOPE.contains(&field.key.as_str()) {
            let key = quote(&field.key);
            let message = format!("{key} belongs to the envelope, beside which a flat answer stands");
            self.report_with_help(finding::ENVELOPE_FIELD, origin, message, help);
        }
    }

    fn download(&mut self, node: &Node, endpoint: &Entries<'_>) -> Option<Binary> {
        let entries = self.entries(node, format::DOWNLOAD.names)?;
        Some(Binary {
            ranges: self.optional(&entries, "ranges", Self::flag).unwrap_or(false),
            max_bytes: self.optional(&entries, "max_bytes", Self::byte_count),
            headers: self
                .optional(&entries, "headers", |reader, node| {
                    let headers = reader.mapping(node)?;
                    Some(
                        headers
                            .iter()
                            .filter_map(|(key, node)| {
                                reader.inside(&key.text, |reader| reader.response_header(key, node, endpoint))
                            })
                            .collect(),
                    )
                })
                .unwrap_or_default(),
        })
    }

    fn response_header(&mut self, key: &Key, node: &Node, endpoint: &Entries<'_>) -> Option<ResponseHeader> {
        if !names::is_header_name(&key.text) || key.text.bytes().any(|b| b.is_ascii_uppercase()) {
            let message = format!("{} is no name of a header in lower case", quote(&key.text));
            self.report(finding::HEADER_NAME, key.origin, message);
        }
        let entries = self.entries(node, format::RESPONSE_HEADER.names)?;
        let needs = self.optional(&entries, "needs", Self::text);
        if let Some(needs) = &needs
            && !has_fixed_header(endpoint, needs)
        {
            let message = format!("{} is no fixed header of the request", quote(needs));
            self.report(finding::HEADER_NEEDS, entries.origin_of("needs"), message);
        }
        Some(ResponseHeader {
            name: key.text.clone(),
            doc: self.optional(&entries, "doc", Self::line),
            needs,
        })
    }

    /// Reads a number of bytes, or `100 MB`: a unit stands for a power of 1024.
    pub(super) fn byte_count(&mut self, node: &Node) -> Option<u64> {
        if let Value::Text(text) = &node.value
            && let Some((number, unit)) = text.split_once(' ')
            && let Some((_, factor)) = BYTE_UNITS.iter().find(|(name, _)| *name == unit)
            && number.bytes().all(|b| b.is_ascii_digit())
            && let Some(bytes) = number.parse().ok().and_then(|number: u64| number.checked_mul(*factor))
        {
            return Some(bytes);
        }
        if matches!(node.value, Value::Text(_)) {
            return self.mismatch(node, "a number of bytes, such as `104857600` or `100 MB` (KB, MB, GB)");
        }
        self.count(node)
    }
}

fn has_fixed_header(endpoint: &Entries<'_>, name: &str) -> bool {
    let Some(Value::Map(headers)) = endpoint.get("headers").map(|node| &node.value) else {
        return false;
    };
    headers
        .iter()
        .any(|(key, node)| key.text.eq_ignore_ascii_case(name) && child(node, "fixed").is_some())
}

impl Reader<'_> {
    /// Reads the list of failures.
    pub(super) fn errors(&mut self, node: &Node) -> Option<Vec<ErrorEntry>> {
        let errors = self.each(node, Self::error)?;
        for (index, error) in errors.iter().enumerate() {
            let before = &errors[..index];
            if let Some(other) = before.iter().find(|other| same_failure(other, error)) {
                let what = told_by(error);
                let message = format!("{what} is there already, in line {}", other.origin.line);
                self.report_with_help(finding::DUPLICATE_ERROR, error.origin, message, "make them one entry");
            } else if let Some(other) = before.iter().find(|other| other.rust == error.rust) {
                let (one, two, rust) = (told_by(other), told_by(error), &error.rust);
                let message = format!("{one} and {two} both become the variant `{rust}`");
                self.report_with_help(
                    finding::SAME_RUST_NAME,
                    error.origin,
                    message,
                    "give them different names",
                );
            }
        }
        Some(errors)
    }

    fn error(&mut self, node: &Node) -> Option<ErrorEntry> {
        let entries = self.entries(node, format::ERROR.names)?;
        // All keys are read before any of them may end it, so that what is wrong comes at once.
        let http = self.needed(&entries, "http", Self::status);
        let code = self.optional(&entries, "code", Self::error_code);
        let msg = self.optional(&entries, "msg", Self::line);
        let name = self.optional(&entries, "name", Self::snake_name);
        let doc = self.optional(&entries, "doc", Self::line);
        let retry = self.optional(&entries, "retry", Self::flag);
        let http = http?;
        if code.is_none() && entries.get("code").is_some() {
            return None;
        }
        Some(ErrorEntry {
            http,
            code,
            msg,
            rust: name
                .and_then(|name| names::variant(&name))
                .unwrap_or_else(|| default_name(code, http)),
            doc,
            retry: retry.unwrap_or(false),
            origin: node.origin,
        })
    }

    fn status(&mut self, node: &Node) -> Option<u16> {
        let status: u16 = self.count(node)?;
        if (200..600).contains(&status) {
            return Some(status);
        }
        let message = format!("{} is no status of an answer: 200 to 599", quote(&status.to_string()));
        self.report(finding::HTTP_STATUS, node.origin, message);
        None
    }

    pub(super) fn error_code(&mut self, node: &Node) -> Option<i64> {
        let code = self.integer(node)?;
        if code != 0 {
            return Some(code);
        }
        self.report(
            finding::ERROR_CODE,
            node.origin,
            "the code 0 says that the call succeeded",
        );
        None
    }
}

/// A code tells a failure whatever the status; without one the status tells it.
fn same_failure(one: &ErrorEntry, other: &ErrorEntry) -> bool {
    match (one.code, other.code) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.http == other.http,
        _ => false,
    }
}

fn told_by(error: &ErrorEntry) -> String {
    match error.code {
        Some(code) => format!("code {code}"),
        None => format!("HTTP status {} without a code", error.http),
    }
}

fn default_name(code: Option<i64>, http: u16) -> String {
    match code {
        Some(code) if code < 0 => format!("CodeMinus{}", code.unsigned_abs()),
        Some(code) => format!("Code{code}"),
        None => format!("Http{http}"),
    }
}
