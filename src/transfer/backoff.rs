//! How long to wait before another attempt.

use std::time::Duration;

/// Longest wait that this makes; the platform may ask for more.
const LONGEST: Duration = Duration::from_secs(30);

/// The wait before another attempt: doubled with each one that brought nothing, and anywhere between a half and
/// all of that, so that clients which failed together do not come back together.
pub(crate) fn wait(first: Duration, failures: u32, asked: Option<Duration>) -> Duration {
    let doubled = first.saturating_mul(1 << failures.saturating_sub(1).min(16));
    let share = 0.5 + fastrand::f64() / 2.0;
    doubled.min(LONGEST).mul_f64(share).max(asked.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound() {
        let first = Duration::from_secs(1);
        for (failures, most) in [(0, 1), (1, 1), (2, 2), (3, 4), (6, 30), (u32::MAX, 30)] {
            let wait = wait(first, failures, None);
            let most = Duration::from_secs(most);
            assert!(wait <= most && wait * 2 >= most, "{failures}: {wait:?}");
        }
    }

    #[test]
    fn the_platform_may_ask_for_more() {
        let asked = Duration::from_secs(60);
        assert_eq!(wait(Duration::from_secs(1), 1, Some(asked)), asked);
    }
}
