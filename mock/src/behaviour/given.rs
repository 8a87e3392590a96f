//! What came in the body, as the token endpoints look at it.

use serde_json::{Map, Value};

/// The text of a field; "" where there is none.
pub(super) fn text<'a>(body: &'a Map<String, Value>, key: &str) -> &'a str {
    optional(body, key).unwrap_or_default()
}

/// The text of a field, where there is one.
pub(super) fn optional<'a>(body: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    body.get(key).and_then(Value::as_str)
}
