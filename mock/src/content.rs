//! JSON formats of stub responses, failures, tasks and files, for content files and the control endpoints.

use serde_json::{Map, Value, json};

use crate::file::File;
use crate::stub::{Failure, StubResponse};
use crate::task::Task;

/// Returns sample documents as content for [`Builder::content`](crate::Builder::content).
///
/// They are a docx of two pages with tables, images and attachments, a spreadsheet, a base with public media, a base with
/// advanced permissions, and nodes of a wiki. docs/cli/mock-server.md lists their tokens.
pub fn sample_documents() -> &'static str {
    include_str!("../content/documents.json")
}

/// Stub responses and files.
#[derive(Debug, Default)]
pub(crate) struct Content {
    /// Stub responses with the ids of their endpoints.
    pub(crate) responses: Vec<(String, StubResponse)>,
    /// Files with their tokens.
    pub(crate) files: Vec<(String, File)>,
}

/// An error in a content file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// The text is not a JSON object with the lists `responses` and `files`.
    #[error("invalid content: {0}: expected a JSON object with the lists `responses` and `files`")]
    Form(String),
    /// A stub response is invalid.
    #[error(
        "invalid responses[{0}]: expected `endpoint`, `when`, `without`, and one of `data`, `code` and `http`, as for \
         POST /_mock/response"
    )]
    Response(usize),
    /// A stub response names an unknown endpoint.
    #[error("invalid responses[{index}]: unknown endpoint `{endpoint}`")]
    UnknownEndpoint {
        /// Index of the stub response.
        index: usize,
        /// Id of the endpoint.
        endpoint: String,
    },
    /// A file is invalid.
    #[error("invalid files[{0}]: expected strings `token`, `name`, `content_type` and `text`")]
    File(usize),
}

impl Content {
    /// Parses a content file.
    pub(crate) fn parse(text: &str) -> Result<Self, ContentError> {
        let form = |problem: &str| ContentError::Form(problem.to_owned());
        let content: Value = serde_json::from_str(text).map_err(|error| form(&error.to_string()))?;
        let fields = content.as_object().ok_or_else(|| form("not an object"))?;
        if let Some(key) = fields
            .keys()
            .find(|key| !["responses", "files"].contains(&key.as_str()))
        {
            return Err(form(&format!("unknown key {key:?}")));
        }
        let list = |key: &str| match fields.get(key) {
            None => Ok(&[][..]),
            Some(Value::Array(list)) => Ok(list.as_slice()),
            Some(_) => Err(form(&format!("`{key}` is not a list"))),
        };
        let responses = list("responses")?.iter().enumerate();
        let files = list("files")?.iter().enumerate();
        Ok(Self {
            responses: responses
                .map(|(index, json)| parse_stub_response(json).ok_or(ContentError::Response(index)))
                .collect::<Result<_, _>>()?,
            files: files
                .map(|(index, json)| parse_file(json).ok_or(ContentError::File(index)))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Appends other content, whose responses take precedence.
    pub(crate) fn extend(&mut self, other: Self) {
        self.responses.extend(other.responses);
        self.files.extend(other.files);
    }
}

/// Returns whether the value is an object without other keys than these.
///
/// An unknown key is an error: ignoring it would give another stub than the one that was meant.
fn has_only_keys(json: &Value, keys: &[&str]) -> bool {
    json.as_object()
        .is_some_and(|object| object.keys().all(|key| keys.contains(&key.as_str())))
}

fn parse_file(json: &Value) -> Option<(String, File)> {
    if !has_only_keys(json, &["token", "name", "content_type", "text"]) {
        return None;
    }
    let text = |key: &str| Some(json.get(key)?.as_str()?.to_owned());
    Some((
        text("token")?,
        File::new(text("name")?, text("content_type")?, text("text")?),
    ))
}

/// Parses a task with the id of its endpoint.
pub(crate) fn parse_task(json: &Value) -> Option<(String, Task)> {
    if !has_only_keys(json, &["endpoint", "outcome", "polls"]) {
        return None;
    }
    let task = match json.get("outcome")?.as_str()? {
        "done" => Task::done(),
        "failed" => Task::failed(),
        _ => return None,
    };
    let task = match json.get("polls") {
        Some(polls) => task.after(u32::try_from(polls.as_u64()?).ok()?),
        None => task,
    };
    Some((json.get("endpoint")?.as_str()?.to_owned(), task))
}

/// Parses a stub response with the id of its endpoint.
pub(crate) fn parse_stub_response(json: &Value) -> Option<(String, StubResponse)> {
    if !has_only_keys(json, &["endpoint", "when", "without", "data", "code", "http"]) {
        return None;
    }
    let mut response = match json.get("data") {
        Some(data) if json.get("code").or(json.get("http")).is_none() => {
            StubResponse::data(data.as_object()?.clone().into())
        }
        Some(_) => return None,
        None => {
            let keys = ["endpoint", "code", "http"].into_iter();
            let failure = keys.filter_map(|key| Some((key.to_owned(), json.get(key)?.clone())));
            StubResponse::failure(parse_failure(&failure.collect())?.1)
        }
    };
    for (field, value) in json.get("when").map_or(Some(&Map::new()), Value::as_object)? {
        response = response.when(field, value.as_str()?);
    }
    for field in json.get("without").map_or(Some(&Vec::new()), Value::as_array)? {
        response = response.without(field.as_str()?);
    }
    Some((json.get("endpoint")?.as_str()?.to_owned(), response))
}

/// Parses a failure with the id of its endpoint.
pub(crate) fn parse_failure(json: &Value) -> Option<(String, Failure)> {
    if !has_only_keys(json, &["endpoint", "code", "http", "times"]) || json.get("code") == Some(&json!(0)) {
        return None;
    }
    let endpoint = json.get("endpoint")?.as_str()?.to_owned();
    let status = match json.get("http") {
        Some(http) => Some(
            u16::try_from(http.as_u64()?)
                .ok()
                .filter(|http| (200..600).contains(http))?,
        ),
        None => None,
    };
    let failure = match (json.get("code"), status) {
        (Some(code), None) => Failure::code(code.as_i64()?),
        (Some(code), Some(http)) => Failure::code(code.as_i64()?).http(http),
        (None, Some(http)) => Failure::status(http),
        (None, None) => return None,
    };
    let times = json.get("times").map_or(Some(1), Value::as_u64)?;
    Some((endpoint, failure.times(u32::try_from(times).ok()?)))
}
