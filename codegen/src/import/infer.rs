//! Types of rows without one, as the page's example has their values.

use serde_json::Value;

use super::rows::Parameter;

/// The part of an example that a table with these keys is about: some tables leave out what is around `data`.
pub(super) fn root<'v>(keys: &[String], example: &'v Value) -> &'v Value {
    let has = |value: &Value| keys.iter().any(|key| value.get(key).is_some());
    match example.get("data") {
        Some(data) if !has(example) && has(data) => data,
        _ => example,
    }
}

/// The type of the first value that an example has of a key.
pub(super) fn anywhere(example: &Value, key: &str) -> Option<String> {
    let inside: Vec<&Value> = match example {
        Value::Object(object) => match object.get(key) {
            Some(value) => return word(value),
            None => object.values().collect(),
        },
        Value::Array(items) => items.iter().collect(),
        _ => return None,
    };
    inside.into_iter().find_map(|value| anywhere(value, key))
}

/// Gives a type to each parameter that has none and is in the example, and makes a list of an object that is one there.
pub(super) fn types(parameters: &mut [Parameter<'_>], example: Option<&Value>) {
    for parameter in parameters {
        let value = example.and_then(|example| member(example, &parameter.key));
        if parameter.ty.is_empty() {
            parameter.ty = value.and_then(word).unwrap_or_default();
        }
        if parameter.ty.is_empty() && !parameter.inside.is_empty() {
            parameter.ty = "object".to_owned();
        }
        let vague = matches!(parameter.ty.as_str(), "-" | "object") && !parameter.inside.is_empty();
        if vague && value.and_then(word).is_some_and(|word| word == "object[]") {
            parameter.ty = "object[]".to_owned();
        }
        types(&mut parameter.inside, value);
    }
}

/// The value of a key in an object, or in the first item of a list that has it.
fn member<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Object(object) => object.get(key),
        Value::Array(items) => items.iter().find_map(|item| item.as_object()?.get(key)),
        _ => None,
    }
}

/// The word that a page would write for the type of a value.
fn word(value: &Value) -> Option<String> {
    let word = match value {
        Value::Null => return None,
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "string",
        Value::Object(_) => "object",
        Value::Array(items) => return Some(format!("{}[]", items.iter().find_map(word)?)),
    };
    Some(word.to_owned())
}
