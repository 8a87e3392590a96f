//! Calls that would exceed a rate limit for too long.

use std::fmt;
use std::time::Duration;

/// A call that was not sent because the endpoint's rate limit, or a server-imposed delay, would delay it beyond its deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimitError {
    /// Estimated time until the call could be sent.
    pub wait: Duration,
}

impl fmt::Display for RateLimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded up, so that a caller who waits this long is not too early.
        let seconds = (self.wait.as_secs_f64() * 10.0).ceil() / 10.0;
        write!(
            f,
            "the endpoint's rate limit is reached: retry in {seconds:.1} s, or set a later deadline"
        )
    }
}
