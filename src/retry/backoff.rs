//! Delays before a retry: exponential backoff with full jitter, and server-imposed delays.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

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

/// The platform's own header: seconds until the rate window resets.
const RESET: HeaderName = HeaderName::from_static("x-ogw-ratelimit-reset");

/// Returns the delay that the headers impose: the platform's own header first, then that of HTTP, which a proxy may set.
pub(crate) fn parse_retry_after(headers: &HeaderMap) -> Option<Duration> {
    header_seconds(headers, &RESET)
        .or_else(|| header_seconds(headers, &RETRY_AFTER))
        .or_else(|| delay_until_date(headers))
}

fn header_seconds(headers: &HeaderMap, name: &HeaderName) -> Option<Duration> {
    header_text(headers, name)?.parse().ok().map(Duration::from_secs)
}

/// Returns the delay until the date in `Retry-After`, relative to the response's `Date`: the local clock may be wrong.
fn delay_until_date(headers: &HeaderMap) -> Option<Duration> {
    let end = header_date(headers, &RETRY_AFTER)?;
    let now = header_date(headers, &DATE).unwrap_or_else(SystemTime::now);
    // A date in the past means no delay.
    Some(end.duration_since(now).unwrap_or_default())
}

fn header_date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(header_text(headers, name)?).ok()
}

fn header_text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
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

    const NOON: &str = "Fri, 02 Jan 2026 12:00:00 GMT";

    fn parsed(headers: &[(HeaderName, &str)]) -> Option<u64> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()));
        parse_retry_after(&headers.collect()).map(|wait| wait.as_secs())
    }

    #[test]
    fn prefers_the_platforms_header() {
        assert_eq!(parsed(&[(RETRY_AFTER, "9"), (RESET, "3")]), Some(3));
        assert_eq!(parsed(&[(RETRY_AFTER, " 9 "), (RESET, "soon")]), Some(9));
    }

    #[test]
    fn reads_dates_relative_to_the_response() {
        for (date, wait) in [
            ("Fri, 02 Jan 2026 12:00:07 GMT", Some(7)),
            ("Friday, 02-Jan-26 12:01:00 GMT", Some(60)),
            ("Fri Jan  2 11:59:00 2026", Some(0)),
            ("Fri, 32 Jan 2026 12:00:07 GMT", None),
        ] {
            assert_eq!(parsed(&[(DATE, NOON), (RETRY_AFTER, date)]), wait, "{date}");
        }
    }

    #[test]
    fn reads_dates_by_the_local_clock_without_date() {
        let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
        let wait = parsed(&[(RETRY_AFTER, &in_an_hour)]).unwrap();
        assert!((3500..=3600).contains(&wait), "{wait}");
    }

    #[test]
    fn ignores_invalid_delays() {
        for value in ["", "-1", "1.5", "tomorrow", "99999999999999999999999"] {
            assert_eq!(parsed(&[(RETRY_AFTER, value), (RESET, value)]), None, "{value}");
        }
    }
}
