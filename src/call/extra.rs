//! What a call sends in addition to the fields of its request: fixed fields, and additions of the caller.

use std::fmt;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Map;

use super::envelope::Scrubber;
use crate::endpoint::{FixedValue, Request};
use crate::error::Violation;
use crate::wire::{self, Body, Value};

/// Headers that the client or the HTTP layer sets: another value would send a call to another host or as another caller, or
/// break the framing of the body.
const RESERVED: [&str; 19] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "cookie",
    "expect",
    "host",
    "http2-settings",
    "if-range",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The JSON body of a request: its fixed fields, then its own.
pub(super) struct JsonBody<'a>(pub &'a dyn Request);

impl Serialize for JsonBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for field in self.0.endpoint().fixed_fields.iter().filter(|field| !field.in_query) {
            match field.value {
                FixedValue::Str(text) => map.serialize_entry(field.key, text)?,
                FixedValue::Int(number) => map.serialize_entry(field.key, &number)?,
                FixedValue::Bool(flag) => map.serialize_entry(field.key, &flag)?,
            }
        }
        Body(self.0).serialize_into(&mut map)?;
        map.end()
    }
}

/// Parameters, headers and body fields that the spec does not define.
#[derive(Clone, Default)]
pub(crate) struct Extra {
    query: String,
    headers: HeaderMap,
    /// Values of the headers, which may be secret.
    scrubber: Scrubber,
    fields: Map<String, Value>,
    /// A body in place of the fields of the request.
    body: Option<Value>,
    violations: Vec<Violation>,
}

impl Extra {
    /// Adds a query parameter after those of the request.
    pub(crate) fn add_query(&mut self, name: &str, value: &str) {
        if name.is_empty() {
            return self.refuse("query", "required", "has an empty name", "set a name");
        }
        wire::push_query(&mut self.query, name, value);
    }

    /// Sets a header.
    pub(crate) fn set_header(&mut self, name: &str, value: &str) {
        if RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
            return self.refuse(name, "reserved_header", "is set by the client", "remove it");
        }
        let Ok(header) = HeaderName::try_from(name) else {
            return self.refuse(name, "header", "is not a valid header name", "correct it");
        };
        match HeaderValue::from_bytes(value.as_bytes()) {
            Ok(mut text) => {
                text.set_sensitive(true);
                self.scrubber.add(&SecretString::from(value));
                self.headers.insert(header, text);
            }
            Err(_) => self.refuse(name, "control_characters", "contains a control character", "remove it"),
        }
    }

    /// Sets a field of the body.
    pub(crate) fn set_field(&mut self, name: &str, value: Value) {
        if name.is_empty() {
            return self.refuse("body", "required", "has a field with an empty name", "set a name");
        }
        self.fields.insert(name.to_owned(), value);
    }

    /// Sets the body, to which the fields are added.
    pub(crate) fn set_body(&mut self, body: Value) {
        self.body = Some(body);
    }

    fn refuse(&mut self, field: &str, rule: &'static str, problem: &str, hint: &'static str) {
        self.violations.push(Violation::new(field, rule, problem, hint));
    }

    /// Returns what cannot be sent.
    pub(crate) fn violations(&self) -> &[Violation] {
        &self.violations
    }

    pub(super) fn query(&self) -> &str {
        &self.query
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Adds the values of the headers to a scrubber.
    pub(super) fn scrub(&self, scrubber: &mut Scrubber) {
        scrubber.extend(&self.scrubber);
    }

    /// Returns the fields that this adds to a multipart body.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Returns the JSON body of a request with these additions; `None` without any. A field of the request with the same name
    /// is replaced.
    pub(super) fn json_body(&self, request: &dyn Request) -> Option<Result<Vec<u8>, serde_json::Error>> {
        if self.fields.is_empty() && self.body.is_none() {
            return None;
        }
        Some(self.merge(request))
    }

    fn merge(&self, request: &dyn Request) -> Result<Vec<u8>, serde_json::Error> {
        let mut body = match &self.body {
            Some(body) => body.clone(),
            None => serde_json::to_value(JsonBody(request))?,
        };
        if let Value::Object(fields) = &mut body {
            fields.extend(self.fields.clone());
        }
        serde_json::to_vec(&body)
    }
}

/// Without values, which may be secret.
impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extra")
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("fields", &self.fields.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
