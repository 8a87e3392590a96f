//! Why a file did not get to its place.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a file did not get to its place.
#[derive(Debug)]
#[non_exhaustive]
pub enum DownloadError {
    /// The endpoint answers with JSON and gives no file; nothing was sent.
    NotBinary,
    /// The request asks for a part of the file; nothing was sent.
    Ranged,
    /// There is a file already, and it was not to be replaced.
    Exists {
        /// Where it is.
        path: PathBuf,
    },
    /// Another transfer is writing this partial file.
    Busy {
        /// The partial file.
        path: PathBuf,
    },
    /// An answer does not go with those before: the file has changed, or the answer is not about it.
    Changed {
        /// What differs.
        what: &'static str,
    },
    /// The answer has neither a length nor an end of its own, so nothing says that all of it came.
    Unbounded {
        /// How many bytes came.
        bytes: u64,
    },
    /// The file changed when some of it had been given to a writer, which cannot take it back.
    Diverged {
        /// How many bytes the writer has had.
        bytes: u64,
    },
    /// The writer failed.
    Writer {
        /// Why.
        source: io::Error,
    },
    /// The object store failed; nothing is to be seen there.
    Store {
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl DownloadError {
    /// Whether trying again may help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Changed { .. } | Self::Diverged { .. })
    }
}

impl fmt::Display for DownloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBinary => f.write_str("not sent: it answers with JSON and gives no file: use `send`"),
            Self::Ranged => f.write_str(
                "not sent: the request asks for a part of the file, and a transfer is of all of it: leave `range` out, \
                 or use `send`",
            ),
            Self::Exists { path } => write!(
                f,
                "{} exists and stays as it is: name another path, or allow it with `overwrite(Overwrite::Replace)`",
                path.display()
            ),
            Self::Busy { path } => write!(
                f,
                "another transfer is writing {}: let it end, or name another path",
                path.display()
            ),
            Self::Changed { what } => write!(f, "the file changed while it was on its way: {what}; start again"),
            Self::Unbounded { bytes } => write!(
                f,
                "the answer ended after {bytes} bytes without a length or an end of its own, so it may be cut: \
                 look what stands between here and the platform"
            ),
            Self::Diverged { bytes } => write!(
                f,
                "the file changed when {bytes} bytes of it had been written, which cannot be taken back: start again with \
                 a writer of which nothing was used"
            ),
            Self::Writer { source } => write!(f, "the writer failed: {source}"),
            Self::Store { source } => write!(f, "the object store failed: {source}"),
        }
    }
}
