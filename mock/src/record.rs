//! What came in, for a test to look at.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{AUTHORIZATION, HeaderMap};

use crate::token;

/// A request that the mock answered.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// HTTP method.
    pub method: String,
    /// Path as it came, percent-encoded.
    pub path: String,
    /// Parameters of the query, decoded, in their order.
    pub query: Vec<(String, String)>,
    /// Headers in lower case, in their order. Of a token only its kind is kept: `Bearer t-***`.
    pub headers: Vec<(String, String)>,
    /// Id of the endpoint that the request led to, if to any.
    pub endpoint: Option<String>,
    /// Body as it came.
    pub body: Bytes,
    /// HTTP status of the answer.
    pub status: u16,
    /// When it had come whole, by the mock's clock: how long after the mock was started.
    pub at: Duration,
}

impl Recorded {
    /// The first header of this name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// How much memory its texts and its body take.
    fn size(&self) -> usize {
        let pairs = self.query.iter().chain(&self.headers);
        let texts: usize = pairs.map(|(key, value)| key.len() + value.len()).sum();
        self.path.len() + texts + self.body.len()
    }
}

/// Without the body: it may hold an app's secret.
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

/// The requests so far. Of very many, or very large ones, only the last are kept, for a mock that
/// runs for days.
#[derive(Debug, Default)]
pub(crate) struct Records {
    list: VecDeque<Recorded>,
    bytes: usize,
}

impl Records {
    /// How many requests are kept.
    const MOST: usize = 100_000;
    /// How many bytes of them are kept; the last request is kept whatever its size.
    const MOST_BYTES: usize = 256 * 1024 * 1024;

    /// Appends a request.
    pub(crate) fn push(&mut self, recorded: Recorded) {
        self.bytes += recorded.size();
        self.list.push_back(recorded);
        while self.list.len() > Self::MOST || (self.bytes > Self::MOST_BYTES && self.list.len() > 1) {
            let oldest = self.list.pop_front();
            self.bytes -= oldest.map_or(0, |oldest| oldest.size());
        }
    }

    /// The requests in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Recorded> {
        self.list.iter()
    }
}

/// The headers as they are kept.
pub(crate) fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let entry = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let kept = if *name == AUTHORIZATION { redacted(&text) } else { text };
        (name.as_str().to_owned(), kept)
    };
    headers.iter().map(entry).collect()
}

fn redacted(authorization: &str) -> String {
    let token = authorization.strip_prefix("Bearer ");
    match token.and_then(token::kind) {
        Some(kind) => format!("Bearer {}***", token::prefix(kind)),
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
    fn of_large_requests_only_the_last_are_kept() {
        // All share one buffer, so that the test itself stays small.
        let body = Bytes::from(vec![0; Records::MOST_BYTES / 64]);
        let mut records = Records::default();
        for _ in 0..200 {
            records.push(recorded(body.clone()));
        }
        assert_eq!(records.iter().count(), 63);
        records.push(recorded(Bytes::from_static(b"last")));
        assert!(records.iter().last().is_some_and(|last| last.body == "last"));
    }

    #[test]
    fn the_last_request_is_kept_whatever_its_size() {
        let mut records = Records::default();
        records.push(recorded(Bytes::from(vec![0; Records::MOST_BYTES + 1])));
        assert_eq!(records.iter().count(), 1);
    }
}
