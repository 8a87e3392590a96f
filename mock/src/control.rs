//! The mock's own endpoints, for those who run it on a port and cannot call its methods.

use bytes::Bytes;
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::answer::{self, Answer};
use crate::failure::Failure;
use crate::file::File;
use crate::link;
use crate::query;
use crate::record::Recorded;
use crate::reply::Reply;
use crate::state::State;
use crate::sync::lock;
use crate::task::Task;

/// Asks for a failure with the very request that is to meet it.
pub(crate) const ERROR_HEADER: &str = "x-mock-error";

/// How the header is written.
pub(crate) const ERROR_HELP: &str =
    "x-mock-error takes a code, such as 234001, or a status of 400 to 599, such as http 403";

const FAIL_HELP: &str = r#"takes JSON such as {"endpoint": "im.v1.file.get", "code": 234001, "times": 2} or {"endpoint": "im.v1.file.get", "http": 403}"#;

const TASK_HELP: &str =
    r#"takes JSON such as {"endpoint": "drive.v1.export_task.create", "outcome": "done", "polls": 3} or "failed""#;

const REPLY_HELP: &str = r#"takes JSON such as {"endpoint": "wiki.v2.space.get_node", "when": {"token": "wikcn1"}, "data": {"node": {}}} or, in place of data, "code" or "http" of a failure, and "without": ["extra"]"#;

const PREFIX: &str = "/_mock/";
const FILES: &str = "/_mock/files/";

/// Whether a path leads to the mock itself rather than to what it stands in for.
pub(crate) fn is_for_the_mock(path: &str) -> bool {
    path.starts_with(PREFIX)
}

/// Answers a request to the mock itself.
pub(crate) fn answer(state: &State, parts: &Parts, body: Bytes) -> Answer {
    let path = parts.uri.path();
    if let Some(token) = path.strip_prefix(link::PATH) {
        return link::follow(state, &decoded(token), &query::parse(parts.uri.query()));
    }
    match (&parts.method, path) {
        (&Method::POST, "/_mock/fail") => fail(state, &body),
        (&Method::POST, "/_mock/task") => task(state, &body),
        (&Method::POST, "/_mock/reply") => reply(state, &body),
        (&Method::GET, "/_mock/requests") => requests(state),
        (&Method::PUT, path) if path.starts_with(FILES) => put_file(state, parts, body),
        _ => answer::text(StatusCode::NOT_FOUND, "404 the mock has no such page"),
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Lets the next calls of an endpoint fail.
fn fail(state: &State, body: &Bytes) -> Answer {
    let wanted = serde_json::from_slice(body)
        .ok()
        .and_then(|wish: Value| read_failure(&wish));
    match wanted {
        None => answer::text(StatusCode::BAD_REQUEST, FAIL_HELP),
        Some((endpoint, _)) if state.api.endpoint(&endpoint).is_none() => {
            answer::text(StatusCode::NOT_FOUND, "404 the spec has no such endpoint")
        }
        Some((endpoint, failure)) => {
            lock(&state.failures).push(&endpoint, failure);
            answer::json(StatusCode::OK, &json!({}))
        }
    }
}

/// Says what becomes of the next task of an endpoint.
fn task(state: &State, body: &Bytes) -> Answer {
    let wanted = serde_json::from_slice(body).ok();
    let Some((endpoint, task)) = wanted.and_then(|wish: Value| read_task(&wish)) else {
        return answer::text(StatusCode::BAD_REQUEST, TASK_HELP);
    };
    match lock(&state.progress).want(&state.api, &endpoint, task) {
        Ok(()) => answer::json(StatusCode::OK, &json!({})),
        Err(error) => answer::text(StatusCode::NOT_FOUND, &format!("404 {error}")),
    }
}

/// The task that is wished for, under the same condition as a failure.
fn read_task(wish: &Value) -> Option<(String, Task)> {
    let known = |key: &String| ["endpoint", "outcome", "polls"].contains(&key.as_str());
    if !wish.as_object()?.keys().all(known) {
        return None;
    }
    let task = match wish.get("outcome")?.as_str()? {
        "done" => Task::done(),
        "failed" => Task::failed(),
        _ => return None,
    };
    let task = match wish.get("polls") {
        Some(polls) => task.after(u32::try_from(polls.as_u64()?).ok()?),
        None => task,
    };
    Some((wish.get("endpoint")?.as_str()?.to_owned(), task))
}

/// Gives an endpoint a content for some of its calls.
fn reply(state: &State, body: &Bytes) -> Answer {
    let wanted = serde_json::from_slice(body).ok();
    match wanted.and_then(|wish: Value| read_reply(&wish)) {
        None => answer::text(StatusCode::BAD_REQUEST, REPLY_HELP),
        Some((endpoint, _)) if state.api.endpoint(&endpoint).is_none() => {
            answer::text(StatusCode::NOT_FOUND, "404 the spec has no such endpoint")
        }
        Some((endpoint, reply)) => {
            lock(&state.replies).put(&endpoint, reply);
            answer::json(StatusCode::OK, &json!({}))
        }
    }
}

/// The reply that is wished for, under the same condition as a failure.
pub(crate) fn read_reply(wish: &Value) -> Option<(String, Reply)> {
    let known = |key: &String| ["endpoint", "when", "without", "data", "code", "http"].contains(&key.as_str());
    if !wish.as_object()?.keys().all(known) {
        return None;
    }
    let mut reply = match wish.get("data") {
        Some(data) if wish.get("code").or(wish.get("http")).is_none() => Reply::data(data.as_object()?.clone().into()),
        Some(_) => return None,
        None => {
            let keys = ["endpoint", "code", "http"].into_iter();
            let failure = keys.filter_map(|key| Some((key.to_owned(), wish.get(key)?.clone())));
            Reply::failure(read_failure(&failure.collect())?.1)
        }
    };
    for (field, value) in wish.get("when").map_or(Some(&Map::new()), Value::as_object)? {
        reply = reply.when(field, value.as_str()?);
    }
    for field in wish.get("without").map_or(Some(&Vec::new()), Value::as_array)? {
        reply = reply.without(field.as_str()?);
    }
    Some((wish.get("endpoint")?.as_str()?.to_owned(), reply))
}

/// The failure that is wished for. A key that it does not know is a slip, and ignoring it would give
/// another failure than was meant.
fn read_failure(wish: &Value) -> Option<(String, Failure)> {
    let known = |key: &String| ["endpoint", "code", "http", "times"].contains(&key.as_str());
    if !wish.as_object()?.keys().all(known) || wish.get("code") == Some(&json!(0)) {
        return None;
    }
    let endpoint = wish.get("endpoint")?.as_str()?.to_owned();
    let status = match wish.get("http") {
        Some(http) => Some(
            u16::try_from(http.as_u64()?)
                .ok()
                .filter(|http| (200..600).contains(http))?,
        ),
        None => None,
    };
    let failure = match (wish.get("code"), status) {
        (Some(code), None) => Failure::code(code.as_i64()?),
        (Some(code), Some(http)) => Failure::code(code.as_i64()?).http(http),
        (None, Some(http)) => Failure::status(http),
        (None, None) => return None,
    };
    let times = wish.get("times").map_or(Some(1), Value::as_u64)?;
    Some((endpoint, failure.times(u32::try_from(times).ok()?)))
}

/// Keeps a file for a token; `?name=` names it, the content type is that of the request.
fn put_file(state: &State, parts: &Parts, body: Bytes) -> Answer {
    let token = decoded(parts.uri.path().strip_prefix(FILES).unwrap_or_default());
    let query = query::parse(parts.uri.query());
    let name = query
        .iter()
        .find(|(key, _)| key == "name")
        .map_or(token.as_str(), |(_, value)| value);
    let content_type = parts.headers.get("content-type").and_then(|value| value.to_str().ok());
    let file = File::new(name, content_type.unwrap_or("application/octet-stream"), body);
    lock(&state.files).insert(token, file);
    answer::json(StatusCode::OK, &json!({}))
}

/// What came in, without the bodies: they may hold secrets.
fn requests(state: &State) -> Answer {
    let list: Vec<Value> = lock(&state.requests).iter().map(summary).collect();
    answer::json(StatusCode::OK, &Value::Array(list))
}

fn summary(recorded: &Recorded) -> Value {
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
