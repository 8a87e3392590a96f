//! Types and fields as JSON Schema.

use serde_json::{Map, Value, json};

use super::stated::stated;
use crate::export::field::number;
use crate::export::types;
use crate::model::{Api, Bounds, Field, FileFact, Type, TypeId};

/// A reference to a named type.
pub(super) fn reference(api: &Api, id: TypeId) -> Value {
    component(&types::name(api, id))
}

/// A reference to a schema among the components.
pub(super) fn component(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// An object with these fields. Keys that it does not list are allowed: the platform ignores them in
/// a call and adds some to its answers.
pub(super) fn object<'a>(api: &Api, fields: impl Iterator<Item = &'a Field> + Clone) -> Value {
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

/// A field of a JSON object. An optional one may be null, which says no more than its absence.
fn property(api: &Api, field: &Field) -> Value {
    let schema = described(field, value(api, field));
    if field.required { schema } else { nullable(schema) }
}

/// A schema of a field's value with what else is known of the field.
pub(super) fn described(field: &Field, value: Value) -> Value {
    let facts = stated(json!({
        "description": description(field),
        "deprecated": field.deprecated.as_ref().map(|_| true),
        "x-scopes": field.scopes,
        "x-of-file": field.of_file.map(FileFact::as_str),
    }));
    merged(value, facts)
}

/// The value of a field that travels as text, outside of JSON. Where the field has to be there, an
/// empty text says no more than none, and it is never an element of a list.
pub(super) fn text(api: &Api, field: &Field) -> Value {
    let mut schema = value(api, field);
    if field.required && field.ty == Type::String && field.bounds.min_length.is_none() {
        schema["minLength"] = json!(1);
    }
    if matches!(&field.ty, Type::List(element) if **element == Type::String) {
        schema["items"]["minLength"] = json!(1);
    }
    schema
}

/// The value of a field: its type, its bounds and how it looks.
fn value(api: &Api, field: &Field) -> Value {
    let facts = stated(json!({
        "default": field.default,
        "examples": field.example.iter().collect::<Vec<_>>(),
        "format": field.secret.then_some("password"),
    }));
    let bounded = merged(of_type(api, &field.ty), bounds(&field.ty, &field.bounds));
    merged(bounded, facts)
}

/// The documentation of a field and why it should no longer be used.
pub(super) fn description(field: &Field) -> Option<String> {
    let reason = field.deprecated.as_ref().map(|reason| format!("Deprecated: {reason}"));
    let texts: Vec<_> = field.doc.iter().chain(&reason).map(String::as_str).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

fn of_type(api: &Api, ty: &Type) -> Value {
    match ty {
        Type::String => json!({ "type": "string" }),
        Type::Int => json!({ "type": "integer", "format": "int64" }),
        Type::Float => json!({ "type": "number", "format": "double" }),
        Type::Bool => json!({ "type": "boolean" }),
        Type::Any => json!({}),
        Type::File => json!({ "type": "string", "format": "binary" }),
        Type::List(item) => json!({ "type": "array", "items": of_type(api, item) }),
        Type::Map(value) => json!({ "type": "object", "additionalProperties": of_type(api, value) }),
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

/// One object with the keys of both.
fn merged(mut object: Value, more: Value) -> Value {
    if let (Value::Object(entries), Value::Object(more)) = (&mut object, more) {
        entries.extend(more);
    }
    object
}
