//! Failures of one HTTP status.

use serde_json::{Map, Value, json};

use super::{envelope, schema};
use crate::export::endpoint;
use crate::model::ErrorEntry;

/// The response for a status with these documented failures.
pub(super) fn response(status: u16, entries: &[&ErrorEntry], oauth: bool) -> Value {
    let rate_limit = (status == 429).then(envelope::rate_limit).into_iter().flatten();
    let headers: Map<_, _> = [envelope::log_id()].into_iter().chain(rate_limit).collect();
    let mut response = json!({
        "description": description(status, entries),
        "headers": headers,
        "content": { "application/json": { "schema": failure(entries, oauth) } },
    });
    if !entries.is_empty() {
        response["x-errors"] = entries.iter().map(|entry| endpoint::error(entry)).collect();
    }
    response
}

/// The documented codes; the platform may answer with others.
fn failure(entries: &[&ErrorEntry], oauth: bool) -> Value {
    let codes: Vec<i64> = entries.iter().filter_map(|entry| entry.code).collect();
    let failure = if oauth {
        // What the platform refuses ahead of the endpoint has the usual form.
        json!({ "anyOf": [schema::component(envelope::OAUTH_FAILURE), schema::component(envelope::FAILURE)] })
    } else {
        schema::component(envelope::FAILURE)
    };
    if codes.is_empty() {
        return failure;
    }
    let code = json!({ "anyOf": [{ "enum": codes }, { "type": "integer" }] });
    json!({ "allOf": [failure, { "type": "object", "properties": { "code": code } }] })
}

/// A list of the documented failures, in Markdown.
fn description(status: u16, entries: &[&ErrorEntry]) -> String {
    let summary = match status {
        429 => "Too many calls.",
        500.. => "The platform failed.",
        _ => "The call is refused; `code` and `msg` say why.",
    };
    let lines = entries.iter().filter_map(|entry| line(entry)).collect::<Vec<_>>();
    if lines.is_empty() {
        summary.to_owned()
    } else {
        format!("{summary}\n\n{}", lines.join("\n"))
    }
}

/// The code and what it means, in words of our own; `x-errors` has the platform's message.
fn line(entry: &ErrorEntry) -> Option<String> {
    let code = entry.code.map(|code| format!("`{code}`"));
    let parts: Vec<_> = code.into_iter().chain(entry.doc.clone()).collect();
    (!parts.is_empty()).then(|| format!("- {}", parts.join(" ")))
}
