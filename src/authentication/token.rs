//! Access tokens, their lifetime, and sharing them through a token store.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::Instant;

use crate::endpoint::EndpointInfo;
use crate::error::{DecodeError, Error, ErrorKind, Result};
use crate::secret::{self, same};
use crate::store::{Lease, Pending, StoreError, StoredToken, TokenStore};

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

/// How long the right to renew lasts if its process dies; a fetch is over before that.
const LEASE: Duration = Duration::from_secs(60);
/// Longest wait for another process that renews. A token that is fetched twice does no harm.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// Longest wait for one answer of the store.
const STORE_TIMEOUT: Duration = Duration::from_secs(2);

/// A store, and the name of a token in it.
pub(super) struct Shared {
    pub store: Arc<dyn TokenStore>,
    pub name: String,
}

/// What the store has for this process.
enum Turn {
    /// A token of another process.
    Token(Token),
    /// Nothing that is good, and the right to renew it.
    Renew(Lease),
    /// Another process renews it, and takes too long.
    TooLong,
}

impl Shared {
    /// The token that is in the store if it is not the stale one, else the one that `fetch` gives, which then
    /// is in the store. If the store is away, it goes without.
    pub(super) async fn get(
        &self,
        stale: Option<&SecretString>,
        fetch: impl Future<Output = Result<Token>> + Send,
    ) -> Result<Token> {
        let lease = match self.turn(stale).await {
            Ok(Turn::Token(token)) => return Ok(token),
            Ok(Turn::Renew(lease)) => Some(lease),
            Ok(Turn::TooLong) => {
                tracing::warn!("another process has been renewing the token for long; this one fetches it as well");
                None
            }
            Err(error) => {
                tracing::warn!(%error, "the store of tokens is away; this process fetches one for itself");
                return fetch.await;
            }
        };
        let token = fetch.await?;
        if let Err(error) = self.save(&token).await {
            tracing::warn!(%error, "the token could not be put into the store; other processes fetch it as well");
        }
        drop(lease);
        Ok(token)
    }

    async fn turn(&self, stale: Option<&SecretString>) -> Result<Turn, StoreError> {
        let until = Instant::now() + LONGEST_WAIT;
        loop {
            if let Some(token) = self.load(stale).await? {
                return Ok(Turn::Token(token));
            }
            if let Some(lease) = in_time(STORE_TIMEOUT, self.store.lock(&self.name, LEASE)).await? {
                // It may have been renewed between the look and the lock.
                return Ok(match self.load(stale).await? {
                    Some(token) => Turn::Token(token),
                    None => Turn::Renew(lease),
                });
            }
            if Instant::now() >= until {
                return Ok(Turn::TooLong);
            }
            tokio::time::sleep(soon()).await;
        }
    }

    async fn load(&self, stale: Option<&SecretString>) -> Result<Option<Token>, StoreError> {
        let stored = in_time(STORE_TIMEOUT, self.store.load(&self.name)).await?;
        let good = |stored: &StoredToken| {
            let is_stale = stale.is_some_and(|stale| same(stale, &stored.text));
            !is_stale && stored.left > LEAST_LEFT && secret::is_token(&stored.text)
        };
        Ok(stored
            .filter(good)
            .map(|stored| Token::new(stored.text, Instant::now(), stored.left)))
    }

    async fn save(&self, token: &Token) -> Result<(), StoreError> {
        let stored = StoredToken {
            text: token.text.clone(),
            left: token.expires_at.saturating_duration_since(Instant::now()),
        };
        in_time(STORE_TIMEOUT, self.store.save(&self.name, &stored)).await
    }
}

/// When to look again at what another process is doing.
pub(super) fn soon() -> Duration {
    Duration::from_millis(fastrand::u64(50..150))
}

/// What a store answers, or an error if it takes too long: stores are written by others.
pub(super) async fn in_time<T>(longest: Duration, answer: Pending<'_, Result<T, StoreError>>) -> Result<T, StoreError> {
    match tokio::time::timeout(longest, answer).await {
        Ok(answer) => answer,
        Err(_) => Err(StoreError::new(format!("the store gave no answer within {longest:?}"))),
    }
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
