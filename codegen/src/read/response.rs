//! Reads the response of an endpoint.

use super::value::{Entries, child};
use super::{Reader, Shape};
use crate::characters::quote;
use crate::model::{Binary, Field, Origin, Response, ResponseHeader, TypeKind};
use crate::yaml::{Key, Node, Value};
use crate::{finding, format, names};

/// Keys of the envelope, in either form, which a flat response cannot have.
const ENVELOPE_KEYS: &[&str] = &["code", "msg", "error", "error_description"];

const BYTE_UNITS: &[(&str, u64)] = &[("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30)];

impl Reader<'_> {
    /// Reads `response:`, `download:` and `envelope:` of the endpoint whose request type is `rust`;
    /// `None` if the response is invalid.
    pub(super) fn read_response(&mut self, entries: &Entries<'_>, rust: &str) -> Option<Response> {
        let flat = self
            .read_optional(entries, "envelope", |reader, node| {
                reader.read_word(node, &format::ENVELOPES.map(|word| (word, ())))
            })
            .is_some();
        let response = match entries.get("response") {
            None => Response::Empty,
            Some(node) => {
                let read = |reader: &mut Self| reader.read_response_kind(node, rust, flat);
                self.at_key("response", read)?
            }
        };
        if entries.get("envelope").is_some() && !matches!(response, Response::Json { .. }) {
            let message = "`envelope:` requires a response with fields";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("envelope"), message);
        }
        Some(match (response, entries.get("download")) {
            (Response::Binary(_), Some(node)) => {
                let binary = self.at_key("download", |reader| reader.read_download(node, entries));
                Response::Binary(binary.unwrap_or_default())
            }
            (response, Some(_)) => {
                let message = "`download:` requires `response: binary`";
                self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("download"), message);
                response
            }
            (response, None) => response,
        })
    }

    fn read_response_kind(&mut self, node: &Node, rust: &str, flat: bool) -> Option<Response> {
        match &node.value {
            Value::Text(text) if text == "binary" => Some(Response::Binary(Binary::default())),
            Value::Text(name) if names::is_camel(name) => self.read_named_response(name, node, flat),
            Value::Map(_) => Some(self.read_inline_response(node, rust, flat)),
            _ => self.report_mismatch(node, "`binary`, a type name in CamelCase or a mapping of fields"),
        }
    }

    /// Reads a response that is a type under `types:`.
    fn read_named_response(&mut self, name: &str, node: &Node, flat: bool) -> Option<Response> {
        let ty = self.resolve_type(name, node)?.named()?;
        if self.types.shape(ty) != Shape::Object {
            return self.report_mismatch(node, "the name of a type with fields");
        }
        let fields = self.types.fields(ty).to_vec();
        for field in fields.iter().filter(|_| flat) {
            let help = "use a type without this field or inline the fields";
            self.check_not_in_envelope(field, node.origin, help);
        }
        Some(Response::Json { ty, flat })
    }

    fn read_inline_response(&mut self, node: &Node, rust: &str, flat: bool) -> Response {
        let name = format!("{rust}Response");
        let ty = self
            .types
            .add_inline(self.module, name.clone(), Shape::Object, node.origin);
        let context = super::field::FieldContext {
            type_prefix: &name,
            place: crate::model::Place::Body,
            multipart: false,
        };
        let fields = self.read_fields(node, &context);
        self.check_distinct_members(&fields);
        for field in fields.iter().filter(|_| flat) {
            self.check_not_in_envelope(field, field.origin, "remove the field");
        }
        self.types.define(ty, None, TypeKind::Object(fields));
        Response::Json { ty, flat }
    }

    /// Reports a field of a flat response that collides with the envelope.
    fn check_not_in_envelope(&mut self, field: &Field, origin: Origin, help: &'static str) {
        if ENVELOPE_KEYS.contains(&field.key.as_str()) {
            let key = quote(&field.key);
            let message = format!("{key} in a flat response collides with the envelope");
            self.report_with_help(finding::ENVELOPE_FIELD, origin, message, help);
        }
    }

    fn read_download(&mut self, node: &Node, endpoint: &Entries<'_>) -> Option<Binary> {
        let entries = self.expect_known_keys(node, format::DOWNLOAD.names)?;
        Some(Binary {
            ranges: self.read_optional(&entries, "ranges", Self::read_flag).unwrap_or(false),
            max_bytes: self.read_optional(&entries, "max_bytes", Self::read_byte_count),
            headers: self
                .read_optional(&entries, "headers", |reader, node| {
                    let headers = reader.expect_mapping(node)?;
                    Some(
                        headers
                            .iter()
                            .filter_map(|(key, node)| {
                                reader.at_key(&key.text, |reader| reader.read_response_header(key, node, endpoint))
                            })
                            .collect(),
                    )
                })
                .unwrap_or_default(),
        })
    }

    fn read_response_header(&mut self, key: &Key, node: &Node, endpoint: &Entries<'_>) -> Option<ResponseHeader> {
        if !names::is_header_name(&key.text) || key.text.bytes().any(|b| b.is_ascii_uppercase()) {
            let message = format!("invalid header name {}: expected lower-case ASCII", quote(&key.text));
            self.report(finding::HEADER_NAME, key.origin, message);
        }
        let entries = self.expect_known_keys(node, format::RESPONSE_HEADER.names)?;
        let needs = self.read_optional(&entries, "needs", Self::read_text);
        if let Some(needs) = &needs
            && !has_fixed_header(endpoint, needs)
        {
            let message = format!("{} is not a fixed header of the request", quote(needs));
            self.report(finding::HEADER_NEEDS, entries.origin_of("needs"), message);
        }
        Some(ResponseHeader {
            name: key.text.clone(),
            doc: self.read_optional(&entries, "doc", Self::read_line),
            needs,
        })
    }

    /// Reads a number of bytes, or `100 MB`: units are powers of 1024.
    pub(super) fn read_byte_count(&mut self, node: &Node) -> Option<u64> {
        if let Value::Text(text) = &node.value
            && let Some((number, unit)) = text.split_once(' ')
            && let Some((_, factor)) = BYTE_UNITS.iter().find(|(name, _)| *name == unit)
            && number.bytes().all(|b| b.is_ascii_digit())
            && let Some(bytes) = number.parse().ok().and_then(|number: u64| number.checked_mul(*factor))
        {
            return Some(bytes);
        }
        if matches!(node.value, Value::Text(_)) {
            return self.report_mismatch(node, "a number of bytes, such as `104857600` or `100 MB` (KB, MB, GB)");
        }
        self.read_count(node)
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
