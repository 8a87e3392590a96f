//! The outcome of a failed attempt.

use crate::call::Opened;
use crate::endpoint::EndpointInfo;
use crate::error::{DecodeError, DownloadError, Error, ErrorKind, TransportError};

/// A failed attempt, classified by what the download does next.
pub(crate) enum AttemptError {
    /// Fails the download.
    Fatal(Error),
    /// Fails the download; the error already contains the retries.
    Exhausted(Error),
    /// The next attempt resumes after the received bytes.
    Retryable(Error),
    /// The received bytes are unusable, and the next attempt restarts from the beginning.
    Restart(Error),
    /// As `Restart`, and ranges are not requested any more.
    RangesUnsupported(Error),
}

impl AttemptError {
    /// A call without a usable response.
    pub(crate) fn from_call(error: Error) -> Self {
        if error.is_retryable() {
            Self::Retryable(error)
        } else {
            Self::Fatal(error)
        }
    }

    /// A response that ended early.
    pub(crate) fn interrupted(endpoint: &'static EndpointInfo, error: TransportError) -> Self {
        Self::Retryable(Error::at(endpoint, ErrorKind::Transport(error)))
    }

    /// A response for another version of the file.
    pub(crate) fn file_changed(endpoint: &'static EndpointInfo, reason: &'static str) -> Self {
        Self::Restart(Error::at(
            endpoint,
            ErrorKind::Download(DownloadError::Changed { what: reason }),
        ))
    }

    pub(crate) fn error(&self) -> &Error {
        match self {
            Self::Fatal(error)
            | Self::Exhausted(error)
            | Self::Retryable(error)
            | Self::Restart(error)
            | Self::RangesUnsupported(error) => error,
        }
    }

    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Fatal(error)
            | Self::Exhausted(error)
            | Self::Retryable(error)
            | Self::Restart(error)
            | Self::RangesUnsupported(error) => error,
        }
    }
}

/// The error for an unexpected status.
pub(crate) fn unexpected_status(endpoint: &'static EndpointInfo, opened: &Opened) -> Error {
    let error = DecodeError {
        status: opened.status.as_u16(),
        path: String::new(),
        problem: "expected a file (HTTP 200) or the requested range (HTTP 206)".to_owned(),
        log_id: opened.log_id.clone(),
    };
    Error::at(endpoint, ErrorKind::Decode(error))
}
