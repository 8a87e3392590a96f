//! The examples that pages show.
#![allow(dead_code, reason = "each test uses some of these")]

use serde_json::Value;

/// The first JSON below the heading of the answer's example.
pub(crate) fn of_answer(page: &str) -> Option<Value> {
    ["响应体示例", "响应示例", "Response body example"]
        .iter()
        .find_map(|title| below(page, title))
}

/// The same of the body that is sent.
pub(crate) fn of_request(page: &str) -> Option<Value> {
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

/// What of an answer is the endpoint's own: `data`, or what stands beside `code` and `msg`.
pub(crate) fn fields(example: &Value, flat: bool) -> Value {
    let mut value = if flat { example.clone() } else { example["data"].clone() };
    if let (true, Some(object)) = (flat, value.as_object_mut()) {
        object.retain(|key, _| !matches!(key.as_str(), "code" | "msg"));
    }
    value
}
