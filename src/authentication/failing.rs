//! How long a fetch that failed is not tried again, and what callers get meanwhile.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, ErrorKind};

/// Shortest rest, before chance shortens it. It doubles with each fetch that fails.
const SHORTEST: Duration = Duration::from_secs(1);
/// Longest rest while there is a token that still lives.
const LONGEST: Duration = Duration::from_secs(60);
/// Longest rest where calls fail for want of a token: they are to go on soon once the cause is mended.
const LONGEST_WITHOUT: Duration = Duration::from_secs(5);

/// Fetches that have failed, one after another.
pub(super) struct Failing {
    times: u32,
    at: Instant,
    rest: Duration,
    error: Error,
}

impl Failing {
    /// Another failure, after these. Chance keeps processes from asking together.
    pub(super) fn after(before: Option<&Self>, error: Error, now: Instant) -> Self {
        let times = before.map_or(0, |before| before.times);
        let longest = SHORTEST.saturating_mul(1 << times.min(10)).min(LONGEST);
        Self {
            times: times.saturating_add(1),
            at: now,
            rest: longest.mul_f64(0.5 + 0.5 * fastrand::f64()),
            error,
        }
    }

    /// Whether a token that still lives is not to be renewed now.
    pub(super) fn rests(&self, now: Instant) -> bool {
        now < self.at + self.rest
    }

    /// What a caller without a token gets instead of another fetch: a wrong secret or an outage is no reason to ask
    /// the platform once for each call. What the platform had no part in, such as a user who has not logged in yet, is
    /// looked at anew, and so is a login, whose end is remembered with its refresh token.
    pub(super) fn answer(&self, now: Instant) -> Option<&Error> {
        let asked = matches!(
            self.error.kind(),
            ErrorKind::Api(_) | ErrorKind::Transport(_) | ErrorKind::Decode(_)
        );
        let rests = now < self.at + self.rest.min(LONGEST_WITHOUT);
        (asked && rests && !self.error.needs_login()).then_some(&self.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::v3::tenant_access_token::Internal;
    use crate::error::{AuthError, LoginError, TransportError};

    fn error(problem: ErrorKind) -> Error {
        Error::at(&Internal::ENDPOINT, problem)
    }

    fn outage() -> Error {
        error(ErrorKind::Transport(TransportError::other("no way")))
    }

    /// After so many failures.
    fn failing(times: u32, error: &Error, now: Instant) -> Failing {
        let first = Failing::after(None, error.clone(), now);
        (1..times).fold(first, |before, _| Failing::after(Some(&before), error.clone(), now))
    }

    #[test]
    fn rests_grow_up_to_a_minute_and_to_five_seconds_without_a_token() {
        let now = Instant::now();
        let seconds = |seconds: u64| now + Duration::from_millis(1 + 1000 * seconds);
        for (times, rest, without) in [(1, 1, 1), (2, 2, 2), (3, 4, 4), (4, 8, 5), (7, 60, 5), (90, 60, 5)] {
            let failing = failing(times, &outage(), now);
            assert!(failing.rests(now) && !failing.rests(seconds(rest)), "{times}");
            assert!(failing.answer(now).is_some(), "{times}");
            assert!(failing.answer(seconds(without)).is_none(), "{times}");
        }
    }

    #[test]
    fn rests_differ_by_chance() {
        let now = Instant::now();
        let half = now + Duration::from_millis(499);
        let rests = (0..100).map(|_| Failing::after(None, outage(), now));
        let rests: std::collections::HashSet<_> = rests
            .map(|failing| {
                assert!(failing.rests(half));
                failing.rest
            })
            .collect();
        assert!(rests.len() > 50);
    }

    #[test]
    fn what_the_platform_had_no_part_in_is_looked_at_anew() {
        let now = Instant::now();
        for problem in [
            ErrorKind::Login(LoginError::None),
            ErrorKind::Login(LoginError::Busy),
            ErrorKind::Auth(AuthError::NoTicket { cause: None }),
        ] {
            assert!(failing(1, &error(problem), now).answer(now).is_none());
        }
    }
}
