//! Failures of uploads.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a file could not be uploaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum UploadError {
    /// The file changed during the upload.
    Changed {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
    },
    /// The file could not be read.
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The stream yielded another number of bytes than declared.
    Length {
        /// The declared number of bytes.
        declared: u64,
        /// Number of bytes received so far.
        received: u64,
    },
    /// The stream failed.
    Stream {
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The platform's division of the file into parts is invalid; no part was sent.
    Division {
        /// Size of the file in bytes.
        length: u64,
        /// Size of a part in bytes; `None` if it is missing or not a number.
        block_size: Option<i64>,
        /// Number of parts; `None` if it is missing or not a number.
        block_count: Option<i64>,
        /// Why it is invalid.
        reason: &'static str,
    },
    /// Another upload, of this or another process, uses the state file.
    Busy {
        /// The state file.
        path: PathBuf,
    },
    /// The upload cannot be made resumable; nothing was sent.
    NotResumable {
        /// Why not, and what to do.
        reason: &'static str,
    },
    /// The stream was read before, by a failed call or through a clone.
    Used,
}

impl UploadError {
    /// Returns whether a retry may succeed.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Changed { .. } | Self::Busy { .. })
    }
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { path, what } => write!(
                f,
                "{} changed during the upload ({what}): upload it again when no other program writes to it",
                path.display()
            ),
            Self::Read { path, source } => write!(f, "reading {} failed: {source}", path.display()),
            Self::Length { declared, received } if received < declared => write!(
                f,
                "the stream ended after {received} of {declared} declared bytes: pass its exact length to `UploadSource::stream`"
            ),
            Self::Length { declared, received } => write!(
                f,
                "the stream yielded at least {received} bytes, more than the {declared} declared: pass its exact length to `UploadSource::stream`"
            ),
            Self::Stream { source } => write!(f, "the stream failed: {source}"),
            Self::Division {
                length,
                block_size,
                block_count,
                reason,
            } => {
                let shown =
                    |number: &Option<i64>| number.map_or_else(|| "missing".to_owned(), |number| number.to_string());
                let (size, count) = (shown(block_size), shown(block_count));
                write!(
                    f,
                    "invalid division of a file of {length} bytes: {reason} (part size: {size}, parts: {count}): no part was sent"
                )
            }
            Self::Busy { path } => write!(
                f,
                "another upload uses {}: wait for it, or use another path",
                path.display()
            ),
            Self::NotResumable { reason } => write!(f, "not sent: {reason}"),
            Self::Used => f.write_str(
                "the stream was already read and can be read only once: use a new one, or `UploadSource::path` or \
                 `UploadSource::bytes`, which can be sent again",
            ),
        }
    }
}
