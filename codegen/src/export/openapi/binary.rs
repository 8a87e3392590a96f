//! Downloads: all of a file, a part of it, or no such part.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::envelope;
use super::stated::stated;
use crate::model::{Binary, ResponseHeader};

/// The responses of a download that the platform does not refuse.
pub(super) fn responses(binary: &Binary) -> BTreeMap<u16, Value> {
    let mut responses = BTreeMap::from([(200, bytes(binary, "The file.", None))]);
    if binary.ranges {
        let part = bytes(
            binary,
            "The part of the file that was asked for.",
            Some("The part, as `bytes first-last/length`."),
        );
        responses.insert(206, part);
        responses.insert(416, outside());
    }
    responses
}

/// Bytes of any type: only the answer says which.
fn bytes(binary: &Binary, description: &str, range: Option<&str>) -> Value {
    let documented = binary.headers.iter().map(|entry| (entry.name.clone(), header(entry)));
    let range = range.map(|doc| ("content-range".to_owned(), content_range(doc)));
    let headers: Map<_, _> = [envelope::log_id()]
        .into_iter()
        .chain(documented)
        .chain(range)
        .collect();
    stated(json!({
        "description": description,
        "headers": headers,
        "content": { "*/*": { "schema": { "type": "string", "format": "binary" } } },
        "x-max-bytes": binary.max_bytes,
    }))
}

fn outside() -> Value {
    let headers = Map::from_iter([
        envelope::log_id(),
        (
            "content-range".to_owned(),
            content_range("The length of the file, as `bytes */length`."),
        ),
    ]);
    json!({ "description": "The part that was asked for lies outside of the file.", "headers": headers })
}

fn content_range(doc: &str) -> Value {
    json!({ "description": doc, "required": true, "schema": { "type": "string" } })
}

/// A documented header; it may be missing.
fn header(entry: &ResponseHeader) -> Value {
    stated(json!({ "description": entry.doc, "schema": { "type": "string" }, "x-needs": entry.needs }))
}
