//! How patiently a task is asked for.

use std::time::Duration;

/// Before it is asked for the first time after it was started.
const FIRST: Duration = Duration::from_secs(1);
/// The longest that is waited between two times.
const LONGEST: Duration = Duration::from_secs(10);
/// How long it may take in all.
const AT_MOST: Duration = Duration::from_secs(10 * 60);

/// How patiently a task is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Always the same between two times; `None`: more and more.
    pub every: Option<Duration>,
    pub at_most: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            every: None,
            at_most: AT_MOST,
        }
    }
}

impl Pace {
    /// How long to wait before the task is asked for again, after it was asked for so many times.
    pub(super) fn delay(&self, asked: u32) -> Duration {
        match self.every {
            Some(every) => every,
            // Half as much more each time; by the power at which the longest is reached it stays there.
            None => FIRST.mul_f64(1.5_f64.powi(asked.min(8) as i32)).min(LONGEST),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_longer_each_time_and_never_longer_than_ten_seconds() {
        let delays: Vec<f64> = (0..8).map(|asked| Pace::default().delay(asked).as_secs_f64()).collect();
        assert_eq!(delays, [1.0, 1.5, 2.25, 3.375, 5.0625, 7.59375, 10.0, 10.0]);
        assert_eq!(Pace::default().delay(u32::MAX), LONGEST);
    }

    #[test]
    fn a_pace_that_was_asked_for_is_kept() {
        let pace = Pace {
            every: Some(Duration::from_secs(60)),
            ..Pace::default()
        };
        assert_eq!(
            (pace.delay(0), pace.delay(100)),
            (Duration::from_secs(60), Duration::from_secs(60))
        );
    }
}
