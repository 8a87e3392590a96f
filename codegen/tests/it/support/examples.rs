//! The JSON examples of pages.
#![allow(dead_code, reason = "each test uses some of these")]

use serde_json::Value;

/// Returns the first JSON value below the heading of the response example.
pub(crate) fn response_example(page: &str) -> Option<Value> {
    ["响应体示例", "响应示例", "Response body example"]
        .iter()
        .find_map(|title| below(page, title))
}

/// Returns the first JSON value below the heading of the request example.
pub(crate) fn request_example(page: &str) -> Option<Value> {
    ["请求体示例", "Request body example"]
        .iter()
        .find_map(|title| below(page, title))
}

fn below(page: &str, title: &str) -> Option<Value> {
    let (_, rest) = page.split_once(&format!("\n### {title}"))?;
    let rest = &rest[..rest.find("\n#").unwrap_or(rest.len())];
    let start = rest.find(['{', '['])?;
    let mut values = serde_json::Deserializer::from_str(&rest[start..]).into_iter::<Value>();
    values.next()?.ok()
}

/// Returns the fields of a response: `data`, or the siblings of `code` and `msg`.
pub(crate) fn fields(example: &Value, flat: bool) -> Value {
    let mut value = if flat { example.clone() } else { example["data"].clone() };
    if let (true, Some(object)) = (flat, value.as_object_mut()) {
        object.retain(|key, _| !matches!(key.as_str(), "code" | "msg"));
    }
    value
}
