//! Types of rows without one, as the page's example has their values.

use serde_json::Value;

use super::rows::Parameter;

/// Gives a type to each parameter that has none and is in the example.
pub(super) fn types(parameters: &mut [Parameter<'_>], example: Option<&Value>) {
    for parameter in parameters {
        let value = example.and_then(|example| member(example, &parameter.key));
        if parameter.ty.is_empty() {
            parameter.ty = value.and_then(word).unwrap_or_default();
        }
        if parameter.ty.is_empty() && !parameter.inside.is_empty() {
            parameter.ty = "object".to_owned();
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
