//! Stubs: failures and responses that a test sets for calls of an endpoint.

use std::collections::{HashMap, VecDeque};

use larkspur_codegen::model::Endpoint;
use serde_json::{Map, Value};

use crate::call::Call;
use crate::error_code;
use crate::response::{ErrorResponse, FullWindow};

/// A failure that an endpoint responds with.
///
/// ```
/// use larkspur_mock::Failure;
///
/// let documented = Failure::code(234001);            // HTTP status and message from the spec
/// let twice = Failure::status(500).times(2);         // a failure without a code of its own
/// let throttled = Failure::code(99991400).reset(3);  // rate limited, resets in three seconds
/// let mismatched = Failure::code(99991663).http(200); // a code with an unusual status
/// let empty = Failure::status(400).empty();          // no body
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    code: Option<i64>,
    http: Option<u16>,
    msg: Option<String>,
    reset: Option<u64>,
    empty: bool,
    times: u32,
}

impl Failure {
    /// Creates a failure with this code.
    ///
    /// HTTP status and message are those that the endpoint documents, else those of the platform's common codes, else
    /// status 400.
    pub fn code(code: i64) -> Self {
        Self::new(Some(code), None)
    }

    /// Creates a failure with this HTTP status.
    pub fn status(http: u16) -> Self {
        Self::new(None, Some(http))
    }

    fn new(code: Option<i64>, http: Option<u16>) -> Self {
        Self {
            code,
            http,
            msg: None,
            reset: None,
            empty: false,
            times: 1,
        }
    }

    /// Overrides the HTTP status.
    pub fn http(self, http: u16) -> Self {
        Self {
            http: Some(http),
            ..self
        }
    }

    /// Overrides the message.
    pub fn msg(self, msg: impl Into<String>) -> Self {
        Self {
            msg: Some(msg.into()),
            ..self
        }
    }

    /// Adds rate limit headers with a reset after this many seconds.
    pub fn reset(self, seconds: u64) -> Self {
        Self {
            reset: Some(seconds),
            ..self
        }
    }

    /// Omits the response body.
    pub fn empty(self) -> Self {
        Self { empty: true, ..self }
    }

    /// Sets how many calls fail. The default is 1.
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// Parses the value of an `x-mock-error` header: `234001` for a code, `http 403` for a status.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.trim().strip_prefix("http ") {
            Some(status) => {
                let status = status.trim().parse().ok()?;
                (400..600).contains(&status).then(|| Self::status(status))
            }
            None => text.trim().parse().ok().filter(|code| *code != 0).map(Self::code),
        }
    }

    /// Returns the error response of an endpoint for this failure.
    pub(crate) fn to_response(&self, endpoint: &Endpoint) -> ErrorResponse {
        let mut response = match self.code {
            Some(code) => response_for_code(endpoint, code),
            None => response_for_status(endpoint, self.http.unwrap_or(500)),
        };
        response.http = self.http.unwrap_or(response.http);
        response.msg = self.msg.clone().unwrap_or(response.msg);
        response.empty = self.empty;
        if self.reset.is_some() || response.code == error_code::RATE_LIMIT {
            response.window = Some(FullWindow {
                limit: first_window_limit(endpoint),
                reset: self.reset.unwrap_or(1),
            });
        }
        if matches!(response.code, error_code::APP_SCOPE | error_code::USER_SCOPE) {
            response.scopes = endpoint.scopes.clone().unwrap_or_default();
        }
        response
    }
}

fn response_for_code(endpoint: &Endpoint, code: i64) -> ErrorResponse {
    match endpoint.errors.iter().find(|entry| entry.code == Some(code)) {
        Some(entry) => ErrorResponse::new(entry.http, code, entry.msg.clone().unwrap_or_default()),
        None => ErrorResponse::common(code),
    }
}

fn response_for_status(endpoint: &Endpoint, http: u16) -> ErrorResponse {
    let code = if http < 500 {
        error_code::BAD_REQUEST
    } else {
        error_code::INTERNAL
    };
    let documented = endpoint
        .errors
        .iter()
        .find(|entry| entry.http == http && entry.code.is_none());
    let msg = documented.and_then(|entry| entry.msg.clone());
    let common = ErrorResponse::common(code);
    ErrorResponse::new(http, code, msg.unwrap_or(common.msg))
}

fn first_window_limit(endpoint: &Endpoint) -> u32 {
    let windows = endpoint.limits.iter().flat_map(|limits| &limits.windows);
    windows.map(|window| window.calls).next().unwrap_or(100)
}

/// Pending failures in order, by endpoint.
#[derive(Debug, Default)]
pub(crate) struct Failures(HashMap<String, VecDeque<Failure>>);

impl Failures {
    /// Appends a failure for an endpoint.
    pub(crate) fn push(&mut self, endpoint: &str, failure: Failure) {
        self.0.entry(endpoint.to_owned()).or_default().push_back(failure);
    }

    /// Takes the failure of the next call.
    pub(crate) fn next(&mut self, endpoint: &str) -> Option<Failure> {
        let pending = self.0.get_mut(endpoint)?;
        while let Some(failure) = pending.front_mut() {
            if failure.times > 0 {
                failure.times -= 1;
                return Some(failure.clone());
            }
            pending.pop_front();
        }
        None
    }
}

/// A response that a test sets for an endpoint, and the calls that it applies to.
///
/// ```
/// use larkspur_mock::{Failure, StubResponse};
/// use serde_json::json;
///
/// let first = StubResponse::data(json!({ "items": [{ "block_id": "1" }], "has_more": true, "page_token": "2" }))
///     .when("document_id", "doxcn1");
/// let second = StubResponse::data(json!({ "items": [{ "block_id": "2" }], "has_more": false }))
///     .when("document_id", "doxcn1")
///     .when("page_token", "2");
/// let refused = StubResponse::failure(Failure::status(400)).when("file_token", "boxcn1").without("extra");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StubResponse {
    content: StubContent,
    when: Vec<(String, String)>,
    without: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StubContent {
    Data(Map<String, Value>),
    Failure(Failure),
}

impl StubResponse {
    /// Creates a successful response with these fields, in `data` or next to `code`, as the spec declares.
    ///
    /// Anything but an object counts as an object without fields. If the endpoint reports the state of a task, the mock
    /// server sets that state; a failure reason in `data` is not replaced.
    pub fn data(data: Value) -> Self {
        let data = match data {
            Value::Object(data) => data,
            _ => Map::new(),
        };
        Self::new(StubContent::Data(data))
    }

    /// Creates an error response. [`Failure::times`] has no effect here.
    pub fn failure(failure: Failure) -> Self {
        Self::new(StubContent::Failure(failure))
    }

    fn new(content: StubContent) -> Self {
        Self {
            content,
            when: Vec::new(),
            without: Vec::new(),
        }
    }

    /// Restricts the response to calls with this value in this field of path, query, headers or body.
    ///
    /// Repeated conditions must all match.
    pub fn when(mut self, field: impl Into<String>, value: impl Into<String>) -> Self {
        self.when.push((field.into(), value.into()));
        self
    }

    /// Restricts the response to calls in which this field is absent or empty.
    pub fn without(mut self, field: impl Into<String>) -> Self {
        self.without.push(field.into());
        self
    }

    fn matches(&self, call: &Call<'_>, body: &Map<String, Value>) -> bool {
        let has = |(field, value): &(String, String)| call.field_text(body, field).as_ref() == Some(value);
        let is_missing = |field: &String| call.field_text(body, field).is_none_or(|value| value.is_empty());
        self.when.iter().all(has) && self.without.iter().all(is_missing)
    }
}

/// The stub responses of a test, by endpoint.
#[derive(Debug, Default)]
pub(crate) struct StubResponses(HashMap<String, Vec<StubResponse>>);

impl StubResponses {
    /// Creates a collection in which later responses take precedence.
    pub(crate) fn new(responses: impl IntoIterator<Item = (String, StubResponse)>) -> Self {
        let mut all = Self::default();
        responses
            .into_iter()
            .for_each(|(endpoint, response)| all.add(&endpoint, response));
        all
    }

    /// Adds a response, which takes precedence over those already present.
    pub(crate) fn add(&mut self, endpoint: &str, response: StubResponse) {
        self.0.entry(endpoint.to_owned()).or_default().push(response);
    }

    /// Returns the content of the last response that matches a call.
    pub(crate) fn find(&self, call: &Call<'_>, body: &Map<String, Value>) -> Option<StubContent> {
        let mut responses = self.0.get(&call.endpoint.id)?.iter().rev();
        responses
            .find(|response| response.matches(call, body))
            .map(|response| response.content.clone())
    }
}
