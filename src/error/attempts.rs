//! The attempts of a failed call.

use std::fmt;
use std::time::Duration;

/// The attempts of a failed call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tries {
    pub attempts: u32,
    /// The delay before each attempt but the first.
    pub waits: Vec<Duration>,
    /// Why the last failure was not retried, although a retry might have succeeded.
    pub stopped: Option<Stopped>,
}

/// Why a retryable failure was not retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// The retry policy allows no further attempt.
    Attempts,
    /// The delay would exceed the deadline.
    Deadline,
    /// The client's retry budget is exhausted.
    Budget,
    /// The request may have been processed; with the field for an idempotency key, if the endpoint has one.
    Effect(Option<&'static str>),
    /// The request body can be read only once.
    Body,
    /// The platform issued the rejected token again.
    SameToken,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attempts => f.write_str("the retry policy allows no further attempt"),
            Self::Deadline => f.write_str("the delay would exceed the deadline of the call"),
            Self::Budget => f.write_str("too many calls of this client fail, and its retry budget is exhausted"),
            Self::Effect(Some(key)) => write!(
                f,
                "the request may have been processed; set `{key}` to make the call idempotent"
            ),
            Self::Effect(None) => f.write_str("the request may have been processed; check before retrying"),
            Self::SameToken => {
                f.write_str("the platform issued the same token again, so the endpoint does not accept this token")
            }
            Self::Body => f.write_str("its file is a stream, which can be read only once"),
        }
    }
}
