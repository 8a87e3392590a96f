//! Failures of the connection to the platform.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// A failure of the connection to the platform.
///
/// Never contains the query of the URL, which may contain tokens.
#[derive(Clone)]
#[non_exhaustive]
pub struct TransportError {
    /// What failed.
    pub kind: TransportKind,
    /// The causes reported by the HTTP client, outermost first.
    pub detail: String,
    /// Whether the platform certainly did not process the request: there was no connection, or it refused the stream.
    pub unprocessed: bool,
    source: Option<Arc<reqwest::Error>>,
}

/// The part of the exchange with the platform that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportKind {
    /// The host name could not be resolved.
    Dns,
    /// The connection could not be established.
    Connect,
    /// The TLS handshake failed: a certificate or a protocol version was rejected.
    Tls,
    /// A timeout or the deadline expired.
    Timeout,
    /// The connection closed within the response body.
    CutBody,
    /// Any other failure.
    Other,
}

impl TransportKind {
    /// Returns whether a retry may succeed.
    pub fn is_retryable(self) -> bool {
        !matches!(self, Self::Tls)
    }

    /// Returns whether the failure is about the host rather than the exchange with it.
    fn is_of_the_host(self) -> bool {
        matches!(self, Self::Dns | Self::Connect | Self::Tls)
    }
}

impl TransportError {
    pub(crate) fn new(kind: TransportKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            unprocessed: false,
            source: None,
        }
    }

    pub(crate) fn timeout(after: Duration, waited_for: &str) -> Self {
        Self::new(TransportKind::Timeout, format!("no {waited_for} within {after:?}"))
    }

    pub(crate) fn cut(received: u64, declared: u64) -> Self {
        let detail = format!("received {received} of {declared} declared bytes");
        Self::new(TransportKind::CutBody, detail)
    }

    pub(crate) fn overlong(declared: u64) -> Self {
        Self::other(format!("received more than the {declared} declared bytes"))
    }

    pub(crate) fn other(detail: impl Into<String>) -> Self {
        Self::new(TransportKind::Other, detail)
    }

    /// Classifies an error of the HTTP client before the response body.
    pub(crate) fn sending(error: reqwest::Error) -> Self {
        Self::classified(error, TransportKind::Other)
    }

    /// Classifies an error of the HTTP client within the response body.
    pub(crate) fn receiving(error: reqwest::Error) -> Self {
        // Truncation, a reset and an incomplete chunk are all reported as decoding errors.
        Self::classified(error, TransportKind::CutBody)
    }

    fn classified(error: reqwest::Error, otherwise: TransportKind) -> Self {
        let host = error.url().and_then(host_and_port);
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
            unprocessed: error.is_connect() || is_unprocessed(&error),
            detail: match host {
                Some(host) if kind.is_of_the_host() => format!("{host}: {}", join_causes(&error)),
                _ => join_causes(&error),
            },
            source: Some(Arc::new(error)),
        }
    }

    /// Returns the error of the HTTP client, without its URL; `None` for timeouts and truncated bodies that the client of
    /// the SDK detected.
    pub fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let error = self.source.as_deref()?;
        let mut safe: &(dyn StdError + 'static) = error;
        // A nested error of the HTTP client may contain the URL: only what is below it is returned.
        let mut source = error.source();
        while let Some(cause) = source {
            source = cause.source();
            if cause
                .downcast_ref::<reqwest::Error>()
                .is_some_and(|cause| cause.url().is_some())
            {
                safe = source?;
            }
        }
        Some(safe)
    }
}

impl PartialEq for TransportError {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.detail, self.unprocessed) == (other.kind, &other.detail, other.unprocessed)
    }
}

impl Eq for TransportError {}

/// Without the source, whose messages `detail` has.
impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("kind", &self.kind)
            .field("detail", &self.detail)
            .field("unprocessed", &self.unprocessed)
            .finish()
    }
}

/// Returns whether the server reports that it did not process the request: HTTP/2 can refuse a stream, and name the last
/// processed one before it closes the connection.
fn is_unprocessed(error: &reqwest::Error) -> bool {
    find_cause::<h2::Error>(error).is_some_and(|error| {
        let reason = error.reason();
        error.is_remote()
            && (error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM)
                || error.is_go_away() && reason == Some(h2::Reason::NO_ERROR))
    })
}

/// Returns the host and port of a URL, the only parts of it that cannot hold a secret.
fn host_and_port(url: &reqwest::Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// Returns the messages of an error and its causes, without causes that are errors of the HTTP client: they may contain a
/// URL.
fn join_causes(error: &reqwest::Error) -> String {
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

/// Returns the first cause that is a `T`. The cause inside an `io::Error` is not visible through `source`.
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
            TransportKind::Dns => "the host name could not be resolved",
            TransportKind::Connect => "the connection to the platform failed",
            TransportKind::Tls => "the TLS connection to the platform failed",
            TransportKind::Timeout => "the call timed out",
            TransportKind::CutBody => "the connection closed within the response body",
            TransportKind::Other => "the HTTP exchange failed",
        };
        write!(f, "{what}: {}", self.detail)
    }
}
