//! Recorded requests, for a test to inspect.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{AUTHORIZATION, HeaderMap};

use crate::token::{token_kind, token_prefix};

/// A request to the platform that the mock server has handled.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// HTTP method.
    pub method: String,
    /// Path, percent-encoded as received.
    pub path: String,
    /// Query parameters, decoded, in order.
    pub query: Vec<(String, String)>,
    /// Headers in lower case, in order. Tokens are redacted to their kind: `Bearer t-***`.
    pub headers: Vec<(String, String)>,
    /// Id of the endpoint that the request was routed to.
    pub endpoint: Option<String>,
    /// Body as received.
    pub body: Bytes,
    /// HTTP status of the response.
    pub status: u16,
    /// When the request was complete, as time since the start of the mock server.
    pub at: Duration,
}

impl Recorded {
    /// Returns the first header with this name, ignoring case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Approximate memory use in bytes.
    fn size(&self) -> usize {
        let pairs = self.query.iter().chain(&self.headers);
        let texts: usize = pairs.map(|(key, value)| key.len() + value.len()).sum();
        self.path.len() + texts + self.body.len()
    }
}

/// Omits the body, which may hold a secret.
impl fmt::Debug for Recorded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Recorded")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("headers", &self.headers)
            .field("endpoint", &self.endpoint)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("status", &self.status)
            .field("at", &self.at)
            .finish()
    }
}

/// The most recent requests, limited in number and size for a mock server that runs for days.
#[derive(Debug, Default)]
pub(crate) struct Records {
    list: VecDeque<Recorded>,
    bytes: usize,
}

impl Records {
    /// Maximum number of requests.
    const MAX_REQUESTS: usize = 100_000;
    /// Maximum total size in bytes. The last request is stored at any size.
    const MAX_BYTES: usize = 256 * 1024 * 1024;

    /// Appends a request and drops the oldest ones above the limits.
    pub(crate) fn push(&mut self, recorded: Recorded) {
        self.bytes += recorded.size();
        self.list.push_back(recorded);
        while self.list.len() > Self::MAX_REQUESTS || (self.bytes > Self::MAX_BYTES && self.list.len() > 1) {
            let oldest = self.list.pop_front();
            self.bytes -= oldest.map_or(0, |oldest| oldest.size());
        }
    }

    /// Returns the requests in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Recorded> {
        self.list.iter()
    }
}

/// Returns the headers to record, with redacted tokens.
pub(crate) fn record_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let entry = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let value = if *name == AUTHORIZATION { redact(&text) } else { text };
        (name.as_str().to_owned(), value)
    };
    headers.iter().map(entry).collect()
}

fn redact(authorization: &str) -> String {
    let token = authorization.strip_prefix("Bearer ");
    match token.and_then(token_kind) {
        Some(kind) => format!("Bearer {}***", token_prefix(kind)),
        None => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::{Recorded, Records};

    fn recorded(body: Bytes) -> Recorded {
        Recorded {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            endpoint: None,
            body,
            status: 404,
            at: Duration::ZERO,
        }
    }

    #[test]
    fn drops_oldest_requests_above_size_limit() {
        // All requests share one buffer.
        let body = Bytes::from(vec![0; Records::MAX_BYTES / 64]);
        let mut records = Records::default();
        for _ in 0..200 {
            records.push(recorded(body.clone()));
        }
        assert_eq!(records.iter().count(), 63);
        records.push(recorded(Bytes::from_static(b"last")));
        assert!(records.iter().last().is_some_and(|last| last.body == "last"));
    }

    #[test]
    fn keeps_last_request_of_any_size() {
        let mut records = Records::default();
        records.push(recorded(Bytes::from(vec![0; Records::MAX_BYTES + 1])));
        assert_eq!(records.iter().count(), 1);
    }
}
