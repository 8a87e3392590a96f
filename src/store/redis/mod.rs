//! Tokens, logins and rate-limit windows in Redis, shared by the processes of an app.

mod client;
mod lock;
mod stores;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::error::{ConfigError, Result};
use crate::store::{MemoryWindows, StoreError};
use client::RedisClient;
use lock::Keys;

/// A store in Redis for tokens, locks, logins and rate-limit windows, shared by the processes of an app.
///
/// Requires Redis 6 or later at one address: a single server, or a primary behind a name or a proxy. It connects on
/// first use and reconnects automatically. Clones are cheap and share one connection.
///
/// ```no_run
/// # fn example(secret: String) -> larkspur::Result<()> {
/// use larkspur::{Client, store::redis::Redis};
///
/// let redis = Redis::open("redis://:password@127.0.0.1:6379/0")?.prefix("crm");
/// let client = Client::builder().app("cli_slkdjalasdkjasd", secret).redis(redis).build()?;
/// # Ok(())
/// # }
/// ```
///
/// Anyone who can read this Redis can call as the app and as the users who have logged in. Durability depends on the
/// configuration of Redis: if it stores logins, set `appendfsync always`.
#[derive(Clone)]
pub struct Redis {
    client: Arc<RedisClient>,
    keys: Keys,
    timeout: Duration,
    on_outage: OnOutage,
    local: Arc<MemoryWindows>,
}

impl Redis {
    /// Default of [`Redis::timeout`].
    const DEFAULT_TIMEOUT: Duration = Duration::from_millis(500);

    /// Creates a store for a URL: `redis://user:password@host:port/database` or `redis+unix:///path`; with feature
    /// `redis-tls` also `rediss://`. Does not connect yet.
    ///
    /// # Errors
    ///
    /// If the URL is invalid. The error does not contain it, since it may hold a password.
    pub fn open(url: impl Into<SecretString>) -> Result<Self> {
        let url = url.into();
        let client = redis::Client::open(url.expose_secret()).map_err(|_| ConfigError::Store(invalid_url()))?;
        Ok(Self::from_client(client))
    }

    /// Creates a store from a client of the crate `redis` 1, for settings that a URL cannot express, such as
    /// certificates.
    pub fn from_client(client: redis::Client) -> Self {
        Self {
            client: Arc::new(RedisClient::new(client)),
            keys: Keys::default(),
            timeout: Self::DEFAULT_TIMEOUT,
            on_outage: OnOutage::default(),
            local: Arc::default(),
        }
    }

    /// Sets the prefix of all keys; `larkspur` by default. Processes with the same prefix share their state; apps with
    /// separate logins need separate prefixes. Characters other than letters, digits and `.`, `_`, `-`, `:`, `/` are
    /// percent-encoded.
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.keys = Keys::new(prefix);
        self
    }

    /// Sets the timeout of an operation, including a new connection; 500 milliseconds by default. A timeout counts as
    /// an outage, after which Redis is not used for a second.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the behaviour of rate limits while Redis is unavailable; by default each process counts its own calls.
    pub fn on_outage(mut self, on_outage: OnOutage) -> Self {
        self.on_outage = on_outage;
        self
    }
}

/// Omits the error of the crate, which may quote the URL.
fn invalid_url() -> StoreError {
    StoreError::new(
        "invalid Redis URL: expected redis://user:password@host:port/database with a percent-encoded password; \
         rediss:// requires the feature `redis-tls`",
    )
}

/// Omits the password.
impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("address", &self.client.address())
            .field("prefix", &self.keys.prefix())
            .field("timeout", &self.timeout)
            .field("on_outage", &self.on_outage)
            .finish_non_exhaustive()
    }
}

/// The behaviour of rate limits while Redis is unavailable: it refuses connections, responds too slowly, or rejects
/// writes.
///
/// Tokens and logins have no such option: each process fetches its own tenant and app tokens, and a login is not
/// refreshed until Redis is available again, because its refresh token works once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OnOutage {
    /// Each process counts its own calls, as without Redis. Together they may exceed the limit; the platform rejects
    /// the excess calls, which are retried.
    #[default]
    Local,
    /// Calls fail.
    Fail,
}
