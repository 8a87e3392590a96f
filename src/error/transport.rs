//! Faults between here and the platform.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

/// A fault between here and the platform.
///
/// It never holds the query of the URL, which may hold tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransportError {
    /// What went wrong.
    pub kind: TransportKind,
    /// The causes as the HTTP client tells them, outermost first.
    pub detail: String,
    /// Whether the platform surely did not process the request: there was no connection, or it refused the stream.
    pub unprocessed: bool,
}

/// What went wrong between here and the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportKind {
    /// The name of the host could not be resolved.
    Dns,
    /// No connection.
    Connect,
    /// No connection that is safe: a certificate or a protocol that does not fit.
    Tls,
    /// It took too long.
    Timeout,
    /// The connection ended while the answer was under way.
    CutBody,
    /// Anything else.
    Other,
}

impl TransportKind {
    /// Whether trying again may help.
    pub fn is_retryable(self) -> bool {
        !matches!(self, Self::Tls)
    }
}

impl TransportError {
    pub(crate) fn timeout(after: Duration, waited_for: &str) -> Self {
        Self {
            kind: TransportKind::Timeout,
            detail: format!("no {waited_for} within {after:?}"),
            unprocessed: false,
        }
    }

    pub(crate) fn cut(received: u64, declared: u64) -> Self {
        Self {
            kind: TransportKind::CutBody,
            detail: format!("{received} bytes came of the {declared} that were announced"),
            unprocessed: false,
        }
    }

    pub(crate) fn overlong(declared: u64) -> Self {
        Self::other(format!("more bytes came than the {declared} that were announced"))
    }

    pub(crate) fn other(detail: impl Into<String>) -> Self {
        Self {
            kind: TransportKind::Other,
            detail: detail.into(),
            unprocessed: false,
        }
    }

    /// A fault of the HTTP client before the answer's body began.
    pub(crate) fn sending(error: reqwest::Error) -> Self {
        Self::classified(error, TransportKind::Other)
    }

    /// A fault of the HTTP client within the answer's body.
    pub(crate) fn receiving(error: reqwest::Error) -> Self {
        // Truncation, a reset and a cut chunk all look like a failure to decode.
        Self::classified(error, TransportKind::CutBody)
    }

    fn classified(error: reqwest::Error, otherwise: TransportKind) -> Self {
        let error = error.without_url();
        let kind = if error.is_timeout() {
            TransportKind::Timeout
        } else if find_cause::<rustls::Error>(&error).is_some() {
            TransportKind::Tls
        } else if error.is_dns() {
            TransportKind::Dns
        } else if error.is_connect() {
            TransportKind::Connect
        } else {
            otherwise
        };
        Self {
            kind,
            unprocessed: error.is_connect() || is_refused(&error),
            detail: causes(&error),
        }
    }
}

/// Whether the other end says that it did not begin with the request: HTTP/2 lets it refuse a stream, and name the
/// last one that it still answers before it closes the connection.
fn is_refused(error: &reqwest::Error) -> bool {
    find_cause::<h2::Error>(error).is_some_and(|error| {
        let reason = error.reason();
        error.is_remote()
            && (error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM)
                || error.is_go_away() && reason == Some(h2::Reason::NO_ERROR))
    })
}

/// The messages of an error and its causes. A cause that is an error of the HTTP client itself is
/// left out, for it may hold a URL.
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        if !cause.is::<reqwest::Error>() {
            text.push_str(": ");
            text.push_str(&cause.to_string());
        }
        source = cause.source();
    }
    text
}

/// The first of the causes that is a `T`. An `io::Error` holds its cause where `source` does not show it.
pub(crate) fn find_cause<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let wrapped = || {
        let cause = error.downcast_ref::<io::Error>()?.get_ref()?;
        find_cause::<T>(cause)
    };
    let found = error.downcast_ref::<T>().or_else(wrapped);
    found.or_else(|| error.source().and_then(find_cause::<T>))
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            TransportKind::Dns => "the host's name could not be resolved",
            TransportKind::Connect => "no connection to the platform",
            TransportKind::Tls => "no safe connection to the platform",
            TransportKind::Timeout => "it took too long",
            TransportKind::CutBody => "the connection ended in the middle of the answer",
            TransportKind::Other => "the call failed on its way",
        };
        write!(f, "{what}: {}", self.detail)
    }
}
