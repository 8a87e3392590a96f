//! The body of a call.

use serde_json::{Map, Value, json};

use super::schema;
use super::stated::stated;
use crate::model::{Api, Body, Endpoint, Field, Place, Type};

/// The body, where there is one.
pub(super) fn json(api: &Api, endpoint: &Endpoint) -> Option<Value> {
    let fields = endpoint.fields.iter().filter(|field| field.place == Place::Body);
    let required = fields.clone().any(|field| field.required);
    let (media_type, content) = match endpoint.body {
        Body::None => return None,
        Body::Json => (
            json_media_type(endpoint),
            json!({ "schema": schema::object(api, fields) }),
        ),
        Body::Multipart => ("multipart/form-data", multipart(api, fields)),
    };
    Some(json!({ "required": required, "content": { media_type: content } }))
}

/// The media type that the endpoint asks for.
fn json_media_type(endpoint: &Endpoint) -> &str {
    let mut headers = endpoint.fixed_headers.iter();
    let fixed = headers.find(|header| header.name.eq_ignore_ascii_case("content-type"));
    fixed.map_or("application/json", |header| header.value.as_str())
}

/// The name of a part travels in a header, which carries no control characters.
const PART_NAME: &str = r"^[^\u0000-\u001f\u007f]*$";

/// A part for each field, and for each value of a list. No part is null.
fn multipart<'a>(api: &Api, fields: impl Iterator<Item = &'a Field> + Clone) -> Value {
    let parts: Map<_, _> = fields
        .clone()
        .map(|field| (field.key.clone(), schema::described(field, schema::text(api, field))))
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
