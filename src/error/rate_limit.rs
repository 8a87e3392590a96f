//! A call that would have to wait longer than it may.

use std::fmt;
use std::time::Duration;

/// A call that was not made: the endpoint's limit, or a pause that the platform asked for, would have kept it
/// waiting longer than it may.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimitError {
    /// How long it would have to wait, as far as can be told.
    pub wait: Duration,
}

impl fmt::Display for RateLimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rounded up: whoever waits so long does not come too early.
        let seconds = (self.wait.as_secs_f64() * 10.0).ceil() / 10.0;
        write!(
            f,
            "the endpoint's limit has been reached: try again in {seconds:.1} s, or give the call a later deadline"
        )
    }
}
