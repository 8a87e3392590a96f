//! Failures of downloads, uploads and temporary links.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

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
    /// The response is an HTML page of another server, such as the login page of a gateway.
    ForeignPage {
        /// HTTP status of the response.
        status: u16,
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
            Self::ForeignPage { status } => write!(
                f,
                "the response (HTTP {status}) is an HTML page, not a file of the platform (neither Content-Disposition nor \
                 X-Tt-Logid): check the base URL, and whether a gateway or a proxy requires a login"
            ),
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

/// Why a temporary link could not be downloaded.
///
/// Contains hosts and statuses only, never the link.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemporaryLinkError {
    /// The platform returned no link for the token.
    Missing,
    /// The link, or a redirect of it, is not followed.
    Unsafe {
        /// The target host; may be empty.
        host: String,
        /// Why it is not followed.
        reason: &'static str,
    },
    /// The host has no public address.
    Private {
        /// The host.
        host: String,
    },
    /// Too many redirects.
    Redirects {
        /// Number of redirects followed.
        followed: usize,
    },
    /// The host of the link did not return a file.
    Refused {
        /// The host.
        host: String,
        /// HTTP status of the response.
        status: u16,
        /// Delay before the next attempt, if the host sends one.
        retry_after: Option<Duration>,
    },
}

impl TemporaryLinkError {
    /// Returns whether a retry may succeed.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Refused { status, .. } => matches!(status, 408 | 429 | 500..),
            _ => false,
        }
    }

    /// Returns whether an expired or revoked link fails like this.
    #[cfg(feature = "drive")]
    pub(crate) fn may_be_expired(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                status: 400 | 401 | 403 | 404 | 410,
                ..
            }
        )
    }
}

impl fmt::Display for TemporaryLinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str(
                "the platform returned no link for this token: check that the media exists and the caller may download it",
            ),
            Self::Unsafe { host, reason } => {
                f.write_str("the link is not followed")?;
                if !host.is_empty() {
                    write!(f, " to {host}")?;
                }
                write!(f, ": {reason}")
            }
            Self::Private { host } => write!(
                f,
                "the link is not followed to {host}, which has no public address: for a platform in your own network, allow \
                 it with `ClientBuilder::allow_private_links`"
            ),
            Self::Redirects { followed } => write!(f, "too many redirects of the link ({followed})"),
            Self::Refused { host, status, .. } => write!(
                f,
                "{host} returned HTTP {status} and no file for the link: if a new link fails too, check that the caller may \
                 still download the media"
            ),
        }
    }
}
