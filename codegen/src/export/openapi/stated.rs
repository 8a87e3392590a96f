//! Leaving out what the spec does not say.

use serde_json::Value;

/// The object without the keys whose value is null or an empty list.
pub(super) fn stated(object: Value) -> Value {
    match object {
        Value::Object(entries) => entries.into_iter().filter(|(_, value)| says_something(value)).collect(),
        other => other,
    }
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(elements) => !elements.is_empty(),
        _ => true,
    }
}
