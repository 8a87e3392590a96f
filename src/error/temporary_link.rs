//! Why a temporary link led to no file.

use std::fmt;
use std::time::Duration;

/// Why a temporary link led to no file.
///
/// It never holds the link: hosts and statuses are all it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemporaryLinkError {
    /// The platform gave no link for the token.
    Missing,
    /// The link, or what it was redirected to, is not followed.
    Unsafe {
        /// The host that it leads to; empty where it has none.
        host: String,
        /// Why it is not followed.
        why: &'static str,
    },
    /// The host has no address on the public internet.
    Private {
        /// The host.
        host: String,
    },
    /// There were too many redirects.
    Redirects {
        /// How many were followed.
        followed: usize,
    },
    /// The host of the link answered with something that is no file.
    Refused {
        /// The host.
        host: String,
        /// HTTP status of the answer.
        status: u16,
        /// How long to wait before the next try, where the host says so.
        retry_after: Option<Duration>,
    },
}

impl TemporaryLinkError {
    /// Whether trying again may help.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Refused { status, .. } => matches!(status, 408 | 429 | 500..),
            _ => false,
        }
    }

    /// Whether a link that has ended, or was taken back, is answered like that.
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
                "the platform gave no link for this token: look whether the media exists and the caller may download it",
            ),
            Self::Unsafe { host, why } => {
                write!(f, "the link is not followed")?;
                if !host.is_empty() {
                    write!(f, " to {host}")?;
                }
                write!(f, ": {why}")
            }
            Self::Private { host } => write!(
                f,
                "the link is not followed to {host}, which has no address on the public internet: if the platform is in \
                 your own network, allow it with `ClientBuilder::allow_private_links`"
            ),
            Self::Redirects { followed } => write!(f, "the link was redirected more than {followed} times"),
            Self::Refused { host, status, .. } => write!(
                f,
                "{host} answered the link with HTTP {status} and no file: if that stays so with a new link, look whether the \
                 caller may still download the media"
            ),
        }
    }
}
