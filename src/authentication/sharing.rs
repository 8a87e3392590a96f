//! A token that processes share: one of them fetches it, and the others find it in the store.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::Instant;

use super::token::{LEAST_LEFT, Token};
use crate::error::Result;
use crate::secret::{self, same};
use crate::store::{Lease, Pending, StoreError, StoredToken, TokenStore};

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
