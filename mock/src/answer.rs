//! Answers that are put together: JSON, text, bytes.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Map, Value};

use crate::code;

/// What goes back over the socket.
pub(crate) type Answer = Response<Full<Bytes>>;

/// A body with its content type.
pub(crate) fn body(status: StatusCode, content_type: HeaderValue, bytes: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(bytes));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}

/// A JSON body.
pub(crate) fn json(status: StatusCode, value: &Value) -> Answer {
    let content_type = HeaderValue::from_static("application/json; charset=utf-8");
    body(status, content_type, Bytes::from(value.to_string()))
}

/// A body of plain text.
pub(crate) fn text(status: StatusCode, text: &str) -> Answer {
    let content_type = HeaderValue::from_static("text/plain");
    body(status, content_type, Bytes::from(text.to_owned()))
}

/// Where the fields of an answer stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// In `data`.
    Usual,
    /// Beside `code` and `msg`.
    Flat,
    /// Beside `code`, without a `msg`.
    OAuth,
}

impl Form {
    /// The form that the spec gives an answer.
    pub(crate) fn of(flat: bool, oauth: bool) -> Self {
        match (flat, oauth) {
            (_, true) => Self::OAuth,
            (true, false) => Self::Flat,
            (false, false) => Self::Usual,
        }
    }
}

/// The answer to a call that went well.
pub(crate) fn success(data: Map<String, Value>, form: Form) -> Answer {
    let mut envelope = Map::new();
    envelope.insert("code".to_owned(), Value::from(code::OK));
    if form != Form::OAuth {
        envelope.insert("msg".to_owned(), Value::from("success"));
    }
    match form {
        Form::Usual => {
            envelope.insert("data".to_owned(), Value::Object(data));
        }
        Form::Flat | Form::OAuth => envelope.extend(data),
    }
    json(StatusCode::OK, &Value::Object(envelope))
}
