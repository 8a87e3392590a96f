//! How often and how patiently a call is tried again.

use std::time::Duration;

/// How often a call is tried again, and how long it waits in between.
///
/// Before the n-th retry a call waits a random time between nothing and `initial_backoff × 2ⁿ⁻¹`, at most `max_backoff`;
/// longer where the platform says so. Whatever is set here, no call outlives its deadline, only what is safe to send
/// again is sent again, and all calls of a client draw on one budget of retries.
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
/// let impatient = client.with_retries(RetryPolicy::none());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    pub(super) attempts: u32,
    pub(super) initial_backoff: Duration,
    pub(super) max_backoff: Duration,
}

impl RetryPolicy {
    /// Four attempts; waits of up to 0.2, 0.4 and 0.8 seconds.
    pub const fn new() -> Self {
        Self {
            attempts: 4,
            initial_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(10),
        }
    }

    /// One attempt. A token that the platform refuses is replaced once all the same: that is no retry of the call.
    pub const fn none() -> Self {
        Self::new().attempts(1)
    }

    /// Most attempts in all, the first one included; 0 is taken as 1.
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// Longest wait before the first retry, 0.2 seconds unless set. It doubles with each further one.
    pub const fn initial_backoff(mut self, wait: Duration) -> Self {
        self.initial_backoff = wait;
        self
    }

    /// Longest wait before any retry, 10 seconds unless set. What the platform asks for may be longer.
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
