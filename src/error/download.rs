//! Failures of downloads.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a file could not be downloaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum DownloadError {
    /// The endpoint returns JSON, not a file; nothing was sent.
    NotBinary,
    /// The request has a range; nothing was sent.
    Ranged,
    /// The file exists and must not be replaced.
    Exists {
        /// Path of the file.
        path: PathBuf,
    },
    /// Another download is writing this partial file.
    Busy {
        /// The partial file.
        path: PathBuf,
    },
    /// A response conflicts with earlier ones: the file changed, or the response is for another file.
    Changed {
        /// What differs.
        what: &'static str,
    },
    /// The response has no length and no end marker, so it may be truncated.
    Unbounded {
        /// Number of bytes received.
        bytes: u64,
    },
    /// The file changed after part of it was written to a writer, which cannot be rewound.
    Diverged {
        /// Number of bytes written.
        bytes: u64,
    },
    /// The writer failed.
    Writer {
        /// The cause.
        source: io::Error,
    },
    /// The object store failed; no object was created.
    Store {
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl DownloadError {
    /// Returns whether a retry may succeed.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Changed { .. } | Self::Diverged { .. })
    }
}

impl fmt::Display for DownloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBinary => f.write_str("not sent: the endpoint returns JSON, not a file: use `send`"),
            Self::Ranged => f.write_str(
                "not sent: a download is of the whole file, and the request has a range: remove `range`, or use `send`",
            ),
            Self::Exists { path } => write!(
                f,
                "{} exists: use another path, or replace it with `overwrite(Overwrite::Replace)`",
                path.display()
            ),
            Self::Busy { path } => write!(
                f,
                "another download is writing {}: wait for it, or use another path",
                path.display()
            ),
            Self::Changed { what } => write!(f, "the file changed during the download ({what}): restart it"),
            Self::Unbounded { bytes } => write!(
                f,
                "the response ended after {bytes} bytes without a length or an end marker, so it may be truncated: check the \
                 proxies in between"
            ),
            Self::Diverged { bytes } => write!(
                f,
                "the file changed after {bytes} bytes were written, and the writer cannot be rewound: restart with a new \
                 writer"
            ),
            Self::Writer { source } => write!(f, "the writer failed: {source}"),
            Self::Store { source } => write!(f, "the object store failed: {source}"),
        }
    }
}
