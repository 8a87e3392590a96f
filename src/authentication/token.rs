//! A token and its life.

use std::time::Duration;

use secrecy::SecretString;
use tokio::time::Instant;

use crate::endpoint::EndpointInfo;
use crate::error::{DecodeError, Error, ErrorKind, Result};
use crate::secret;

/// How long before it expires a token is renewed.
const MARGIN: Duration = Duration::from_secs(5 * 60);
/// How long before it expires a token is no longer sent while it is renewed: it could expire on its way.
pub(super) const RESERVE: Duration = Duration::from_secs(30);
/// What a token must have left to be taken over from a store.
pub(super) const LEAST_LEFT: Duration = Duration::from_secs(5);
/// Longest life that a token is credited with: an absurd answer must not overflow a clock.
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// A token, when it is to be renewed and when it expires.
pub(crate) struct Token {
    pub text: SecretString,
    pub renew_at: Instant,
    pub expires_at: Instant,
}

impl Token {
    /// A token that lives so long since then. It is renewed five minutes before it expires or, so that many
    /// processes do not ask at once, up to one minute later.
    pub(crate) fn new(text: SecretString, since: Instant, lifetime: Duration) -> Self {
        let lifetime = lifetime.min(LONGEST_LIFETIME);
        let margin = MARGIN.min(lifetime / 2);
        let jitter = margin.mul_f64(0.2 * fastrand::f64());
        Self {
            text,
            renew_at: since + (lifetime - margin + jitter),
            expires_at: since + lifetime,
        }
    }

    /// A token that the platform issued upon a request of that time. What comes must be fit to be sent, or
    /// every call would fail until it expires.
    pub(super) fn issued(
        endpoint: &'static EndpointInfo,
        field: &str,
        text: SecretString,
        asked_at: Instant,
        seconds: i64,
    ) -> Result<Self> {
        if !secret::is_token(&text) {
            let unreadable = DecodeError {
                status: 200,
                path: field.to_owned(),
                problem: "expected a token, found text that cannot be one".to_owned(),
                log_id: None,
            };
            return Err(Error::at(endpoint, ErrorKind::Decode(unreadable)));
        }
        Ok(Self::new(text, asked_at, lifetime(seconds)))
    }
}

/// What an answer says of a token's life; nothing where it says something absurd.
pub(super) fn lifetime(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a token of this life when it is renewed, of many.
    fn left_at_renewal(lifetime: u64) -> Vec<Duration> {
        let since = Instant::now();
        let token = || Token::new("t".into(), since, Duration::from_secs(lifetime));
        (0..200)
            .map(|_| token())
            .map(|token| token.expires_at - token.renew_at)
            .collect()
    }

    #[test]
    fn renewals_are_spread_over_the_minute_after_five_minutes_before_the_end() {
        let left = left_at_renewal(7200);
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        assert!(left.iter().all(|left| (minutes(4)..=minutes(5)).contains(left)));
        let spread = *left.iter().max().unwrap() - *left.iter().min().unwrap();
        assert!(spread > Duration::from_secs(30), "{spread:?}");
    }

    #[test]
    fn a_token_of_a_short_life_is_renewed_in_its_second_half() {
        let (half, most) = (Duration::from_secs(30), Duration::from_secs(24));
        assert!(left_at_renewal(60).iter().all(|left| (most..=half).contains(left)));
    }
}
