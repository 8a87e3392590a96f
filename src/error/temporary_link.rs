//! Failures to download from a temporary link.

use std::fmt;
use std::time::Duration;

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
