//! The kinds of failure, and the details of those that are small.

use std::any::Any;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{
    ApiError, AuthError, DownloadError, LoginError, StoreError, TemporaryLinkError, TransportError, UploadError,
    Violation,
};
use crate::range::ByteRange;

/// What went wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client could not be built.
    Config(ConfigError),
    /// The request violates the spec and was not sent.
    Validation(Vec<Violation>),
    /// The call cannot be authenticated and was not sent.
    Auth(AuthError),
    /// The login of a user cannot be used.
    Login(LoginError),
    /// The endpoint's rate limit would delay the call beyond its deadline; it was not sent.
    RateLimited(RateLimitError),
    /// The window store that all processes share failed; the call was not sent.
    Store(StoreError),
    /// The platform rejected the call.
    Api(Box<ApiError>),
    /// The connection to the platform failed.
    Transport(TransportError),
    /// The response cannot be decoded.
    Decode(DecodeError),
    /// The response has other bytes than requested.
    Range(RangeError),
    /// A file could not be downloaded.
    Download(DownloadError),
    /// A file could not be uploaded.
    Upload(UploadError),
    /// A temporary link could not be downloaded.
    TemporaryLink(TemporaryLinkError),
    /// A paginated list cannot be read to the end.
    Pagination(PaginationError),
    /// A long-running task failed or did not finish in time.
    Polling(PollingError),
    /// The response is larger than the limit of the caller or the client.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
        /// What to do.
        hint: &'static str,
    },
    /// A file could not be read or written.
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The operation that failed.
        action: &'static str,
        /// The cause.
        source: std::io::Error,
    },
}

/// A response that cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeError {
    /// HTTP status.
    pub status: u16,
    /// Path of the value: `data.items[3].size`; empty for the response as a whole.
    pub path: String,
    /// What was expected and which type was found, never the value.
    pub problem: String,
    /// Log id of the call, for the platform's support.
    pub log_id: Option<String>,
}

/// A response with other bytes than requested.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RangeError {
    /// The response has the whole file instead of the range.
    Ignored {
        /// The requested range.
        requested: ByteRange,
    },
    /// The response has a part of the file although none was requested.
    Unrequested,
    /// The response has a part of the file with a missing or invalid `Content-Range`.
    Unknown {
        /// The header `Content-Range`, if present.
        content_range: Option<String>,
    },
    /// The response has another part of the file.
    Other {
        /// The requested range.
        requested: ByteRange,
        /// The header `Content-Range`.
        content_range: String,
    },
}

impl RangeError {
    /// Applies `clean` to the text taken from the response.
    pub(crate) fn cleaned(self, clean: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Unknown { content_range } => Self::Unknown {
                content_range: content_range.as_deref().map(clean),
            },
            Self::Other {
                requested,
                content_range,
            } => Self::Other {
                requested,
                content_range: clean(&content_range),
            },
            other => other,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the response (HTTP {}) cannot be decoded: ", self.status)?;
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path)?;
        }
        f.write_str(&self.problem)?;
        match &self.log_id {
            Some(log_id) => write!(f, " (log id {log_id})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for RangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ignored { requested } => write!(
                f,
                "the platform ignored the range and returned the whole file (requested `{requested}`): call without a range"
            ),
            Self::Unrequested => f.write_str("unexpected part of the file (HTTP 206): no range was requested"),
            Self::Unknown { content_range: None } => {
                f.write_str("missing Content-Range: the response has an unknown part of the file (HTTP 206)")
            }
            Self::Unknown {
                content_range: Some(header),
            } => write!(f, "invalid Content-Range {header:?} in a response with HTTP 206"),
            Self::Other {
                requested,
                content_range,
            } => write!(
                f,
                "unexpected Content-Range {content_range:?}: `{requested}` was requested"
            ),
        }
    }
}

/// Why a client could not be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// An environment variable is not set, or empty.
    #[error("the environment variable {0} is not set: set it, or use `Client::builder()`")]
    MissingVariable(&'static str),
    /// An environment variable is not valid UTF-8.
    #[error("the environment variable {0} is not valid UTF-8")]
    VariableNotText(&'static str),
    /// The app id, the app secret or a token is invalid.
    #[error("{what} {problem}")]
    Credential {
        /// Name of the credential.
        what: &'static str,
        /// What is wrong with it, and what to do.
        problem: &'static str,
    },
    /// The base URL is invalid.
    #[error("invalid base URL `{url}`: {problem}")]
    BaseUrl {
        /// The URL without user name, password and query.
        url: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// TLS could not be set up.
    #[error(
        "TLS could not be set up: {0}: on a system without root certificates install them (package ca-certificates)"
    )]
    Tls(String),
    /// A root certificate is invalid.
    #[error(
        "invalid root certificate: {0}: pass the content of a PEM file, starting with `-----BEGIN CERTIFICATE-----`"
    )]
    RootCertificate(String),
    /// The operating system's random number generator failed.
    #[error("the operating system's random number generator failed, which a login needs")]
    Random,
    /// The HTTP client could not be set up.
    #[error("the HTTP client could not be set up: {0}")]
    Http(String),
    /// A store could not be set up.
    #[error("{0}")]
    Store(StoreError),
}

/// A call that was not sent because the endpoint's rate limit, or a server-imposed delay, would delay it beyond its deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimitError {
    /// Estimated time until the call could be sent.
    pub wait: Duration,
}

impl fmt::Display for RateLimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded up, so that a caller who waits this long is not too early.
        let seconds = (self.wait.as_secs_f64() * 10.0).ceil() / 10.0;
        write!(
            f,
            "the endpoint's rate limit is reached: retry in {seconds:.1} s, or set a later deadline"
        )
    }
}

/// Why a task did not succeed although each call did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PollingError {
    /// The platform reports that the task failed.
    Failed {
        /// The state on the wire: `107`.
        state: String,
        /// Meaning of the state according to the spec; may be empty.
        meaning: &'static str,
        /// The platform's reason, if it returns one.
        reason: Option<String>,
    },
    /// The task did not finish in time. It continues: [`Error::task`](crate::Error::task) returns the request that polls it.
    Unfinished {
        /// The last state on the wire; `None` if the response omits it.
        state: Option<String>,
        /// How long the task was polled.
        waited: Duration,
        /// Number of polls.
        polls: u32,
    },
    /// The response that started the task is missing what the next endpoint needs to poll it.
    MissingTask {
        /// Id of the endpoint that reports the task's state.
        by: &'static str,
    },
}

impl PollingError {
    /// Returns whether the task has ended.
    pub(crate) fn is_end(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }
}

impl fmt::Display for PollingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { state, meaning, reason } => {
                write!(f, "the task failed with state {state}")?;
                if !meaning.is_empty() {
                    write!(f, ": {meaning}")?;
                }
                match reason {
                    Some(reason) => write!(f, " (reason of the platform: {reason})"),
                    None => Ok(()),
                }
            }
            Self::Unfinished { state, waited, polls } => {
                let waited = waited.as_secs_f64();
                write!(f, "the task did not finish within {waited:.1} s ({polls} polls)")?;
                match state {
                    Some(state) => write!(f, ", last state: {state}"),
                    None => f.write_str(", state unknown"),
                }
            }
            Self::MissingTask { by } => write!(
                f,
                "the task was started, but the response is missing what `{by}` needs to poll it: check its outcome manually"
            ),
        }
    }
}

/// The request that polls a task, and its description without secrets.
#[derive(Clone)]
pub(crate) struct TaskRequest {
    request: Arc<dyn Any + Send + Sync>,
    description: Arc<str>,
}

impl TaskRequest {
    pub(crate) fn new(request: impl Any + Send + Sync, description: String) -> Self {
        Self {
            request: Arc::new(request),
            description: description.into(),
        }
    }

    /// Returns the request if it is of this type.
    pub(crate) fn request<R: Clone + 'static>(&self) -> Option<R> {
        self.request.downcast_ref::<R>().cloned()
    }
}

impl fmt::Display for TaskRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description)
    }
}

/// Maximum length of a token in a message, in characters.
const MAX_SHOWN: usize = 24;

/// Why a list cannot be read to the end although each call succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PaginationError {
    /// A page token was returned twice, so the pages would never end.
    Cycle {
        /// The token, shortened.
        token: String,
    },
    /// A page announces another one without a token for it.
    NoToken,
    /// A field of a page does not fit its type, so that the list, or whether there is another page, is unknown.
    Mismatch {
        /// Key of the field.
        key: &'static str,
    },
}

impl PaginationError {
    pub(crate) fn cycle(token: &str) -> Self {
        let mut shown: String = token.chars().take(MAX_SHOWN).collect();
        if shown.len() < token.len() {
            shown.push('…');
        }
        Self::Cycle { token: shown }
    }

    pub(crate) const fn mismatch(key: &'static str) -> Self {
        Self::Mismatch { key }
    }
}

impl fmt::Display for PaginationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cycle { token } => write!(
                f,
                "pagination cycle: the platform returned a page token twice ({token:?}), the list may be incomplete: read it \
                 again, or change its order or filters"
            ),
            Self::NoToken => f.write_str(
                "missing page token: the page announces another one, the list may be incomplete: read it again, or use a \
                 larger page size",
            ),
            Self::Mismatch { key } => write!(
                f,
                "unexpected type of `{key}` in a page: the list may be incomplete: read it again, or read the pages one by one"
            ),
        }
    }
}
