//! Fields and their types as JSON.

use serde_json::{Value, json};

use super::types;
use crate::model::{Api, Field, FileFact, Type};

pub(super) fn json(api: &Api, field: &Field) -> Value {
    json!({
        "key": field.key,
        "rust": field.rust,
        "type": ty(api, &field.ty),
        "required": field.required,
        "secret": field.secret,
        "doc": field.doc,
        "example": field.example,
        "default": field.default,
        "min": field.bounds.min.map(number),
        "max": field.bounds.max.map(number),
        "min_length": field.bounds.min_length,
        "max_length": field.bounds.max_length,
        "min_items": field.bounds.min_items,
        "max_items": field.bounds.max_items,
        "min_bytes": field.bounds.min_bytes,
        "max_bytes": field.bounds.max_bytes,
        "of_file": field.of_file.map(FileFact::as_str),
        "scopes": field.scopes,
        "deprecated": field.deprecated,
    })
}

fn ty(api: &Api, of: &Type) -> Value {
    match of {
        Type::String => json!({ "kind": "string" }),
        Type::Int => json!({ "kind": "int" }),
        Type::Float => json!({ "kind": "float" }),
        Type::Bool => json!({ "kind": "bool" }),
        Type::Any => json!({ "kind": "any" }),
        Type::File => json!({ "kind": "file" }),
        Type::List(item) => json!({ "kind": "list", "of": ty(api, item) }),
        Type::Map(value) => json!({ "kind": "map", "of": ty(api, value) }),
        Type::Named(id) => json!({ "kind": "named", "name": types::name(api, *id) }),
    }
}

/// A bound without a fraction is written without one.
pub(super) fn number(bound: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if bound.fract() == 0.0 && bound.abs() <= EXACT {
        json!(bound as i64)
    } else {
        json!(bound)
    }
}
