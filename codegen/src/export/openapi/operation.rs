//! An operation: path, parameters, body and tokens of the request, and the responses by HTTP status.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::error_json;
use super::schema::{
    FAILURE, OAUTH_FAILURE, OAUTH_SUCCESS, SUCCESS, component, described_schema, field_description, log_id_header,
    object_schema, rate_limit_headers, reference, stated, success_response, text_schema,
};
use crate::model::{
    Api, Binary, Body, Endpoint, ErrorEntry, Field, FixedField, FixedHeader, Place, Response, ResponseHeader,
    TokenKind, Type, TypeId, TypeKind,
};

/// The path of the endpoint whose parameter names apply to every endpoint with the same path shape.
#[derive(Clone, Copy)]
pub(super) struct Template<'a>(pub(super) &'a Endpoint);

impl Template<'_> {
    /// Returns the path in OpenAPI syntax.
    pub(super) fn text(self) -> String {
        let segments = self.0.path.split('/').map(|segment| match segment.strip_prefix(':') {
            Some(name) => format!("{{{name}}}"),
            None => segment.to_owned(),
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// Returns the name in this template of the parameter `key` of `endpoint`.
    pub(super) fn name<'s>(&'s self, endpoint: &'s Endpoint, key: &'s str) -> &'s str {
        let place = path_parameters(&endpoint.path).position(|name| name == key);
        place
            .and_then(|place| path_parameters(&self.0.path).nth(place))
            .unwrap_or(key)
    }
}

fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix(':'))
}

/// Returns the path without the names of its parameters.
pub(super) fn path_shape(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|segment| if segment.starts_with(':') { ":" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

pub(super) fn parameters(api: &Api, endpoint: &Endpoint, template: Template<'_>) -> Vec<Value> {
    let fields = endpoint.fields.iter().filter_map(|field| {
        let (place, name) = match field.place {
            Place::Path => ("path", template.name(endpoint, &field.key)),
            Place::Query => ("query", field.key.as_str()),
            Place::Header => ("header", field.key.as_str()),
            Place::Body => return None,
        };
        Some(parameter(api, field, place, name))
    });
    let fixed = endpoint
        .fixed_headers
        .iter()
        .filter(|header| !is_body_media_type(endpoint, header));
    let in_query = endpoint.fixed_fields.iter().filter(|field| field.place == Place::Query);
    fields
        .chain(fixed.map(fixed_header))
        .chain(in_query.map(fixed_parameter))
        .chain(range(endpoint))
        .collect()
}

/// Returns whether the header is the media type of the body.
fn is_body_media_type(endpoint: &Endpoint, header: &FixedHeader) -> bool {
    endpoint.body != Body::None && header.name.eq_ignore_ascii_case("content-type")
}

fn parameter(api: &Api, field: &Field, place: &str, name: &str) -> Value {
    let repeated = matches!(field.ty, Type::List(_));
    stated(json!({
        "name": name,
        "in": place,
        "required": field.required.then_some(true),
        "description": field_description(field),
        "deprecated": field.deprecated.as_ref().map(|_| true),
        // The defaults of OpenAPI, stated explicitly: a list repeats its key for each value.
        "style": (repeated && field.place == Place::Query).then_some("form"),
        "explode": (repeated && field.place == Place::Query).then_some(true),
        "schema": text_schema(api, field),
        "x-scopes": field.scopes,
    }))
}

/// Returns a header with one value. The platform accepts others if the header is optional.
fn fixed_header(header: &FixedHeader) -> Value {
    // Some client generators know no `const` in a header.
    let schema = if header.required {
        json!({ "type": "string", "enum": [header.value] })
    } else {
        json!({ "type": "string", "default": header.value })
    };
    stated(json!({
        "name": header.name,
        "in": "header",
        "required": header.required.then_some(true),
        "description": header.doc,
        "schema": schema,
    }))
}

fn fixed_parameter(field: &FixedField) -> Value {
    stated(json!({
        "name": field.key,
        "in": "query",
        "required": true,
        "description": field.doc,
        "schema": fixed_schema(field),
    }))
}

/// Returns the schema of one value, as an enum: some client generators know no `const`.
fn fixed_schema(field: &FixedField) -> Value {
    let ty = match field.value {
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        _ => "string",
    };
    json!({ "type": ty, "enum": [field.value] })
}

/// Adds the constant fields to the schema of a body.
fn add_fixed_fields(schema: &mut Value, endpoint: &Endpoint) {
    for field in endpoint.fixed_fields.iter().filter(|field| field.place == Place::Body) {
        let mut property = fixed_schema(field);
        if let Some(doc) = &field.doc {
            property["description"] = json!(doc);
        }
        schema["properties"][&field.key] = property;
        match schema["required"].as_array_mut() {
            Some(required) => required.push(json!(field.key)),
            None => schema["required"] = json!([field.key]),
        }
    }
}

/// Returns the header that requests a range of a download.
fn range(endpoint: &Endpoint) -> Option<Value> {
    let Response::Binary(binary) = &endpoint.response else {
        return None;
    };
    binary.ranges.then(|| {
        json!({
            "name": "Range",
            "in": "header",
            "description": "The requested range of the file; an invalid range is ignored.",
            "schema": { "type": "string", "examples": ["bytes=0-1023"] },
        })
    })
}

/// Returns the body, if the endpoint has one.
pub(super) fn request_body(api: &Api, endpoint: &Endpoint) -> Option<Value> {
    let fields = endpoint.fields.iter().filter(|field| field.place == Place::Body);
    let is_fixed = endpoint.fixed_fields.iter().any(|field| field.place == Place::Body);
    let required = is_fixed || fields.clone().any(|field| field.required);
    let (media_type, content) = match endpoint.body {
        Body::None => return None,
        Body::Json => {
            let mut schema = object_schema(api, fields);
            add_fixed_fields(&mut schema, endpoint);
            (json_media_type(endpoint), json!({ "schema": schema }))
        }
        Body::Multipart => ("multipart/form-data", multipart(api, fields)),
    };
    Some(json!({ "required": required, "content": { media_type: content } }))
}

/// Returns the media type of the body.
fn json_media_type(endpoint: &Endpoint) -> &str {
    let mut headers = endpoint.fixed_headers.iter();
    let fixed = headers.find(|header| header.name.eq_ignore_ascii_case("content-type"));
    fixed.map_or("application/json", |header| header.value.as_str())
}

/// Names of parts are sent in headers, which must not contain control characters.
const PART_NAME: &str = r"^[^\u0000-\u001f\u007f]*$";

/// Returns one part for each field, and for each value of a list. A part is never null.
fn multipart<'a>(api: &Api, fields: impl Iterator<Item = &'a Field> + Clone) -> Value {
    let parts: Map<_, _> = fields
        .clone()
        .map(|field| (field.key.clone(), described_schema(field, text_schema(api, field))))
        .collect();
    let lists = fields.clone().filter(|field| matches!(field.ty, Type::List(_)));
    let repeated: Map<_, _> = lists
        .map(|field| (field.key.clone(), json!({ "style": "form", "explode": true })))
        .collect();
    let schema = stated(json!({
        "type": "object",
        "properties": parts,
        "propertyNames": { "pattern": PART_NAME },
        "required": fields.filter(|field| field.required).map(|field| &field.key).collect::<Vec<_>>(),
    }));
    stated(json!({
        "schema": schema,
        "encoding": (!repeated.is_empty()).then_some(repeated),
    }))
}

const KINDS: [TokenKind; 3] = [TokenKind::Tenant, TokenKind::User, TokenKind::App];

/// Returns the security schemes.
pub(super) fn security_schemes() -> Value {
    KINDS
        .into_iter()
        .map(|kind| (scheme_name(kind).to_owned(), security_scheme(kind)))
        .collect()
}

/// Returns the accepted kinds of token, any of which suffices. If the spec does not state them, each of them or none is
/// allowed.
pub(super) fn security_requirements(tokens: Option<&[TokenKind]>) -> Value {
    let unknown = tokens.is_none().then(|| json!({}));
    let kinds = tokens.unwrap_or(&KINDS).iter();
    unknown
        .into_iter()
        .chain(kinds.map(|kind| json!({ scheme_name(*kind): [] })))
        .collect()
}

fn scheme_name(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Tenant => "tenant_access_token",
        TokenKind::User => "user_access_token",
        TokenKind::App => "app_access_token",
    }
}

fn security_scheme(kind: TokenKind) -> Value {
    let (format, description) = match kind {
        TokenKind::Tenant => ("t-...", "The app in one tenant."),
        TokenKind::User => ("u-...", "A user who has logged in."),
        TokenKind::App => ("a-...", "The app without a tenant."),
    };
    json!({ "type": "http", "scheme": "bearer", "bearerFormat": format, "description": description })
}

/// The status of errors without a specific status.
const BAD_REQUEST: u16 = 400;
const TOO_MANY_REQUESTS: u16 = 429;

pub(super) fn responses(api: &Api, endpoint: &Endpoint) -> Value {
    let mut responses = successes(api, endpoint);
    for (status, entries) in failures(endpoint) {
        let failure = error_response(status, &entries, endpoint.oauth);
        let response = match responses.remove(&status) {
            Some(success) => either(success, failure),
            None => failure,
        };
        responses.insert(status, response);
    }
    let entries = responses.into_iter();
    Value::Object(
        entries
            .map(|(status, response)| (status.to_string(), response))
            .collect::<Map<_, _>>(),
    )
}

fn successes(api: &Api, endpoint: &Endpoint) -> BTreeMap<u16, Value> {
    match &endpoint.response {
        Response::Json { ty, .. } if endpoint.oauth => {
            let response = [component(OAUTH_SUCCESS), reference(api, *ty)];
            BTreeMap::from([(200, success_response(json!({ "allOf": response })))])
        }
        Response::Empty => BTreeMap::from([(200, success_response(component(SUCCESS)))]),
        Response::Json { ty, flat } => BTreeMap::from([(200, success_response(enveloped(api, *ty, *flat)))]),
        Response::Binary(binary) => download_responses(binary),
    }
}

/// Returns the envelope with the response in `data`, or at the level of `code`.
fn enveloped(api: &Api, ty: TypeId, flat: bool) -> Value {
    let (success, response) = (component(SUCCESS), reference(api, ty));
    if flat {
        return json!({ "allOf": [success, response] });
    }
    let mut data = json!({ "type": "object", "properties": { "data": response } });
    if required_fields(api, ty).next().is_some() {
        data["required"] = json!(["data"]);
    }
    json!({ "allOf": [success, data] })
}

fn required_fields(api: &Api, ty: TypeId) -> impl Iterator<Item = &Field> {
    let fields = match &api.type_def(ty).kind {
        TypeKind::Object(fields) => fields.as_slice(),
        TypeKind::StringEnum(_) | TypeKind::IntEnum(_) => &[],
    };
    fields.iter().filter(|field| field.required)
}

/// Returns the documented errors by status. Every endpoint may reject a call, and may also limit the rate of calls unless
/// the spec states that it has no limit.
fn failures(endpoint: &Endpoint) -> BTreeMap<u16, Vec<&ErrorEntry>> {
    let mut failures = BTreeMap::from([(BAD_REQUEST, Vec::new())]);
    let limits = endpoint.limits.as_ref();
    if limits.is_none_or(|limits| limits.special || !limits.windows.is_empty()) {
        failures.insert(TOO_MANY_REQUESTS, Vec::new());
    }
    for entry in &endpoint.errors {
        failures.entry(entry.http).or_default().push(entry);
    }
    failures
}

/// Returns a response for a status of both success and errors.
fn either(mut success: Value, mut failure: Value) -> Value {
    let schema = |response: &mut Value| response["content"]["application/json"]["schema"].take();
    let schemas: Vec<_> = [schema(&mut success), schema(&mut failure)]
        .into_iter()
        .filter(|schema| !schema.is_null())
        .collect();
    success["content"]["application/json"]["schema"] = match schemas.as_slice() {
        [only] => only.clone(),
        _ => json!({ "anyOf": schemas }),
    };
    success["description"] = json!(format!(
        "{}\n\nOr: {}",
        description_of(&success),
        description_of(&failure)
    ));
    success["x-errors"] = failure["x-errors"].take();
    success
}

fn description_of(response: &Value) -> &str {
    response["description"].as_str().unwrap_or_default()
}

/// Returns the successful responses of a download, and 416.
fn download_responses(binary: &Binary) -> BTreeMap<u16, Value> {
    let mut responses = BTreeMap::from([(200, bytes(binary, "The file.", None))]);
    if binary.ranges {
        let part = bytes(
            binary,
            "The requested range of the file.",
            Some("The range, as `bytes first-last/length`."),
        );
        responses.insert(206, part);
        responses.insert(416, unsatisfiable_range());
    }
    responses
}

/// Returns a response of bytes; only the response states their media type.
fn bytes(binary: &Binary, description: &str, range: Option<&str>) -> Value {
    let documented = binary.headers.iter().map(|entry| (entry.name.clone(), header(entry)));
    let range = range.map(|doc| ("content-range".to_owned(), content_range(doc)));
    let headers: Map<_, _> = [log_id_header()].into_iter().chain(documented).chain(range).collect();
    let file = json!({ "schema": { "type": "string", "format": "binary" } });
    stated(json!({
        "description": description,
        "headers": headers,
        // Client generators know no `*/*`, of which every other media type is.
        "content": { "application/octet-stream": file, "*/*": file },
        "x-max-bytes": binary.max_bytes,
    }))
}

fn unsatisfiable_range() -> Value {
    let headers = Map::from_iter([
        log_id_header(),
        (
            "content-range".to_owned(),
            content_range("The length of the file, as `bytes */length`."),
        ),
    ]);
    json!({ "description": "The requested range is outside the file.", "headers": headers })
}

fn content_range(doc: &str) -> Value {
    json!({ "description": doc, "required": true, "schema": { "type": "string" } })
}

/// Returns a documented header, which is optional.
fn header(entry: &ResponseHeader) -> Value {
    stated(json!({ "description": entry.doc, "schema": { "type": "string" }, "x-needs": entry.needs }))
}

/// Returns the response of a status with these documented errors.
fn error_response(status: u16, entries: &[&ErrorEntry], oauth: bool) -> Value {
    let rate_limit = (status == 429).then(rate_limit_headers).into_iter().flatten();
    let headers: Map<_, _> = [log_id_header()].into_iter().chain(rate_limit).collect();
    let mut response = json!({
        "description": error_description(status, entries),
        "headers": headers,
        "content": { "application/json": { "schema": failure(oauth) } },
    });
    if !entries.is_empty() {
        response["x-errors"] = entries.iter().map(|entry| error_json(entry)).collect();
    }
    response
}

/// Returns the schema of an error. The documented codes are in the description and in `x-errors`: client generators drop
/// responses whose schema lists them, and other codes are possible.
fn failure(oauth: bool) -> Value {
    if oauth {
        // Errors of the gateway have the usual format.
        json!({ "anyOf": [component(OAUTH_FAILURE), component(FAILURE)] })
    } else {
        component(FAILURE)
    }
}

/// Returns a list of the documented errors in Markdown.
fn error_description(status: u16, entries: &[&ErrorEntry]) -> String {
    let summary = match status {
        429 => "Rate limit exceeded.",
        500.. => "An error of the platform.",
        _ => "The call was rejected; `code` and `msg` state the reason.",
    };
    let lines = entries.iter().filter_map(|entry| line(entry)).collect::<Vec<_>>();
    if lines.is_empty() {
        summary.to_owned()
    } else {
        format!("{summary}\n\n{}", lines.join("\n"))
    }
}

/// Returns the code and the documentation of an error; `x-errors` has the platform's message.
fn line(entry: &ErrorEntry) -> Option<String> {
    let code = entry.code.map(|code| format!("`{code}`"));
    let parts: Vec<_> = code.into_iter().chain(entry.doc.clone()).collect();
    (!parts.is_empty()).then(|| format!("- {}", parts.join(" ")))
}
