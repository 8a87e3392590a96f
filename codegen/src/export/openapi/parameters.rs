//! What travels in the path, the query and the headers.

use serde_json::{Value, json};

use super::paths::Template;
use super::schema;
use super::stated::stated;
use crate::model::{Api, Body, Endpoint, Field, FixedHeader, Place, Response, Type};

pub(super) fn json(api: &Api, endpoint: &Endpoint, template: Template<'_>) -> Vec<Value> {
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
        .filter(|header| !is_of_the_body(endpoint, header));
    fields.chain(fixed.map(fixed_header)).chain(range(endpoint)).collect()
}

/// Whether the body's media type says what the header says.
fn is_of_the_body(endpoint: &Endpoint, header: &FixedHeader) -> bool {
    endpoint.body != Body::None && header.name.eq_ignore_ascii_case("content-type")
}

fn parameter(api: &Api, field: &Field, place: &str, name: &str) -> Value {
    let repeated = matches!(field.ty, Type::List(_));
    stated(json!({
        "name": name,
        "in": place,
        "required": field.required.then_some(true),
        "description": schema::description(field),
        "deprecated": field.deprecated.as_ref().map(|_| true),
        // The defaults of OpenAPI, said aloud: a list repeats its key for each value.
        "style": (repeated && field.place == Place::Query).then_some("form"),
        "explode": (repeated && field.place == Place::Query).then_some(true),
        "schema": schema::text(api, field),
        "x-scopes": field.scopes,
    }))
}

/// A header with one value. The platform takes others too where it does not ask for the header.
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

/// The header that asks for a part of a download.
fn range(endpoint: &Endpoint) -> Option<Value> {
    let Response::Binary(binary) = &endpoint.response else {
        return None;
    };
    binary.ranges.then(|| {
        json!({
            "name": "Range",
            "in": "header",
            "description": "The part of the file that is asked for; what is no range of bytes is ignored.",
            "schema": { "type": "string", "examples": ["bytes=0-1023"] },
        })
    })
}
