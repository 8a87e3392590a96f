//! Why a file could not be sent.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a file could not be sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum UploadError {
    /// The file changed while it was sent.
    Changed {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
    },
    /// The file could not be read to its end.
    DecodeError {
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
    /// The platform says of the parts of a file what cannot be; none was sent.
    Division {
        /// How many bytes the file has.
        length: u64,
        /// How many bytes a part is to have; `None` where nothing came that is a number.
        block_size: Option<i64>,
        /// How many parts there are to be; `None` where nothing came that is a number.
        block_count: Option<i64>,
        /// Why it cannot be.
        why: &'static str,
    },
    /// Another process, or another upload of this one, has the file with the state of the upload.
    Busy {
        /// That file.
        path: PathBuf,
    },
    /// The upload was to leave what a later process can go on with, and nothing was sent, since none can.
    NotResumable {
        /// Why not, and what to do.
        why: &'static str,
    },
    /// The stream was used before, by a call that failed or by that with a clone.
    Used,
}

impl UploadError {
    /// Whether trying again may help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Changed { .. } | Self::Busy { .. })
    }
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { path, what } => write!(
                f,
                "{} changed while it was sent: {what}; send it again once nobody writes to it",
                path.display()
            ),
            Self::DecodeError { path, source } => write!(f, "reading {} failed: {source}", path.display()),
            Self::Length { declared, came } if came < declared => write!(
                f,
                "the stream ended after {came} bytes, and {declared} were announced: give `UploadSource::stream` its true length"
            ),
            Self::Length { declared, came } => write!(
                f,
                "the stream gave at least {came} bytes, and {declared} were announced: give `UploadSource::stream` its true length"
            ),
            Self::Stream { source } => write!(f, "the stream failed: {source}"),
            Self::Division {
                length,
                block_size,
                block_count,
                why,
            } => {
                let shown =
                    |number: &Option<i64>| number.map_or_else(|| "nothing".to_owned(), |number| number.to_string());
                let (size, count) = (shown(block_size), shown(block_count));
                write!(
                    f,
                    "the platform wants a file of {length} bytes in parts that cannot be: {why} (size of a part: {size}, \
                     parts: {count}); nothing of it was sent"
                )
            }
            Self::Busy { path } => write!(
                f,
                "another upload has {}: let it end, or name another path",
                path.display()
            ),
            Self::NotResumable { why } => write!(f, "not sent: {why}"),
            Self::Used => f.write_str(
                "the stream has been read before, and can be read once: give a new one, or `UploadSource::path` or \
                 `UploadSource::bytes`, which can be sent again",
            ),
        }
    }
}
