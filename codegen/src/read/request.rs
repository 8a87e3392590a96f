//! Reads the request of an endpoint: method, path, query, headers, body, idempotency and upload in parts.

use super::Reader;
use super::field::{FieldContext, is_path_parameter};
use super::value::{Entries, child, suggest_nearest};
use crate::characters::quote;
use crate::model::{Binary, Body, Field, FixedField, FixedHeader, Method, Place, Response, Step, Type, Upload};
use crate::yaml::{Key, Node, Value};
use crate::{finding, format};

/// The request of an endpoint.
pub(super) struct Request {
    pub fixed_headers: Vec<FixedHeader>,
    pub fixed_fields: Vec<FixedField>,
    pub fields: Vec<Field>,
    pub body: Body,
}

impl Reader<'_> {
    pub(super) fn read_request(&mut self, entries: &Entries<'_>, rust: &str, target: Option<&Route>) -> Request {
        let mut fields = self.read_path_fields(entries, rust, target);
        fields.extend(self.read_query_fields(entries, rust));
        let headers = self
            .read_optional(entries, "headers", |reader, node| Some(reader.read_headers(node, rust)))
            .unwrap_or_default();
        fields.extend(headers.fields);
        let (body, body_fields) = self.read_body(entries, rust, target);
        fields.extend(body_fields);
        let fixed_fields = [("query", Place::Query), ("body", Place::Body)];
        let fixed_fields = fixed_fields.map(|(key, place)| self.read_fixed_fields(entries, key, place));
        self.check_multipart_content_type(&headers.fixed, body, entries);
        Request {
            fixed_headers: headers.fixed,
            fixed_fields: fixed_fields.into_iter().flatten().collect(),
            fields,
            body,
        }
    }

    /// Reads the query parameters or body fields with `fixed:`.
    fn read_fixed_fields(&mut self, entries: &Entries<'_>, key: &str, place: Place) -> Vec<FixedField> {
        let Some(Value::Map(fields)) = entries.get(key).map(|node| &node.value) else {
            return Vec::new();
        };
        let fixed = fields.iter().filter(|(_, node)| is_fixed(node));
        self.at_key(key, |reader| {
            fixed
                .filter_map(|(key, node)| reader.at_key(&key.text, |reader| reader.read_fixed_field(key, node, place)))
                .collect()
        })
    }

    fn read_fixed_field(&mut self, key: &Key, node: &Node, place: Place) -> Option<FixedField> {
        self.check_wire_key(key, place);
        let entries = self.expect_known_keys(node, format::FIXED_FIELD.names)?;
        Some(FixedField {
            key: key.text.clone(),
            place,
            value: self.read_required_key(&entries, "fixed", Self::read_fixed_value)?,
            doc: self.read_optional(&entries, "doc", Self::read_line),
            origin: key.origin,
        })
    }

    /// Reports a `Range` field if the SDK adds one itself.
    pub(super) fn check_range_header(&mut self, binary: &Binary, request: &Request) {
        let named = |field: &&Field| field.key.eq_ignore_ascii_case("range");
        if let Some(field) = request.fields.iter().filter(|_| binary.ranges).find(named) {
            let message = "`download: { ranges: true }` already declares this header";
            self.report_with_help(finding::CLIENT_HEADER, field.origin, message, "remove the field");
        }
    }
}

/// The value of `http:`.
pub(super) struct Route {
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
    pub(super) fn read_route(&mut self, node: &Node) -> Option<Route> {
        let text = self.read_text(node)?;
        let (word, path) = text.split_once(' ').unwrap_or((&text, ""));
        let Some((_, method)) = METHODS.iter().find(|(name, _)| *name == word) else {
            let message = format!("unknown HTTP method {}", quote(word));
            let help = "write `GET /open-apis/...` with GET, POST, PUT, PATCH or DELETE";
            self.report_with_help(finding::HTTP_METHOD, node.origin, message, help);
            return None;
        };
        if let Some(error) = find_path_error(path) {
            let message = format!("invalid path {}: {error}", quote(path));
            self.report(finding::URL_PATH, node.origin, message);
            return None;
        }
        Some(Route {
            method: *method,
            path: path.to_owned(),
        })
    }

    /// Reads the path parameters and compares them with the path.
    pub(super) fn read_path_fields(&mut self, entries: &Entries<'_>, rust: &str, target: Option<&Route>) -> Vec<Field> {
        let fields = self.read_fields_at(entries, "path", Place::Path, rust);
        let Some(target) = target else { return fields };
        for parameter in path_parameters(&target.path) {
            if !fields.iter().any(|field| field.key == parameter) {
                let message = format!("the path parameter `:{parameter}` is not declared under `path:`");
                let origin = entries.origin_of("http");
                self.report(finding::PATH_PARAMETER_UNDECLARED, origin, message);
            }
        }
        // An invalid parameter name has been reported already.
        for field in fields.iter().filter(|field| is_path_parameter(&field.key)) {
            if !path_parameters(&target.path).any(|parameter| parameter == field.key) {
                let message = format!(
                    "the path {} does not contain the parameter `:{}`",
                    quote(&target.path),
                    field.key
                );
                self.report(finding::PATH_PARAMETER_UNUSED, field.origin, message);
            }
        }
        fields
    }

    /// Reads the query parameters.
    pub(super) fn read_query_fields(&mut self, entries: &Entries<'_>, rust: &str) -> Vec<Field> {
        self.read_fields_at(entries, "query", Place::Query, rust)
    }

    /// Reads `body:` or `multipart:`.
    pub(super) fn read_body(
        &mut self,
        entries: &Entries<'_>,
        rust: &str,
        target: Option<&Route>,
    ) -> (Body, Vec<Field>) {
        let key = match (entries.get("body"), entries.get("multipart")) {
            (None, None) => return (Body::None, Vec::new()),
            (Some(_), Some(_)) => {
                let message = "`body:` and `multipart:` are mutually exclusive";
                self.report(finding::TWO_BODIES, entries.origin_of("multipart"), message);
                "body"
            }
            (Some(_), None) => "body",
            (None, Some(_)) => "multipart",
        };
        if target.is_some_and(|target| target.method == Method::Get) {
            let help = "check whether the page means query parameters; if it means a body, allow this with a reason";
            self.report_with_help(
                finding::BODY_ON_GET,
                entries.origin_of(key),
                "a GET request has a body",
                help,
            );
        }
        let kind = if key == "body" { Body::Json } else { Body::Multipart };
        (kind, self.read_fields_at(entries, key, Place::Body, rust))
    }

    fn read_fields_at(&mut self, entries: &Entries<'_>, key: &str, place: Place, type_prefix: &str) -> Vec<Field> {
        let context = FieldContext {
            type_prefix,
            place,
            multipart: key == "multipart",
        };
        let is_field = |node: &Node| !matches!(key, "query" | "body") || !is_fixed(node);
        self.read_optional(entries, key, |reader, node| {
            Some(reader.read_fields_if(node, &context, is_field))
        })
        .unwrap_or_default()
    }
}

/// Returns whether a query parameter or body field has a constant value.
fn is_fixed(node: &Node) -> bool {
    child(node, "fixed").is_some()
}

/// Returns the parameter names of a path.
fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix(':'))
}

/// Returns why a path is invalid: anything that could make the URL differ from what the path shows.
pub(crate) fn find_path_error(path: &str) -> Option<String> {
    let Some(rest) = path.strip_prefix('/') else {
        return Some("it must start with `/`".to_owned());
    };
    // Some paths of the platform end with a slash.
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let mut seen = Vec::new();
    for segment in rest.split('/') {
        if segment.is_empty() {
            return Some("empty segment".to_owned());
        }
        let valid = match segment.strip_prefix(':') {
            Some(name) => is_path_parameter(name),
            None => is_segment(segment),
        };
        if !valid {
            let segment = quote(segment);
            return Some(format!("segment {segment} is neither a plain name nor a `:parameter`"));
        }
        if segment.starts_with(':') && seen.contains(&segment) {
            return Some(format!("duplicate parameter {}", quote(segment)));
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

/// The value of `headers:`.
#[derive(Default)]
pub(super) struct Headers {
    pub fixed: Vec<FixedHeader>,
    pub fields: Vec<Field>,
}

impl Reader<'_> {
    /// Reads `headers:` of the endpoint whose request type is `rust`.
    pub(super) fn read_headers(&mut self, node: &Node, rust: &str) -> Headers {
        let mut headers = Headers::default();
        let context = FieldContext {
            type_prefix: rust,
            place: Place::Header,
            multipart: false,
        };
        let mut seen: Vec<String> = Vec::new();
        for (key, node) in self.expect_mapping(node).unwrap_or_default() {
            let folded = key.text.to_ascii_lowercase();
            if seen.contains(&folded) {
                let message = format!("duplicate header {}", quote(&key.text));
                self.report(finding::DUPLICATE_HEADER, key.origin, message);
            }
            seen.push(folded);
            self.at_key(&key.text, |reader| {
                if child(node, "fixed").is_some() {
                    headers.fixed.extend(reader.read_fixed_header(key, node));
                } else {
                    headers.fields.extend(reader.read_field(key, node, &context));
                }
            });
        }
        headers
    }

    fn read_fixed_header(&mut self, key: &Key, node: &Node) -> Option<FixedHeader> {
        self.check_header_name(&key.text, key.origin);
        let entries = self.expect_known_keys(node, format::FIXED_HEADER.names)?;
        let value = self.read_required_key(&entries, "fixed", |reader, node| {
            let expected = "printable ASCII without surrounding spaces";
            reader.read_pattern(node, finding::HEADER_VALUE, expected, is_header_value)
        })?;
        Some(FixedHeader {
            name: key.text.clone(),
            value,
            required: self
                .read_optional(&entries, "required", Self::read_flag)
                .unwrap_or(false),
            doc: self.read_optional(&entries, "doc", Self::read_line),
        })
    }

    /// Reports a fixed Content-Type with a multipart body: the client sets it with the boundary.
    pub(super) fn check_multipart_content_type(&mut self, fixed: &[FixedHeader], body: Body, entries: &Entries<'_>) {
        let stated = fixed
            .iter()
            .any(|header| header.name.eq_ignore_ascii_case("content-type"));
        if stated && body == Body::Multipart {
            let message = "the client sets the Content-Type of a multipart body";
            let origin = entries.origin_of("headers");
            self.report_with_help(
                finding::CLIENT_HEADER,
                origin,
                message,
                "remove the Content-Type header",
            );
        }
    }
}

fn is_header_value(text: &str) -> bool {
    text.trim() == text && text.bytes().all(|b| (b' '..=b'~').contains(&b))
}

/// Whether and how a request can be retried.
#[derive(Default)]
pub(super) struct Idempotency {
    pub idempotency: Option<String>,
    pub repeatable: bool,
}

impl Reader<'_> {
    /// Reads `idempotency:`, which names one of these fields, and `repeatable:`.
    pub(super) fn read_idempotency(
        &mut self,
        entries: &Entries<'_>,
        target: Option<&Route>,
        fields: &[Field],
    ) -> Idempotency {
        let idempotency = self.read_optional(entries, "idempotency", |reader, node| {
            reader.read_idempotency_field(node, fields)
        });
        let repeatable = self.read_optional(entries, "repeatable", Self::read_flag) == Some(true);
        for key in ["idempotency", "repeatable"] {
            if entries.get(key).is_some() && target.is_some_and(|target| target.method == Method::Get) {
                let message = format!("`{key}:` does not apply to GET, which is idempotent");
                self.report_with_help(
                    finding::KEY_NOT_APPLICABLE,
                    entries.origin_of(key),
                    message,
                    "remove the key",
                );
            }
        }
        if repeatable && entries.get("idempotency").is_some() {
            let message = "`repeatable: true` and `idempotency:` are mutually exclusive";
            let origin = entries.origin_of("idempotency");
            self.report_with_help(finding::KEY_NOT_APPLICABLE, origin, message, "remove one of them");
        }
        Idempotency {
            idempotency,
            repeatable,
        }
    }

    fn read_idempotency_field(&mut self, node: &Node, fields: &[Field]) -> Option<String> {
        let name = self.read_text(node)?;
        let fits = |field: &&Field| matches!(field.place, Place::Query | Place::Body) && field.ty == Type::String;
        if fields.iter().filter(fits).any(|field| field.key == name) {
            return Some(name);
        }
        let known: Vec<&str> = fields.iter().filter(fits).map(|field| field.key.as_str()).collect();
        let message = format!("no string field {} in the query or body", quote(&name));
        let help = suggest_nearest(&name, &known, || match known.as_slice() {
            [] => "declare it under `query:` or `body:` with the type `string`".to_owned(),
            known => format!("available string fields: {}", known.join(", ")),
        });
        self.report_with_help(finding::IDEMPOTENCY_FIELD, node.origin, message, help);
        None
    }
}

impl Reader<'_> {
    /// Reads `upload:`. The names in it are resolved after all endpoints have been read.
    pub(super) fn read_upload(
        &mut self,
        entries: &Entries<'_>,
        request: &Request,
        response: Option<&Response>,
    ) -> Option<Upload> {
        let node = entries.get("upload")?;
        if !matches!(response, None | Some(Response::Json { .. })) {
            let message = "`upload:` requires a response with fields";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("upload"), message);
        }
        let mut files = request.fields.iter().filter(|field| field.ty == Type::File);
        if !matches!((files.next(), files.next()), (Some(file), None) if file.bounds.max_bytes.is_some()) {
            let message = "`upload:` requires a multipart body with exactly one file that has `max_bytes`";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("upload"), message);
        }
        self.at_key("upload", |reader| {
            let entries = reader.expect_known_keys(node, format::UPLOAD.names)?;
            let prepare = reader.read_required_key(&entries, "prepare", Self::read_upload_step);
            let part = reader.read_required_key(&entries, "part", Self::read_upload_step);
            let finish = reader.read_required_key(&entries, "finish", Self::read_upload_step);
            let mut named = |key: &str| reader.read_optional(&entries, key, Self::read_text);
            let [block_size, block_count, number] = ["block_size", "block_count", "number"].map(&mut named);
            Some(Upload {
                block_size: block_size.unwrap_or_else(|| "block_size".to_owned()),
                block_count: block_count.unwrap_or_else(|| "block_num".to_owned()),
                number: number.unwrap_or_else(|| "seq".to_owned()),
                restart: reader.read_list(&entries, "restart", |reader, node| {
                    reader.read_each(node, Self::read_error_code)
                }),
                prepare: prepare?,
                part: part?,
                finish: finish?,
                origin: node.origin,
            })
        })
    }

    fn read_upload_step(&mut self, node: &Node) -> Option<Step> {
        Some(Step {
            endpoint: self.read_endpoint_id(node)?,
            origin: node.origin,
        })
    }
}
