//! Exponential backoff with full jitter.

use std::time::Duration;

use super::RetryPolicy;

/// The retries that a call has left, and the delays before them.
///
/// Exponential with full jitter, so that calls that failed at the same time are not retried at the same time.
#[derive(Debug)]
pub(crate) struct Backoff {
    policy: RetryPolicy,
    retries: u32,
}

impl Backoff {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        Self { policy, retries: 0 }
    }

    /// Returns the delay before the next retry; `None` after the last one.
    pub(crate) fn next(&mut self) -> Option<Duration> {
        let max = self.max_delay()?;
        self.retries += 1;
        Some(max.mul_f64(fastrand::f64()))
    }

    /// Returns the maximum of the next delay.
    fn max_delay(&self) -> Option<Duration> {
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

    /// Returns the maximum delay before each retry, in milliseconds.
    fn max_delays(policy: RetryPolicy) -> Vec<u128> {
        let mut backoff = Backoff::new(policy);
        let next = || {
            let max = backoff.max_delay()?;
            assert!(backoff.next()? <= max);
            Some(max.as_millis())
        };
        std::iter::from_fn(next).take(100).collect()
    }

    #[test]
    fn max_delay_doubles_up_to_max_backoff() {
        let policy = RetryPolicy::new().attempts(7).max_backoff(Duration::from_secs(2));
        assert_eq!(max_delays(policy), [200, 400, 800, 1600, 2000, 2000]);
    }

    #[test]
    fn one_attempt_allows_no_retry() {
        assert_eq!(max_delays(RetryPolicy::none()), []);
        assert_eq!(max_delays(RetryPolicy::new().attempts(0)), []);
    }

    #[test]
    fn extreme_policies_do_not_overflow() {
        let policy = RetryPolicy::new().attempts(u32::MAX).initial_backoff(Duration::MAX);
        assert_eq!(max_delays(policy.max_backoff(Duration::from_secs(1))), [1000; 100]);
    }

    #[test]
    fn delays_spread_over_the_whole_range() {
        let waits: Vec<_> = (0..1000)
            .filter_map(|_| Backoff::new(RetryPolicy::new()).next())
            .collect();
        let early = waits.iter().filter(|wait| wait.as_millis() < 50).count();
        let late = waits.iter().filter(|wait| wait.as_millis() >= 150).count();
        assert!(early > 100 && late > 100, "{early} early, {late} late");
    }
}
