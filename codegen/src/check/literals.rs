//! Examples and defaults: whether the platform itself would take them.

use serde_json::Value;

use crate::characters::quote;
use crate::finding;
use crate::model::{Api, Bounds, Field, Type, TypeId, TypeKind};
use crate::read::{Literal, Reader};

pub(super) fn check(reader: &mut Reader<'_>, api: &Api) {
    for literal in std::mem::take(&mut reader.literals) {
        let fault = type_fault(api, &literal.ty, &literal.value)
            .map(|fault| (finding::LITERAL_TYPE, fault))
            .or_else(|| bounds_fault(literal.bounds, &literal.value).map(|fault| (finding::LITERAL_BOUNDS, fault)));
        if let Some((rule, fault)) = fault {
            let Literal { origin, subject, .. } = literal;
            let help = "see which of the two is right; where the page itself has both, allow it and say so";
            let help = (rule == finding::LITERAL_BOUNDS).then(|| help.into());
            reader.report_about(rule, origin, &subject, &fault, help);
        }
    }
}

/// Why a value is none of its type.
fn type_fault(api: &Api, ty: &Type, value: &Value) -> Option<String> {
    match (ty, value) {
        (Type::List(item), Value::Array(values)) => values.iter().find_map(|value| type_fault(api, item, value)),
        (Type::Map(item), Value::Object(values)) => values.values().find_map(|value| type_fault(api, item, value)),
        (Type::Named(id), value) => named_fault(api, *id, value),
        (Type::Any, _)
        | (Type::String, Value::String(_))
        | (Type::Bool, Value::Bool(_))
        | (Type::Float, Value::Number(_)) => None,
        (Type::Int, Value::Number(number)) if number.is_i64() => None,
        (expected, value) => Some(format!("{} is no {}", quote(&value.to_string()), described(expected))),
    }
}

fn named_fault(api: &Api, id: TypeId, value: &Value) -> Option<String> {
    match (&api.type_def(id).kind, value) {
        (TypeKind::Object(fields), Value::Object(values)) => values
            .iter()
            .find_map(|(key, value)| key_fault(api, fields, key, value)),
        (TypeKind::StringEnum(variants), Value::String(text)) => {
            let known = variants.iter().any(|variant| variant.value == *text);
            (!known).then(|| format!("{} is no value of the enum", quote(text)))
        }
        (TypeKind::IntEnum(variants), Value::Number(number)) => {
            let known = variants.iter().any(|variant| Some(variant.value) == number.as_i64());
            (!known).then(|| format!("`{number}` is no value of the enum"))
        }
        (_, value) => Some(format!("{} is no {}", quote(&value.to_string()), api.type_def(id).rust)),
    }
}

fn key_fault(api: &Api, fields: &[Field], key: &str, value: &Value) -> Option<String> {
    match fields.iter().find(|field| field.key == key) {
        Some(field) => type_fault(api, &field.ty, value),
        None => Some(format!("the object has no field {}", quote(key))),
    }
}

fn described(ty: &Type) -> &'static str {
    match ty {
        Type::String => "text; put it in quotes",
        Type::Int => "whole number",
        Type::Float => "number",
        Type::Bool => "bool",
        Type::List(_) => "list",
        Type::Map(_) => "mapping",
        Type::Any | Type::File | Type::Named(_) => "value of its type",
    }
}

/// How a value breaks the bounds of its field.
fn bounds_fault(bounds: Bounds, value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => outside(number.as_f64()?, bounds.min, bounds.max, "the value"),
        Value::String(text) => {
            let length = text.chars().count() as u64;
            outside(length, bounds.min_length, bounds.max_length, "the number of characters")
        }
        Value::Array(items) => outside(
            items.len() as u64,
            bounds.min_items,
            bounds.max_items,
            "the number of elements",
        ),
        Value::Object(map) => outside(
            map.len() as u64,
            bounds.min_items,
            bounds.max_items,
            "the number of elements",
        ),
        Value::Null | Value::Bool(_) => None,
    }
}

fn outside<T: PartialOrd + std::fmt::Display>(value: T, min: Option<T>, max: Option<T>, what: &str) -> Option<String> {
    match (min, max) {
        (Some(min), _) if value < min => Some(format!("{what} is {value}, and `{min}` is the smallest")),
        (_, Some(max)) if value > max => Some(format!("{what} is {value}, and `{max}` is the largest")),
        _ => None,
    }
}
