//! Tokens, logins and rate-limit windows in Redis, shared by the processes of an app.

mod client;
mod lock;

use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::Script;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use crate::endpoint::Window;
use crate::error::{ConfigError, Result};
use crate::store::{
    Admission, KeyMap, Lease, LoginStore, MemoryWindows, Pending, StoreError, StoredLogin, StoredToken, TokenStore,
    WindowKey, WindowStore, decode_login, encode_login, get_or_insert,
};

use client::{RedisClient, RedisCommand};
use lock::{KeyKind, Keys, undo_if_cancelled};

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
    pause_checks: Arc<PauseChecks>,
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
            pause_checks: Arc::default(),
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
    /// Calls of endpoints with windows fail, unless rate limits are off.
    Fail,
}

static LOAD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("load.lua")));

/// A token expires in Redis, so its remaining lifetime follows the clock of Redis.
impl TokenStore for Redis {
    fn load<'a>(&'a self, name: &'a str) -> Pending<'a, Result<Option<StoredToken>, StoreError>> {
        Box::pin(async move {
            let asked_at = Instant::now();
            let mut script = LOAD.prepare_invoke();
            script.key(self.keys.key(KeyKind::Token, name));
            let found: (Option<String>, i64) = self.client.run(&RedisCommand::Script(script), self.timeout).await?;
            let (Some(text), Ok(millis)) = (found.0, u64::try_from(found.1)) else {
                return Ok(None);
            };
            Ok(Some(StoredToken {
                text: SecretString::from(text),
                ttl: Duration::from_millis(millis).saturating_sub(asked_at.elapsed()),
            }))
        })
    }

    fn save<'a>(&'a self, name: &'a str, token: &'a StoredToken) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let millis = u64::try_from(token.ttl.as_millis())
                .unwrap_or(u64::MAX)
                .clamp(1, 1 << 52);
            let mut set = redis::cmd("SET");
            set.arg(self.keys.key(KeyKind::Token, name))
                .arg(token.text.expose_secret())
                .arg("PX")
                .arg(millis);
            self.client.run(&RedisCommand::Command(set), self.timeout).await
        })
    }

    fn lock<'a>(&'a self, name: &'a str, ttl: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        Box::pin(self.lease(self.keys.key(KeyKind::TokenLock, name), ttl))
    }
}

/// Time for which a login is retained after its expiry, to allow for clock differences.
const CLOCK_SLACK: Duration = Duration::from_secs(60 * 60);

/// Time for which a refresh token without a known lifetime is retained; the platform ends logins after a year.
const UNKNOWN_LIFETIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// Minimum timeout of saving a login.
const SAVE_TIMEOUT: Duration = Duration::from_secs(2);

/// A login is one value that expires when neither of its tokens is valid.
impl LoginStore for Redis {
    fn load<'a>(&'a self, user: &'a str) -> Pending<'a, Result<Option<StoredLogin>, StoreError>> {
        Box::pin(async move {
            let mut get = redis::cmd("GET");
            get.arg(self.keys.key(KeyKind::Login, user));
            let text: Option<Vec<u8>> = self.client.run(&RedisCommand::Command(get), self.timeout).await?;
            let Some(text) = text else {
                return Ok(None);
            };
            decode_login(&text).map(Some).ok_or_else(|| {
                StoreError::new(format!(
                    "Redis at {}: the value stored for this user is not a login: let the user log in again",
                    self.client.address()
                ))
            })
        })
    }

    fn save<'a>(&'a self, user: &'a str, login: &'a StoredLogin) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let ends = login.access_expires.max(login.refresh_expires.unwrap_or(UNIX_EPOCH));
            let mut left = ends.duration_since(SystemTime::now()).unwrap_or_default();
            if login.refresh_token.is_some() && login.refresh_expires.is_none() {
                left = UNKNOWN_LIFETIME;
            }
            let mut set = redis::cmd("SET");
            set.arg(self.keys.key(KeyKind::Login, user))
                .arg(encode_login(login).expose_secret())
                .arg("EX")
                .arg(left.saturating_add(CLOCK_SLACK).as_secs().min(1 << 40));
            // The value is the only copy of a refresh token: it is not held back after a failure, and may take longer.
            let timeout = self.timeout.max(SAVE_TIMEOUT);
            self.client.run_unguarded(&RedisCommand::Command(set), timeout).await
        })
    }

    fn lock<'a>(&'a self, user: &'a str, ttl: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        Box::pin(self.lease(self.keys.key(KeyKind::LoginLock, user), ttl))
    }
}

static ACQUIRE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("acquire.lua")));
static RELEASE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("release.lua")));
static PAUSE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("pause.lua")));

/// The time at which a call was counted in microseconds of the server's clock, or the microseconds to wait.
type Counted = (u64, u64);

/// The calls of an endpoint form one list for all its windows. It is exact for any arrival pattern, takes about ten
/// bytes per call, and expires when its last call has left the longest window.
impl WindowStore for Redis {
    fn acquire<'a>(&'a self, key: WindowKey<'a>, windows: &'a [Window]) -> Pending<'a, Result<Admission, StoreError>> {
        Box::pin(async move {
            if windows.is_empty()
                && let Some(known) = self.pause_checks.get(key)
            {
                return Ok(known);
            }
            let asked_at = Instant::now();
            match self.acquire_in_redis(key, windows).await {
                Ok(admission) => {
                    self.pause_checks.insert(key, windows, admission, asked_at);
                    Ok(admission)
                }
                // Without windows there is nothing to count.
                Err(_) if self.on_outage == OnOutage::Local || windows.is_empty() => {
                    self.local.acquire(key, windows).await
                }
                failed => failed,
            }
        })
    }

    fn pause<'a>(&'a self, key: WindowKey<'a>, duration: Duration) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            // Recorded locally too, so that this process observes it if Redis becomes unavailable.
            self.local.pause_now(key, duration);
            let now = Instant::now();
            let wait = self.local.forecast(key, &[], 0);
            self.pause_checks.insert(key, &[], Admission::Wait(wait), now);
            let left = self.pause_in_redis(key, duration).await?;
            self.pause_checks.insert(key, &[], Admission::Wait(left), now);
            Ok(())
        })
    }

    fn lift_pause<'a>(&'a self, key: WindowKey<'a>) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.local.lift_now(key);
            self.pause_checks.remove(key);
            let mut delete = redis::cmd("DEL");
            delete.arg(self.keys.windows(key).pause);
            self.client.run(&RedisCommand::Command(delete), self.timeout).await
        })
    }
}

/// What Redis has recently reported about pauses of endpoints without windows: their calls need not ask it each time.
#[derive(Default)]
struct PauseChecks(Mutex<KeyMap<PauseCheck>>);

struct PauseCheck {
    at: Instant,
    paused_until: Instant,
}

impl PauseChecks {
    /// Time for which a response of Redis is used.
    const TTL: Duration = Duration::from_secs(1);
    /// Number of entries above which old ones are removed.
    const PRUNE_THRESHOLD: usize = 1024;

    fn get(&self, key: WindowKey<'_>) -> Option<Admission> {
        let checks = self.lock();
        let now = Instant::now();
        let check = checks.get(&key).filter(|check| now < check.at + Self::TTL)?;
        Some(match check.paused_until.checked_duration_since(now) {
            Some(wait) if !wait.is_zero() => Admission::Wait(wait),
            _ => Admission::Granted,
        })
    }

    fn insert(&self, key: WindowKey<'_>, windows: &[Window], admission: Admission, at: Instant) {
        if !windows.is_empty() {
            // The wait may be that of a window.
            return;
        }
        let mut checks = self.lock();
        if checks.len() >= Self::PRUNE_THRESHOLD {
            checks.retain(|_, check| at < check.at + Self::TTL);
        }
        let wait = match admission {
            Admission::Granted => Duration::ZERO,
            Admission::Wait(wait) => wait,
        };
        let paused_until = at.checked_add(wait).unwrap_or(at);
        let check = get_or_insert(&mut checks, &key, || PauseCheck { at, paused_until });
        // A pause may have begun while Redis was asked.
        if check.at <= at {
            *check = PauseCheck { at, paused_until };
        }
    }

    fn remove(&self, key: WindowKey<'_>) {
        self.lock().remove(&key);
    }

    /// No code panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, KeyMap<PauseCheck>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Redis {
    async fn acquire_in_redis(&self, key: WindowKey<'_>, windows: &[Window]) -> Result<Admission, StoreError> {
        let names = self.keys.windows(key);
        let mut script = ACQUIRE.prepare_invoke();
        script.key(&names.pause).key(&names.calls);
        for window in windows {
            script.arg(window.calls.max(1)).arg(micros(window.counting_period()));
        }
        let (client, timeout) = (Arc::clone(&self.client), self.timeout);
        let take = async move { client.run::<Counted>(&RedisCommand::Script(script), timeout).await };
        let client = Arc::clone(&self.client);
        let release_call = move |counted| release_call(client, timeout, names.calls, counted);
        let (wait, _) = undo_if_cancelled(take, release_call).await?;
        Ok(match wait {
            0 => Admission::Granted,
            micros => Admission::Wait(Duration::from_micros(micros)),
        })
    }

    /// Returns the time until the end of the pause, which may have been longer before.
    async fn pause_in_redis(&self, key: WindowKey<'_>, duration: Duration) -> Result<Duration, StoreError> {
        let millis = micros(duration).div_ceil(1000).max(1);
        let mut script = PAUSE.prepare_invoke();
        script.key(self.keys.windows(key).pause).arg(millis);
        let left = self.client.run(&RedisCommand::Script(script), self.timeout).await?;
        Ok(Duration::from_millis(left))
    }
}

/// Removes the count of a call that is not made. If that fails, the call stays counted.
async fn release_call(
    client: Arc<RedisClient>,
    timeout: Duration,
    calls: String,
    counted: Result<Counted, StoreError>,
) {
    if let Ok((0, when)) = counted {
        let mut script = RELEASE.prepare_invoke();
        script.key(calls).arg(when);
        let _: Result<(), _> = client.run(&RedisCommand::Script(script), timeout).await;
    }
}

fn micros(duration: Duration) -> u64 {
    // About 140 years, still exact as a number in a script.
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX).min(1 << 52)
}
