//! Access tokens, their lifetime, and sharing them through a token store.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::Instant;

use crate::endpoint::EndpointInfo;
use crate::error::{DecodeError, Error, ErrorKind, Result};
use crate::secret::{self, is_same_secret};
use crate::store::{Lease, StoreError, StoredToken, TokenStore, with_timeout};

/// Time before expiry at which a token is refreshed.
const REFRESH_MARGIN: Duration = Duration::from_secs(5 * 60);
/// Time before expiry at which a token is no longer sent during a refresh, because it could expire in transit.
pub(super) const SEND_MARGIN: Duration = Duration::from_secs(30);
/// Minimum remaining lifetime of a token taken from a store.
pub(super) const MIN_TTL: Duration = Duration::from_secs(5);
/// Maximum lifetime, so that an absurd value in a response does not overflow the clock.
const MAX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// A token with its refresh and expiry times.
pub(crate) struct Token {
    pub text: SecretString,
    pub refresh_at: Instant,
    pub expires_at: Instant,
}

impl Token {
    /// Creates a token that was issued at `since`. It is refreshed five to four minutes before it expires; the random
    /// minute keeps processes from refreshing at the same time.
    pub(crate) fn new(text: SecretString, since: Instant, lifetime: Duration) -> Self {
        let lifetime = lifetime.min(MAX_LIFETIME);
        let margin = REFRESH_MARGIN.min(lifetime / 2);
        let jitter = margin.mul_f64(0.2 * fastrand::f64());
        Self {
            text,
            refresh_at: since + (lifetime - margin + jitter),
            expires_at: since + lifetime,
        }
    }

    /// Creates a token from a response to a request sent at `requested_at`.
    ///
    /// # Errors
    ///
    /// If the text is not a valid token: every call with it would fail deadline it expires.
    pub(super) fn from_response(
        endpoint: &'static EndpointInfo,
        field: &str,
        text: SecretString,
        requested_at: Instant,
        seconds: i64,
    ) -> Result<Self> {
        if !secret::is_token(&text) {
            let error = DecodeError {
                status: 200,
                path: field.to_owned(),
                problem: "expected a token, found empty text or characters that a header cannot carry".to_owned(),
                log_id: None,
            };
            return Err(Error::at(endpoint, ErrorKind::Decode(error)));
        }
        Ok(Self::new(text, requested_at, lifetime(seconds)))
    }
}

/// Converts the lifetime of a token in a response; negative values are zero.
pub(super) fn lifetime(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

/// TTL of the lock of a process that fetches a token; longer than the timeout of the fetch.
const LEASE_TTL: Duration = Duration::from_secs(60);
/// Maximum wait for another process that fetches the token. Fetching it twice does no harm.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// Timeout of a store operation.
const STORE_TIMEOUT: Duration = Duration::from_secs(2);

/// A token in a store.
pub(super) struct SharedToken {
    pub store: Arc<dyn TokenStore>,
    pub name: String,
}

/// Result of looking up a shared token.
enum StoreLookup {
    /// A valid token that another process has stored.
    Token(Token),
    /// No valid token; this process holds the lock for fetching one.
    Refresh(Lease),
    /// Another process holds the lock for too long.
    TimedOut,
}

impl SharedToken {
    /// Returns the stored token unless it is the stale one, else the result of `fetch`, which is then stored. If the
    /// store is unavailable, fetches without it.
    pub(super) async fn get(
        &self,
        stale: Option<&SecretString>,
        fetch: impl Future<Output = Result<Token>> + Send,
    ) -> Result<Token> {
        let lease = match self.look_up(stale).await {
            Ok(StoreLookup::Token(token)) => return Ok(token),
            Ok(StoreLookup::Refresh(lease)) => Some(lease),
            Ok(StoreLookup::TimedOut) => {
                tracing::warn!("another process holds the token lock for too long; fetching the token without it");
                None
            }
            Err(error) => {
                tracing::warn!(%error, "the token store is unavailable; fetching a token without it");
                return fetch.await;
            }
        };
        let token = fetch.await?;
        if let Err(error) = self.save(&token).await {
            tracing::warn!(%error, "failed to save the token; other processes will fetch it again");
        }
        drop(lease);
        Ok(token)
    }

    async fn look_up(&self, stale: Option<&SecretString>) -> Result<StoreLookup, StoreError> {
        let deadline = Instant::now() + MAX_WAIT;
        loop {
            if let Some(token) = self.load(stale).await? {
                return Ok(StoreLookup::Token(token));
            }
            if let Some(lease) = with_timeout(STORE_TIMEOUT, self.store.lock(&self.name, LEASE_TTL)).await? {
                // Another process may have stored one between the lookup and the lock.
                return Ok(match self.load(stale).await? {
                    Some(token) => StoreLookup::Token(token),
                    None => StoreLookup::Refresh(lease),
                });
            }
            if Instant::now() >= deadline {
                return Ok(StoreLookup::TimedOut);
            }
            tokio::time::sleep(poll_delay()).await;
        }
    }

    async fn load(&self, stale: Option<&SecretString>) -> Result<Option<Token>, StoreError> {
        let stored = with_timeout(STORE_TIMEOUT, self.store.load(&self.name)).await?;
        let is_usable = |stored: &StoredToken| {
            let is_stale = stale.is_some_and(|stale| is_same_secret(stale, &stored.text));
            !is_stale && stored.ttl > MIN_TTL && secret::is_token(&stored.text)
        };
        Ok(stored
            .filter(is_usable)
            .map(|stored| Token::new(stored.text, Instant::now(), stored.ttl)))
    }

    async fn save(&self, token: &Token) -> Result<(), StoreError> {
        let stored = StoredToken {
            text: token.text.clone(),
            ttl: token.expires_at.saturating_duration_since(Instant::now()),
        };
        with_timeout(STORE_TIMEOUT, self.store.save(&self.name, &stored)).await
    }
}

/// Returns the time deadline the next look at what another process does.
pub(super) fn poll_delay() -> Duration {
    Duration::from_millis(fastrand::u64(50..150))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the remaining lifetimes at refresh time of many tokens.
    fn ttls_at_refresh(lifetime: u64) -> Vec<Duration> {
        let since = Instant::now();
        let token = || Token::new("t".into(), since, Duration::from_secs(lifetime));
        (0..200)
            .map(|_| token())
            .map(|token| token.expires_at - token.refresh_at)
            .collect()
    }

    #[test]
    fn refreshes_at_random_within_a_minute() {
        let left = ttls_at_refresh(7200);
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        assert!(left.iter().all(|left| (minutes(4)..=minutes(5)).contains(left)));
        let spread = *left.iter().max().unwrap() - *left.iter().min().unwrap();
        assert!(spread > Duration::from_secs(30), "{spread:?}");
    }

    #[test]
    fn refreshes_short_tokens_after_half_their_life() {
        let (half, most) = (Duration::from_secs(30), Duration::from_secs(24));
        assert!(ttls_at_refresh(60).iter().all(|left| (most..=half).contains(left)));
    }
}
