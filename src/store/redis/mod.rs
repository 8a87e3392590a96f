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
use client::Server;
use lock::Keys;

/// What the processes of an app share through Redis: tokens, the right to renew them, logins, and rate windows.
///
/// It needs Redis 6 or later at one address: a single server, or the primary behind a name or a proxy. It
/// connects when it is first used, and again by itself. It is cheap to clone, and its clones share one connection.
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
/// Whoever may read that Redis can call as the app and as the users who logged in. Redis keeps what it holds as long
/// as it is set up to: where it stores logins, let it write each change to disk (`appendfsync always`).
#[derive(Clone)]
pub struct Redis {
    server: Arc<Server>,
    keys: Keys,
    timeout: Duration,
    on_outage: OnOutage,
    local: Arc<MemoryWindows>,
}

impl Redis {
    /// Longest wait for an answer unless [`Redis::timeout`] says otherwise.
    const TIMEOUT: Duration = Duration::from_millis(500);

    /// The Redis of this URL: `redis://user:password@host:port/database`, or `redis+unix:///path`. With feature
    /// `redis-tls` also `rediss://`. It does not connect yet.
    ///
    /// # Errors
    ///
    /// Where the URL is none of Redis. The error does not show it, for it may hold a password.
    pub fn open(url: impl Into<SecretString>) -> Result<Self> {
        let url = url.into();
        let client = redis::Client::open(url.expose_secret()).map_err(|_| ConfigError::Store(unusable()))?;
        Ok(Self::from_client(client))
    }

    /// The Redis that this client (of the crate `redis` 1) connects to, for what a URL cannot say, such as
    /// certificates of your own.
    pub fn from_client(client: redis::Client) -> Self {
        Self {
            server: Arc::new(Server::new(client)),
            keys: Keys::default(),
            timeout: Self::TIMEOUT,
            on_outage: OnOutage::default(),
            local: Arc::default(),
        }
    }

    /// What all keys begin with, `larkspur` unless set. Processes with the same prefix share; apps with logins of
    /// their own need prefixes of their own. What is no letter, digit or one of `.`, `_`, `-`, `:` and `/` is
    /// percent-encoded.
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.keys = Keys::new(prefix);
        self
    }

    /// Longest wait for an answer, a new connection included; 500 milliseconds unless set. What takes longer is an
    /// outage, after which Redis is not asked for a second.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// What becomes of rate windows while Redis is away; each process counts for itself unless set.
    pub fn on_outage(mut self, on_outage: OnOutage) -> Self {
        self.on_outage = on_outage;
        self
    }
}

/// Without what the crate says, which may quote the URL.
fn unusable() -> StoreError {
    StoreError::new(
        "the URL of Redis cannot be used: write it as redis://user:password@host:port/database, \
         with the password percent-encoded; rediss:// needs the feature `redis-tls`",
    )
}

/// Without the password.
impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("address", &self.server.address())
            .field("prefix", &self.keys.prefix())
            .field("timeout", &self.timeout)
            .field("on_outage", &self.on_outage)
            .finish_non_exhaustive()
    }
}

/// What becomes of rate windows while Redis is away: it refuses, is too slow, or takes no writes.
///
/// Tokens and logins leave no choice: each process gets a tenant or app token by itself, and a login is not renewed
/// before Redis is back, for its refresh token works only once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OnOutage {
    /// Each process counts its own calls, as it would without Redis. Together they may then make more calls than the
    /// limit allows; the platform refuses those, and they are tried again.
    #[default]
    Local,
    /// The call fails.
    Fail,
}
