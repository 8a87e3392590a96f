//! Schemas: of types and fields, and of the envelope around every JSON response.

use serde_json::{Map, Value, json};

use super::super::number;
use crate::model::{Api, Bounds, Field, FileAttribute, SecondSource, TimeFormat, Type, TypeId};

/// Returns a reference to a named type.
pub(super) fn reference(api: &Api, id: TypeId) -> Value {
    component(&api.type_name(id))
}

/// Returns a reference to a component schema.
pub(super) fn component(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Returns an object with these fields. Additional keys are allowed: the platform ignores them in requests and adds some to
/// responses.
pub(super) fn object_schema<'a>(api: &Api, fields: impl Iterator<Item = &'a Field> + Clone) -> Value {
    let properties: Map<_, _> = fields
        .clone()
        .map(|field| (field.key.clone(), property(api, field)))
        .collect();
    stated(json!({
        "type": "object",
        "properties": properties,
        "required": fields.filter(|field| field.required).map(|field| &field.key).collect::<Vec<_>>(),
    }))
}

/// Returns a field of a JSON object. An optional field may be null, which equals its absence.
fn property(api: &Api, field: &Field) -> Value {
    let schema = described_schema(field, value_schema(api, field));
    if field.required { schema } else { nullable(schema) }
}

/// Returns a schema with the documentation of its field.
pub(super) fn described_schema(field: &Field, value: Value) -> Value {
    let facts = stated(json!({
        "description": field_description(field),
        "deprecated": field.deprecated.as_ref().map(|_| true),
        "x-scopes": field.scopes,
        "x-documented-by": field.source.map(SecondSource::as_str),
        "x-timestamp": field.time.map(TimeFormat::as_str),
        "x-of-file": field.of_file.map(FileAttribute::as_str),
    }));
    merged(value, facts)
}

/// Returns the schema of a field outside JSON, where values are text. An empty text equals an absent value, so a required
/// text and each text of a list is not empty.
pub(super) fn text_schema(api: &Api, field: &Field) -> Value {
    let mut schema = value_schema(api, field);
    if field.required && field.ty == Type::String && field.bounds.min_length.is_none() {
        schema["minLength"] = json!(1);
    }
    if matches!(&field.ty, Type::List(element) if **element == Type::String) {
        schema["items"]["minLength"] = json!(1);
    }
    schema
}

/// Returns the schema of the value of a field: type, bounds and format.
fn value_schema(api: &Api, field: &Field) -> Value {
    let facts = stated(json!({
        "default": field.default,
        "examples": field.example.iter().collect::<Vec<_>>(),
        "format": field.secret.then_some("password"),
        "pattern": field.pattern,
    }));
    let bounded = merged(type_schema(api, &field.ty), bounds(&field.ty, &field.bounds));
    merged(bounded, facts)
}

/// Returns the documentation of a field, including its deprecation.
pub(super) fn field_description(field: &Field) -> Option<String> {
    let reason = field.deprecated.as_ref().map(|reason| format!("Deprecated: {reason}"));
    let texts: Vec<_> = field.doc.iter().chain(&reason).map(String::as_str).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

fn type_schema(api: &Api, ty: &Type) -> Value {
    match ty {
        Type::String => json!({ "type": "string" }),
        Type::Int => json!({ "type": "integer", "format": "int64" }),
        Type::Float => json!({ "type": "number", "format": "double" }),
        Type::Bool => json!({ "type": "boolean" }),
        Type::Any => json!({}),
        Type::File => json!({ "type": "string", "format": "binary" }),
        Type::List(item) => json!({ "type": "array", "items": type_schema(api, item) }),
        Type::Map(value) => json!({ "type": "object", "additionalProperties": type_schema(api, value) }),
        Type::Named(id) => reference(api, *id),
    }
}

fn bounds(ty: &Type, bounds: &Bounds) -> Value {
    let (least, most) = match ty {
        Type::Map(_) => ("minProperties", "maxProperties"),
        _ => ("minItems", "maxItems"),
    };
    stated(json!({
        "minimum": bounds.min.map(number),
        "maximum": bounds.max.map(number),
        "minLength": bounds.min_length,
        "maxLength": bounds.max_length,
        least: bounds.min_items,
        most: bounds.max_items,
        "x-min-bytes": bounds.min_bytes,
        "x-max-bytes": bounds.max_bytes,
    }))
}

fn nullable(mut schema: Value) -> Value {
    if let Some(reference) = schema.get("$ref").cloned() {
        let any = json!({ "anyOf": [{ "$ref": reference }, { "type": "null" }] });
        let rest = schema.as_object_mut().map(std::mem::take).unwrap_or_default();
        let rest = rest.into_iter().filter(|(key, _)| key != "$ref").collect();
        return merged(any, rest);
    }
    if let Some(ty) = schema.get_mut("type") {
        *ty = json!([ty.take(), "null"]);
    }
    schema
}

/// Returns one object with the keys of both.
fn merged(mut object: Value, more: Value) -> Value {
    if let (Value::Object(entries), Value::Object(more)) = (&mut object, more) {
        entries.extend(more);
    }
    object
}

/// Returns the object without null values and empty lists.
pub(super) fn stated(object: Value) -> Value {
    match object {
        Value::Object(entries) => entries.into_iter().filter(|(_, value)| is_stated(value)).collect(),
        other => other,
    }
}

fn is_stated(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(elements) => !elements.is_empty(),
        _ => true,
    }
}

/// The schema of the envelope of a success.
pub(super) const SUCCESS: &str = "Success";
/// The schema of the envelope of an error.
pub(super) const FAILURE: &str = "Failure";

/// The same for responses in the format of OAuth.
pub(super) const OAUTH_SUCCESS: &str = "OAuthSuccess";
pub(super) const OAUTH_FAILURE: &str = "OAuthFailure";

/// Returns the header of every response with the id of the call for the platform's support.
pub(super) fn log_id_header() -> (String, Value) {
    header_reference("X-Tt-Logid")
}

/// Returns the headers of a response with status 429.
pub(super) fn rate_limit_headers() -> [(String, Value); 2] {
    [
        header_reference("x-ogw-ratelimit-limit"),
        header_reference("x-ogw-ratelimit-reset"),
    ]
}

fn header_reference(name: &str) -> (String, Value) {
    (
        name.to_owned(),
        json!({ "$ref": format!("#/components/headers/{name}") }),
    )
}

/// Returns a successful response.
pub(super) fn success_response(schema: Value) -> Value {
    json!({
        "description": "Success.",
        "headers": Map::from_iter([log_id_header()]),
        "content": { "application/json": { "schema": schema } },
    })
}

/// Returns the shared headers.
pub(super) fn header_components() -> Value {
    let whole = json!({ "type": "integer" });
    json!({
        "X-Tt-Logid": { "description": "Id of the call for the platform's support.", "schema": { "type": "string" } },
        "x-ogw-ratelimit-limit": { "description": "Number of calls in the window.", "schema": whole },
        "x-ogw-ratelimit-reset": { "description": "Seconds until the window resets.", "schema": whole },
    })
}

/// Returns the schemas of the envelope.
pub(super) fn envelope_schemas() -> [(String, Value); 4] {
    let success = json!({
        "type": "object",
        "required": ["code", "msg"],
        "properties": { "code": { "type": "integer", "const": 0 }, "msg": { "type": "string" } },
    });
    let failure = json!({
        "type": "object",
        "required": ["code", "msg"],
        "properties": {
            "code": { "type": "integer", "format": "int64", "not": { "const": 0 } },
            "msg": { "type": "string" },
            "error": error_details(),
        },
    });
    let [oauth_success, oauth_failure] = oauth_schemas();
    [
        (SUCCESS.to_owned(), success),
        (FAILURE.to_owned(), failure),
        (OAUTH_SUCCESS.to_owned(), oauth_success),
        (OAUTH_FAILURE.to_owned(), oauth_failure),
    ]
}

/// Returns the schemas of OAuth responses, in the same order.
fn oauth_schemas() -> [Value; 2] {
    let success = json!({
        "type": "object",
        "required": ["code"],
        "properties": { "code": { "type": "integer", "const": 0 } },
    });
    let failure = json!({
        "type": "object",
        "required": ["code", "error"],
        "properties": {
            "code": { "type": "integer", "format": "int64", "not": { "const": 0 } },
            "error": { "type": "string", "description": "An error code of RFC 6749." },
            "error_description": { "type": "string" },
        },
    });
    [success, failure]
}

/// Returns the schema of the details of an error.
fn error_details() -> Value {
    let texts = |keys: &[&str]| {
        let properties = keys.iter().map(|key| ((*key).to_owned(), json!({ "type": "string" })));
        json!({ "type": "object", "properties": properties.collect::<Map<_, _>>() })
    };
    json!({
        "type": ["object", "null"],
        "properties": {
            "message": { "type": "string" },
            "log_id": { "type": "string" },
            "troubleshooter": { "type": "string", "description": "Link to the platform's help for this error." },
            "field_violations": {
                "type": "array",
                "description": "Invalid fields.",
                "items": texts(&["field", "value", "description"]),
            },
            "permission_violations": {
                "type": "array",
                "description": "Scopes, one of which is missing.",
                "items": texts(&["scope", "url", "type", "subject", "description"]),
            },
            "helps": { "type": "array", "items": texts(&["url", "description"]) },
        },
    })
}
