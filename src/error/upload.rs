//! Why a file could not be sent.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a file could not be sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum UploadFault {
    /// The file changed while it was sent.
    Changed {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
    },
    /// The file could not be read to its end.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The stream gave another number of bytes than was said.
    Length {
        /// How many it was to give.
        declared: u64,
        /// How many had come when that was seen.
        came: u64,
    },
    /// The stream failed.
    Stream {
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The stream was used before, by a call that failed or by that with a clone.
    Used,
}

impl fmt::Display for UploadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { path, what } => write!(
                f,
                "{} changed while it was sent: {what}; send it again once nobody writes to it",
                path.display()
            ),
            Self::Unreadable { path, source } => write!(f, "reading {} failed: {source}", path.display()),
            Self::Length { declared, came } if came < declared => write!(
                f,
                "the stream ended after {came} bytes, and {declared} were announced: give `Upload::stream` its true length"
            ),
            Self::Length { declared, came } => write!(
                f,
                "the stream gave at least {came} bytes, and {declared} were announced: give `Upload::stream` its true length"
            ),
            Self::Stream { source } => write!(f, "the stream failed: {source}"),
            Self::Used => f.write_str(
                "the stream has been read before, and can be read once: give a new one, or `Upload::path` or \
                 `Upload::bytes`, which can be sent again",
            ),
        }
    }
}
