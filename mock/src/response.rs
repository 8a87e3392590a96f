//! HTTP responses of the mock server: success and error envelopes.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use larkspur_codegen::model::Endpoint;
use serde_json::{Map, Value, json};

use crate::error_code;

/// A complete HTTP response.
pub(crate) type HttpResponse = Response<Full<Bytes>>;

/// Builds a response with a body and its content type.
pub(crate) fn bytes_response(status: StatusCode, content_type: HeaderValue, bytes: Bytes) -> HttpResponse {
    let mut response = Response::new(Full::new(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// Builds a response with a JSON body.
pub(crate) fn json_response(status: StatusCode, value: &Value) -> HttpResponse {
    let content_type = HeaderValue::from_static("application/json; charset=utf-8");
    bytes_response(status, content_type, Bytes::from(value.to_string()))
}

/// Builds a response with a plain text body.
pub(crate) fn text_response(status: StatusCode, text: &str) -> HttpResponse {
    let content_type = HeaderValue::from_static("text/plain");
    bytes_response(status, content_type, Bytes::from(text.to_owned()))
}

/// The position of an endpoint's fields in a successful response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// In `data`.
    Nested,
    /// Next to `code` and `msg`.
    Flat,
    /// Next to `code`, without a `msg`.
    OAuth,
}

impl Envelope {
    /// Returns the envelope that the spec declares.
    pub(crate) fn new(flat: bool, oauth: bool) -> Self {
        match (flat, oauth) {
            (_, true) => Self::OAuth,
            (true, false) => Self::Flat,
            (false, false) => Self::Nested,
        }
    }
}

/// Builds the response to a successful call.
pub(crate) fn success_response(data: Map<String, Value>, envelope: Envelope) -> HttpResponse {
    let mut body = Map::new();
    body.insert("code".to_owned(), Value::from(error_code::OK));
    if envelope != Envelope::OAuth {
        body.insert("msg".to_owned(), Value::from("success"));
    }
    match envelope {
        Envelope::Nested => {
            body.insert("data".to_owned(), Value::Object(data));
        }
        Envelope::Flat | Envelope::OAuth => body.extend(data),
    }
    json_response(StatusCode::OK, &Value::Object(body))
}

/// An error response of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErrorResponse {
    pub(crate) http: u16,
    pub(crate) code: i64,
    pub(crate) msg: String,
    /// Invalid fields.
    pub(crate) violations: Vec<Violation>,
    /// Scopes of which at least one is required.
    pub(crate) scopes: Vec<String>,
    /// The exhausted rate limit window.
    pub(crate) window: Option<FullWindow>,
    /// Whether the response has no body.
    pub(crate) empty: bool,
}

/// An invalid field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) field: String,
    pub(crate) value: String,
    pub(crate) description: String,
}

/// An exhausted rate limit window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FullWindow {
    /// Calls allowed per window.
    pub(crate) limit: u32,
    /// Seconds until the window resets.
    pub(crate) reset: u64,
}

impl ErrorResponse {
    /// Creates an error response without details.
    pub(crate) fn new(http: u16, code: i64, msg: impl Into<String>) -> Self {
        Self {
            http,
            code,
            msg: msg.into(),
            violations: Vec::new(),
            scopes: Vec::new(),
            window: None,
            empty: false,
        }
    }

    /// Creates the response for a code that all endpoints share.
    pub(crate) fn common(code: i64) -> Self {
        let (http, msg) = error_code::common(code).unwrap_or((400, "error"));
        Self::new(http, code, msg)
    }

    /// Creates the response for invalid fields, with the code that the endpoint documents for invalid parameters if it
    /// does.
    pub(crate) fn invalid_fields(endpoint: &Endpoint, violations: Vec<Violation>) -> Self {
        let documented = endpoint.errors.iter().find_map(|entry| {
            let msg = entry.msg.as_deref()?;
            let code = entry.code?;
            let is_parameter_error = entry.http == 400 && msg.to_ascii_lowercase().contains("param");
            is_parameter_error.then(|| Self::new(entry.http, code, msg))
        });
        Self {
            violations,
            ..documented.unwrap_or_else(|| Self::common(error_code::FIELD_VALIDATION))
        }
    }

    /// Creates the response for one invalid field.
    pub(crate) fn invalid_field(endpoint: &Endpoint, field: &str, value: String, description: String) -> Self {
        let violation = Violation {
            field: field.to_owned(),
            value,
            description,
        };
        Self::invalid_fields(endpoint, vec![violation])
    }

    /// Returns the first error that the endpoint documents with a message that contains all these words.
    pub(crate) fn documented(endpoint: &Endpoint, words: &[&str]) -> Option<Self> {
        endpoint.errors.iter().find_map(|entry| {
            let (msg, code) = (entry.msg.as_deref()?, entry.code?);
            let lower = msg.to_ascii_lowercase();
            let matches = words.iter().all(|word| lower.contains(word));
            matches.then(|| Self::new(entry.http, code, msg))
        })
    }

    /// Builds the HTTP response.
    ///
    /// An OAuth endpoint has its own error format, but only for the codes that it documents: all others are those of the
    /// platform's gateway.
    pub(crate) fn to_http(&self, endpoint: &Endpoint, log_id: &str) -> HttpResponse {
        let documented = endpoint.errors.iter().any(|entry| entry.code == Some(self.code));
        if endpoint.oauth && documented {
            return self.with_body(&self.oauth_body());
        }
        self.with_body(&self.envelope(log_id))
    }

    fn with_body(&self, body: &Value) -> HttpResponse {
        let status = StatusCode::from_u16(self.http).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = if self.empty {
            let mut empty = Response::new(Full::new(Bytes::new()));
            *empty.status_mut() = status;
            empty
        } else {
            json_response(status, body)
        };
        if let Some(window) = self.window {
            let headers = response.headers_mut();
            headers.insert("x-ogw-ratelimit-limit", HeaderValue::from(window.limit));
            headers.insert("x-ogw-ratelimit-reset", HeaderValue::from(window.reset));
        }
        response
    }

    fn envelope(&self, log_id: &str) -> Value {
        let troubleshooter = format!(
            "https://open.feishu.cn/search?from=openapi&log_id={log_id}&code={}",
            self.code
        );
        let mut error = json!({ "log_id": log_id, "troubleshooter": troubleshooter });
        if !self.violations.is_empty() {
            error["field_violations"] = self.violations.iter().map(Violation::to_json).collect();
        }
        if !self.scopes.is_empty() {
            error["permission_violations"] = self.scopes.iter().map(|scope| scope_violation(scope)).collect();
        }
        json!({ "code": self.code, "msg": self.msg, "error": error })
    }

    fn oauth_body(&self) -> Value {
        let error = error_code::oauth::error_name(self.http, self.code);
        json!({ "code": self.code, "error": error, "error_description": self.msg })
    }
}

impl Violation {
    fn to_json(&self) -> Value {
        json!({ "field": self.field, "value": self.value, "description": self.description })
    }
}

fn scope_violation(scope: &str) -> Value {
    json!({ "scope": scope, "url": format!("https://open.feishu.cn/app?q={scope}") })
}
