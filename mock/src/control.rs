//! The control endpoints of the mock server, for clients in other processes that cannot call the methods of `Mock`.

use bytes::Bytes;
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::call::parse_query;
use crate::content::{parse_failure, parse_stub_response, parse_task};
use crate::file::{FILE_ENDPOINT, File, LINK_PATH_PREFIX};
use crate::mock::{State, lock};
use crate::record::Recorded;
use crate::response::{HttpResponse, json_response, text_response};

/// Header of a request that makes this request fail.
pub(crate) const ERROR_HEADER: &str = "x-mock-error";

/// Response to an invalid header.
pub(crate) const ERROR_HEADER_HELP: &str =
    "x-mock-error takes a code, such as 234001, or a status of 400 to 599, such as http 403";

const FAIL_HELP: &str = r#"takes JSON such as {"endpoint": "im.v1.file.get", "code": 234001, "times": 2} or {"endpoint": "im.v1.file.get", "http": 403}"#;

const TASK_HELP: &str =
    r#"takes JSON such as {"endpoint": "drive.v1.export_task.create", "outcome": "done", "polls": 3} or "failed""#;

const RESPONSE_HELP: &str = r#"takes JSON such as {"endpoint": "wiki.v2.space.get_node", "when": {"token": "wikcn1"}, "data": {"node": {}}} or, in place of data, "code" or "http" of a failure, and "without": ["extra"]"#;

const UNKNOWN_ENDPOINT: &str = "404 unknown endpoint";

const PREFIX: &str = "/_mock/";
const FILES: &str = "/_mock/files/";

/// Returns whether a path belongs to the mock server itself.
pub(crate) fn is_control_path(path: &str) -> bool {
    path.starts_with(PREFIX)
}

/// Handles a request to the mock server itself.
pub(crate) fn handle_control_request(state: &State, parts: &Parts, body: Bytes) -> HttpResponse {
    let path = parts.uri.path();
    if let Some(token) = path.strip_prefix(LINK_PATH_PREFIX) {
        return get_linked_file(state, &decode(token), &parse_query(parts.uri.query()));
    }
    match (&parts.method, path) {
        (&Method::POST, "/_mock/fail") => post_failure(state, &body),
        (&Method::POST, "/_mock/task") => post_task(state, &body),
        (&Method::POST, "/_mock/response") => post_response(state, &body),
        (&Method::GET, "/_mock/requests") => get_requests(state),
        (&Method::PUT, path) if path.starts_with(FILES) => put_file(state, parts, body),
        _ => text_response(StatusCode::NOT_FOUND, "404 no such control endpoint"),
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn get_linked_file(state: &State, file_token: &str, query: &[(String, String)]) -> HttpResponse {
    let code = find_parameter(query, "code").unwrap_or_default();
    if !state.links.verify(file_token, code, state.clock.now()) {
        return text_response(StatusCode::FORBIDDEN, "403 link expired or wrong");
    }
    state.file(FILE_ENDPOINT, file_token).to_response()
}

fn find_parameter<'q>(query: &'q [(String, String)], name: &str) -> Option<&'q str> {
    query
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

fn post_failure(state: &State, body: &Bytes) -> HttpResponse {
    match serde_json::from_slice(body)
        .ok()
        .and_then(|json: Value| parse_failure(&json))
    {
        None => text_response(StatusCode::BAD_REQUEST, FAIL_HELP),
        Some((endpoint, _)) if state.api.endpoint(&endpoint).is_none() => {
            text_response(StatusCode::NOT_FOUND, UNKNOWN_ENDPOINT)
        }
        Some((endpoint, failure)) => {
            lock(&state.failures).push(&endpoint, failure);
            json_response(StatusCode::OK, &json!({}))
        }
    }
}

fn post_task(state: &State, body: &Bytes) -> HttpResponse {
    let parsed = serde_json::from_slice(body)
        .ok()
        .and_then(|json: Value| parse_task(&json));
    let Some((endpoint, task)) = parsed else {
        return text_response(StatusCode::BAD_REQUEST, TASK_HELP);
    };
    match lock(&state.tasks).enqueue(&state.api, &endpoint, task) {
        Ok(()) => json_response(StatusCode::OK, &json!({})),
        Err(error) => text_response(StatusCode::NOT_FOUND, &format!("404 {error}")),
    }
}

fn post_response(state: &State, body: &Bytes) -> HttpResponse {
    match serde_json::from_slice(body)
        .ok()
        .and_then(|json: Value| parse_stub_response(&json))
    {
        None => text_response(StatusCode::BAD_REQUEST, RESPONSE_HELP),
        Some((endpoint, _)) if state.api.endpoint(&endpoint).is_none() => {
            text_response(StatusCode::NOT_FOUND, UNKNOWN_ENDPOINT)
        }
        Some((endpoint, response)) => {
            lock(&state.stub_responses).add(&endpoint, response);
            json_response(StatusCode::OK, &json!({}))
        }
    }
}

/// Stores a file under the token in the path. `?name=` sets its name, the `Content-Type` header its media type.
fn put_file(state: &State, parts: &Parts, body: Bytes) -> HttpResponse {
    let token = decode(parts.uri.path().strip_prefix(FILES).unwrap_or_default());
    let query = parse_query(parts.uri.query());
    let name = find_parameter(&query, "name").unwrap_or(&token);
    let content_type = parts.headers.get("content-type").and_then(|value| value.to_str().ok());
    let file = File::new(name, content_type.unwrap_or("application/octet-stream"), body);
    lock(&state.files).insert(token, file);
    json_response(StatusCode::OK, &json!({}))
}

/// Lists the recorded requests without their bodies, which may hold secrets.
fn get_requests(state: &State) -> HttpResponse {
    let list: Vec<Value> = lock(&state.requests).iter().map(request_summary).collect();
    json_response(StatusCode::OK, &Value::Array(list))
}

fn request_summary(recorded: &Recorded) -> Value {
    json!({
        "method": recorded.method,
        "path": recorded.path,
        "query": recorded.query,
        "headers": recorded.headers,
        "endpoint": recorded.endpoint,
        "body_bytes": recorded.body.len(),
        "status": recorded.status,
        "at_ms": u64::try_from(recorded.at.as_millis()).unwrap_or(u64::MAX),
    })
}
