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

/// The envelope of a call that went well: `data` in it, or its fields beside `code` and `msg`.
pub(crate) fn success(data: Map<String, Value>, flat: bool) -> Answer {
    let mut envelope = Map::new();
    envelope.insert("code".to_owned(), Value::from(code::OK));
    envelope.insert("msg".to_owned(), Value::from("success"));
    if flat {
        envelope.extend(data);
    } else {
        envelope.insert("data".to_owned(), Value::Object(data));
    }
    json(StatusCode::OK, &Value::Object(envelope))
}
