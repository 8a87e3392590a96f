//! The kinds of failure.

use std::fmt;
use std::path::PathBuf;

use super::StoreError;
use super::{
    ApiError, AuthError, ConfigError, DownloadError, LoginError, PaginationError, PollingError, RateLimitError,
    TemporaryLinkError, TransportError, UploadError, Violation,
};
use crate::range::ByteRange;

/// What went wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client could not be built.
    Config(ConfigError),
    /// The request breaks rules of the spec and was not sent.
    Validation(Vec<Violation>),
    /// The call cannot be made in the caller's name and was not sent.
    Auth(AuthError),
    /// The login of a user cannot be used.
    Login(LoginError),
    /// The endpoint's limit would have kept the call waiting longer than it may; it was not sent.
    RateLimited(RateLimitError),
    /// The store that counts the calls of all processes could not be asked; the call was not sent.
    Store(StoreError),
    /// The platform answered that the call failed.
    Api(Box<ApiError>),
    /// A fault between here and the platform.
    Transport(TransportError),
    /// The answer cannot be understood.
    Decode(DecodeError),
    /// Other bytes came than were asked for.
    Range(RangeError),
    /// A file could not be brought to its end, or to its place.
    Download(DownloadError),
    /// A file could not be sent.
    Upload(UploadError),
    /// A temporary link led to no file.
    TemporaryLink(TemporaryLinkError),
    /// A list that comes in pages cannot be read to its end.
    Pagination(PaginationError),
    /// A task failed, or was not done in time.
    Polling(PollingError),
    /// The answer is larger than the caller or the client takes.
    TooLarge {
        /// The most that was taken, in bytes.
        limit: u64,
        /// What to do.
        way_out: &'static str,
    },
    /// A file could not be read or written.
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What failed.
        action: &'static str,
        /// Why.
        source: std::io::Error,
    },
}

/// An answer that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeError {
    /// HTTP status.
    pub status: u16,
    /// Where: `data.items[3].size`; empty where the answer as a whole is at fault.
    pub path: String,
    /// What is wrong: what was expected and what kind of value came, never the value.
    pub problem: String,
    /// Id under which the platform's support finds the call.
    pub log_id: Option<String>,
}

/// Other bytes came than were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RangeError {
    /// The whole file came instead of the range.
    Ignored {
        /// What was asked for.
        asked: ByteRange,
    },
    /// A part came, and nobody had asked for one.
    NotAsked,
    /// A part came without a word on which, or with one that cannot be read.
    Unknown {
        /// The header `Content-Range`, if it came.
        content_range: Option<String>,
    },
    /// Another part came.
    Other {
        /// What was asked for.
        asked: ByteRange,
        /// The header `Content-Range`.
        content_range: String,
    },
}

impl RangeError {
    /// The same, with `clean` applied to what it repeats of the answer.
    pub(crate) fn cleaned(self, clean: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Unknown { content_range } => Self::Unknown {
                content_range: content_range.as_deref().map(clean),
            },
            Self::Other { asked, content_range } => Self::Other {
                asked,
                content_range: clean(&content_range),
            },
            other => other,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer (HTTP {}) cannot be understood: ", self.status)?;
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path)?;
        }
        f.write_str(&self.problem)?;
        match &self.log_id {
            Some(log_id) => write!(f, "; log id {log_id}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for RangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ignored { asked } => write!(
                f,
                "the whole file came instead of `{asked}`: the platform ignored the range; call without one"
            ),
            Self::NotAsked => f.write_str("a part of the file came (HTTP 206) and none was asked for"),
            Self::Unknown { content_range: None } => {
                f.write_str("a part of the file came (HTTP 206) without Content-Range to say which")
            }
            Self::Unknown {
                content_range: Some(header),
            } => write!(
                f,
                "a part of the file came (HTTP 206) whose Content-Range {header:?} cannot be read"
            ),
            Self::Other { asked, content_range } => {
                write!(f, "`{asked}` was asked for and {content_range:?} came")
            }
        }
    }
}
