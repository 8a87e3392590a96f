//! The stores for tokens, logins and rate-limit windows in Redis.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::Script;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::client::{RedisClient, RedisCommand};
use super::lock::{KeyKind, undo_if_cancelled};
use super::{OnOutage, Redis};
use crate::endpoint::Window;
use crate::store::{
    Admission, Lease, LoginStore, Pending, StoreError, StoredLogin, StoredToken, TokenStore, WindowKey, WindowStore,
    {decode_login, encode_login},
};

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
            let left = ends.duration_since(SystemTime::now()).unwrap_or_default();
            let mut set = redis::cmd("SET");
            set.arg(self.keys.key(KeyKind::Login, user))
                .arg(encode_login(login).expose_secret())
                .arg("EX")
                .arg(left.saturating_add(CLOCK_SLACK).as_secs().min(1 << 40));
            self.client.run(&RedisCommand::Command(set), self.timeout).await
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
            match self.acquire_in_redis(key, windows).await {
                Err(_) if self.on_outage == OnOutage::Local => self.local.acquire(key, windows).await,
                taken => taken,
            }
        })
    }

    fn pause<'a>(&'a self, key: WindowKey<'a>, duration: Duration) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            // Recorded locally too, so that this process observes it if Redis becomes unavailable.
            self.local.pause(key, duration).await?;
            match self.pause_in_redis(key, duration).await {
                Err(_) if self.on_outage == OnOutage::Local => Ok(()),
                paused => paused,
            }
        })
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

    async fn pause_in_redis(&self, key: WindowKey<'_>, duration: Duration) -> Result<(), StoreError> {
        let millis = micros(duration).div_ceil(1000);
        if millis == 0 {
            return Ok(());
        }
        let mut script = PAUSE.prepare_invoke();
        script.key(self.keys.windows(key).pause).arg(millis);
        self.client.run(&RedisCommand::Script(script), self.timeout).await
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
