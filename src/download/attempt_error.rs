//! What a failed attempt means for the transfer.

use crate::call::Opened;
use crate::endpoint::EndpointInfo;
use crate::error::{DecodeError, DownloadError, Error, ErrorKind, TransportError};

/// What a failed attempt means for the transfer.
pub(crate) enum AttemptError {
    /// It is over.
    Fatal(Error),
    /// It is over, and the error says what was tried.
    Exhausted(Error),
    /// What has come is good, and another attempt may bring the rest.
    Retryable(Error),
    /// What has come is of no use to the next attempt, which begins at the start.
    Restart(Error),
    /// The same, and ranges lead to nothing here.
    RangesUnsupported(Error),
}

impl AttemptError {
    /// Of a call that gave no answer to read.
    pub(crate) fn from_call(error: Error) -> Self {
        match error.is_retryable() {
            true => Self::Retryable(error),
            false => Self::Fatal(error),
        }
    }

    /// Of an answer that broke off.
    pub(crate) fn interrupted(endpoint: &'static EndpointInfo, fault: TransportError) -> Self {
        Self::Retryable(Error::at(endpoint, ErrorKind::Transport(fault)))
    }

    /// Of an answer that is not about the validator that is there.
    pub(crate) fn file_changed(endpoint: &'static EndpointInfo, what: &'static str) -> Self {
        Self::Restart(Error::at(
            endpoint,
            ErrorKind::Download(DownloadError::Changed { what }),
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

/// The error for an answer that makes no sense here.
pub(crate) fn unexpected(endpoint: &'static EndpointInfo, opened: &Opened) -> Error {
    let unreadable = DecodeError {
        status: opened.status.as_u16(),
        path: String::new(),
        problem: "a file was expected, HTTP 200, or the part of it that was asked for, HTTP 206".to_owned(),
        log_id: opened.log_id.clone(),
    };
    Error::at(endpoint, ErrorKind::Decode(unreadable))
}
