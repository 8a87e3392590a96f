//! How long to wait before the next attempt.

use std::time::Duration;

use super::RetryPolicy;

/// The retries that a call has left, and the waits before them.
///
/// Exponential with full jitter: calls that failed together do not come back together.
#[derive(Debug)]
pub(crate) struct Backoff {
    policy: RetryPolicy,
    retries: u32,
}

impl Backoff {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        Self { policy, retries: 0 }
    }

    /// The wait before the next retry; `None` where there has been the last one.
    pub(crate) fn next(&mut self) -> Option<Duration> {
        let longest = self.longest()?;
        self.retries += 1;
        Some(longest.mul_f64(fastrand::f64()))
    }

    /// The longest that the next wait can be.
    fn longest(&self) -> Option<Duration> {
        if self.retries + 1 >= self.policy.attempts {
            return None;
        }
        let factor = 1_u32.checked_shl(self.retries).unwrap_or(u32::MAX);
        Some(
            self.policy
                .initial_backoff
                .saturating_mul(factor)
                .min(self.policy.max_backoff),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest waits before each retry, in milliseconds.
    fn longest(policy: RetryPolicy) -> Vec<u128> {
        let mut backoff = Backoff::new(policy);
        let next = || {
            let longest = backoff.longest()?;
            assert!(backoff.next()? <= longest);
            Some(longest.as_millis())
        };
        std::iter::from_fn(next).take(100).collect()
    }

    #[test]
    fn the_longest_wait_doubles_up_to_a_limit() {
        let policy = RetryPolicy::new().attempts(7).max_backoff(Duration::from_secs(2));
        assert_eq!(longest(policy), [200, 400, 800, 1600, 2000, 2000]);
    }

    #[test]
    fn one_attempt_leaves_no_retry() {
        assert_eq!(longest(RetryPolicy::none()), []);
        assert_eq!(longest(RetryPolicy::new().attempts(0)), []);
    }

    #[test]
    fn any_number_of_attempts_and_any_wait_is_survived() {
        let policy = RetryPolicy::new().attempts(u32::MAX).initial_backoff(Duration::MAX);
        assert_eq!(longest(policy.max_backoff(Duration::from_secs(1))), [1000; 100]);
    }

    #[test]
    fn waits_are_spread_over_the_whole_of_their_range() {
        let waits: Vec<_> = (0..1000)
            .filter_map(|_| Backoff::new(RetryPolicy::new()).next())
            .collect();
        let early = waits.iter().filter(|wait| wait.as_millis() < 50).count();
        let late = waits.iter().filter(|wait| wait.as_millis() >= 150).count();
        assert!(early > 100 && late > 100, "{early} early, {late} late");
    }
}
