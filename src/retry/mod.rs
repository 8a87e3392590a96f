//! Retries: which failures are retried, after which delay, and how often.
//!
//! Nothing in this module sends, waits or knows a client. The loop that applies it is `call/retry_loop.rs`.

mod backoff;
mod budget;
mod classify;

use std::time::Duration;

pub(crate) use backoff::{Backoff, parse_retry_after};
pub(crate) use budget::{Budget, Draw, Purpose};
pub(crate) use classify::{Cause, Failure, Repeat, Verdict, classify_failure};

/// A policy that sets the number of attempts and the backoff between them.
///
/// The delay before the n-th retry is random between zero and `initial_backoff × 2ⁿ⁻¹`, at most `max_backoff`, or the
/// server-imposed delay if that is longer. With any policy, no call exceeds its deadline, only requests that are safe to send
/// again are retried, and all calls of a client share one retry budget.
///
/// ```
/// use std::time::Duration;
/// use larkspur::{Client, RetryPolicy};
///
/// # fn main() -> larkspur::Result<()> {
/// let client = Client::builder()
///     .tenant_token("t-xxx")
///     .retries(RetryPolicy::new().attempts(6).max_backoff(Duration::from_secs(30)))
///     .build()?;
/// let without_retries = client.with_retries(RetryPolicy::none());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    initial_backoff: Duration,
    max_backoff: Duration,
}

impl RetryPolicy {
    /// Creates the default policy: four attempts, with delays of up to 0.2, 0.4 and 0.8 seconds.
    pub const fn new() -> Self {
        Self {
            attempts: 4,
            initial_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(10),
        }
    }

    /// Creates a policy without retries. A token that the platform rejects is still replaced once.
    pub const fn none() -> Self {
        Self::new().attempts(1)
    }

    /// Sets the maximum number of attempts, including the first one; 0 counts as 1.
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// Sets the maximum delay before the first retry; default 0.2 seconds. It doubles with each further one.
    pub const fn initial_backoff(mut self, wait: Duration) -> Self {
        self.initial_backoff = wait;
        self
    }

    /// Sets the maximum delay before any retry; default 10 seconds. A server-imposed delay may be longer.
    pub const fn max_backoff(mut self, wait: Duration) -> Self {
        self.max_backoff = wait;
        self
    }
}

/// [`RetryPolicy::new`].
impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}
