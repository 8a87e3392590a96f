//! What a request consists of: path, parameters, body and tokens.

use serde_json::{Map, Value, json};

use super::schema::{described_schema, field_description, object_schema, stated, text_schema};
use crate::model::{Api, Body, Endpoint, Field, FixedHeader, Place, Response, TokenKind, Type};

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
    fields.chain(fixed.map(fixed_header)).chain(range(endpoint)).collect()
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
    let key = if header.required { "const" } else { "default" };
    stated(json!({
        "name": header.name,
        "in": "header",
        "required": header.required.then_some(true),
        "description": header.doc,
        "schema": { "type": "string", key: header.value },
    }))
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
    let required = fields.clone().any(|field| field.required);
    let (media_type, content) = match endpoint.body {
        Body::None => return None,
        Body::Json => (
            json_media_type(endpoint),
            json!({ "schema": object_schema(api, fields) }),
        ),
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
