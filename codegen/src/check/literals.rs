//! Checks examples and defaults against type, enum and bounds.

use serde_json::Value;

use crate::characters::quote;
use crate::finding;
use crate::model::{Api, Bounds, Field, Type, TypeId, TypeKind};
use crate::read::{Literal, Reader};

pub(super) fn check(reader: &mut Reader<'_>, api: &Api) {
    for literal in std::mem::take(&mut reader.literals) {
        let error = find_type_error(api, &literal.ty, &literal.value)
            .map(|error| (finding::LITERAL_TYPE, error))
            .or_else(|| {
                find_bounds_error(literal.bounds, &literal.value).map(|error| (finding::LITERAL_BOUNDS, error))
            });
        if let Some((rule, error)) = error {
            let Literal { origin, subject, .. } = literal;
            let help = "correct the value or the bound; if the page contains both, allow this with a reason";
            let help = (rule == finding::LITERAL_BOUNDS).then(|| help.into());
            reader.report_about(rule, origin, &subject, &error, help);
        }
    }
}

/// Returns how a value violates its type.
fn find_type_error(api: &Api, ty: &Type, value: &Value) -> Option<String> {
    match (ty, value) {
        (Type::List(item), Value::Array(values)) => values.iter().find_map(|value| find_type_error(api, item, value)),
        (Type::Map(item), Value::Object(values)) => values.values().find_map(|value| find_type_error(api, item, value)),
        (Type::Named(id), value) => find_named_type_error(api, *id, value),
        (Type::Any, _)
        | (Type::String, Value::String(_))
        | (Type::Bool, Value::Bool(_))
        | (Type::Float, Value::Number(_)) => None,
        (Type::Int, Value::Number(number)) if number.is_i64() => None,
        (expected, value) => Some(format!("{} is not {}", quote(&value.to_string()), describe(expected))),
    }
}

fn find_named_type_error(api: &Api, id: TypeId, value: &Value) -> Option<String> {
    match (&api.type_def(id).kind, value) {
        (TypeKind::Object(fields), Value::Object(values)) => values
            .iter()
            .find_map(|(key, value)| find_field_error(api, fields, key, value)),
        (TypeKind::StringEnum(variants), Value::String(text)) => {
            let known = variants.iter().any(|variant| variant.value == *text);
            (!known).then(|| format!("{} is not a value of the enum", quote(text)))
        }
        (TypeKind::IntEnum(variants), Value::Number(number)) => {
            let known = variants.iter().any(|variant| Some(variant.value) == number.as_i64());
            (!known).then(|| format!("`{number}` is not a value of the enum"))
        }
        (_, value) => Some(format!(
            "{} is not of the type `{}`",
            quote(&value.to_string()),
            api.type_def(id).rust
        )),
    }
}

fn find_field_error(api: &Api, fields: &[Field], key: &str, value: &Value) -> Option<String> {
    match fields.iter().find(|field| field.key == key) {
        Some(field) => find_type_error(api, &field.ty, value),
        None => Some(format!("the object has no field {}", quote(key))),
    }
}

fn describe(ty: &Type) -> &'static str {
    match ty {
        Type::String => "a string: quote it",
        Type::Int => "an integer",
        Type::Float => "a number",
        Type::Bool => "a bool",
        Type::List(_) => "a list",
        Type::Map(_) => "a mapping",
        Type::Any | Type::File | Type::Named(_) => "a value of its type",
    }
}

/// Returns how a value violates the bounds of its field.
fn find_bounds_error(bounds: Bounds, value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => compare_bounds(number.as_f64()?, bounds.min, bounds.max, "the value"),
        Value::String(text) => {
            let length = text.chars().count() as u64;
            compare_bounds(length, bounds.min_length, bounds.max_length, "the number of characters")
        }
        Value::Array(items) => compare_bounds(
            items.len() as u64,
            bounds.min_items,
            bounds.max_items,
            "the number of elements",
        ),
        Value::Object(map) => compare_bounds(
            map.len() as u64,
            bounds.min_items,
            bounds.max_items,
            "the number of elements",
        ),
        Value::Null | Value::Bool(_) => None,
    }
}

fn compare_bounds<T: PartialOrd + std::fmt::Display>(
    value: T,
    min: Option<T>,
    max: Option<T>,
    what: &str,
) -> Option<String> {
    match (min, max) {
        (Some(min), _) if value < min => Some(format!("{what} {value} is below the minimum `{min}`")),
        (_, Some(max)) if value > max => Some(format!("{what} {value} exceeds the maximum `{max}`")),
        _ => None,
    }
}
