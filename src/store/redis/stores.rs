//! The stores for tokens, logins and rate-limit windows in Redis.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::Script;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::client::{Question, Server};
use super::lock::{Kind, undone_if_dropped};
use super::{OnOutage, Redis};
use crate::endpoint::Window;
use crate::store::{
    Lease, LoginStore, Pending, StoreError, StoredLogin, StoredToken, Taken, TokenStore, WindowKey, WindowStore,
    {decode_login, encode_login},
};

static LOAD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("load.lua")));

/// A token stays in Redis as long as it lives, so it is the clock of Redis that says what is left.
impl TokenStore for Redis {
    fn load<'a>(&'a self, name: &'a str) -> Pending<'a, Result<Option<StoredToken>, StoreError>> {
        Box::pin(async move {
            let asked_at = Instant::now();
            let mut script = LOAD.prepare_invoke();
            script.key(self.keys.of(Kind::Token, name));
            let found: (Option<String>, i64) = self.server.ask(&Question::Script(script), self.timeout).await?;
            let (Some(text), Ok(millis)) = (found.0, u64::try_from(found.1)) else {
                return Ok(None);
            };
            Ok(Some(StoredToken {
                text: SecretString::from(text),
                left: Duration::from_millis(millis).saturating_sub(asked_at.elapsed()),
            }))
        })
    }

    fn save<'a>(&'a self, name: &'a str, token: &'a StoredToken) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let millis = u64::try_from(token.left.as_millis())
                .unwrap_or(u64::MAX)
                .clamp(1, 1 << 52);
            let mut set = redis::cmd("SET");
            set.arg(self.keys.of(Kind::Token, name))
                .arg(token.text.expose_secret())
                .arg("PX")
                .arg(millis);
            self.server.ask(&Question::Command(set), self.timeout).await
        })
    }

    fn lock<'a>(&'a self, name: &'a str, longest: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        Box::pin(self.lease(self.keys.of(Kind::TokenLock, name), longest))
    }
}

/// How long a login is kept beyond its end, for clocks that differ.
const SLACK: Duration = Duration::from_secs(60 * 60);

/// A login is one text, which is gone when neither of its tokens works.
impl LoginStore for Redis {
    fn load<'a>(&'a self, user: &'a str) -> Pending<'a, Result<Option<StoredLogin>, StoreError>> {
        Box::pin(async move {
            let mut get = redis::cmd("GET");
            get.arg(self.keys.of(Kind::Login, user));
            let text: Option<Vec<u8>> = self.server.ask(&Question::Command(get), self.timeout).await?;
            let Some(text) = text else {
                return Ok(None);
            };
            decode_login(&text).map(Some).ok_or_else(|| {
                StoreError::new(format!(
                    "Redis at {}: what is kept for this user is no login: let the user log in again",
                    self.server.address()
                ))
            })
        })
    }

    fn save<'a>(&'a self, user: &'a str, login: &'a StoredLogin) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let ends = login.access_expires.max(login.refresh_expires.unwrap_or(UNIX_EPOCH));
            let left = ends.duration_since(SystemTime::now()).unwrap_or_default();
            let mut set = redis::cmd("SET");
            set.arg(self.keys.of(Kind::Login, user))
                .arg(encode_login(login).expose_secret())
                .arg("EX")
                .arg(left.saturating_add(SLACK).as_secs().min(1 << 40));
            self.server.ask(&Question::Command(set), self.timeout).await
        })
    }

    fn lock<'a>(&'a self, user: &'a str, longest: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        Box::pin(self.lease(self.keys.of(Kind::LoginLock, user), longest))
    }
}

static TAKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("take.lua")));
static UNTAKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("untake.lua")));
static PAUSE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("pause.lua")));

/// When a call was counted, in microseconds of the server's clock, or how many of them to wait.
type Counted = (u64, u64);

/// The calls of an endpoint are one list for all its windows. That is exact, however calls arrive, and takes some ten
/// bytes for each call; the list expires when its last call has left the longest window.
impl WindowStore for Redis {
    fn take<'a>(&'a self, key: WindowKey<'a>, windows: &'a [Window]) -> Pending<'a, Result<Taken, StoreError>> {
        Box::pin(async move {
            match self.take_together(key, windows).await {
                Err(_) if self.on_outage == OnOutage::Local => self.local.take(key, windows).await,
                taken => taken,
            }
        })
    }

    fn pause<'a>(&'a self, key: WindowKey<'a>, duration: Duration) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            // Here too: should Redis go away, this process at least keeps to it.
            self.local.pause(key, duration).await?;
            match self.pause_together(key, duration).await {
                Err(_) if self.on_outage == OnOutage::Local => Ok(()),
                paused => paused,
            }
        })
    }
}

impl Redis {
    async fn take_together(&self, key: WindowKey<'_>, windows: &[Window]) -> Result<Taken, StoreError> {
        let names = self.keys.windows(key);
        let mut script = TAKE.prepare_invoke();
        script.key(&names.pause).key(&names.calls);
        for window in windows {
            script.arg(window.calls.max(1)).arg(micros(window.counted_for()));
        }
        let (server, timeout) = (Arc::clone(&self.server), self.timeout);
        let take = async move { server.ask::<Counted>(&Question::Script(script), timeout).await };
        let server = Arc::clone(&self.server);
        let untake = move |counted| untake(server, timeout, names.calls, counted);
        let (wait, _) = undone_if_dropped(take, untake).await?;
        Ok(match wait {
            0 => Taken::Granted,
            micros => Taken::Wait(Duration::from_micros(micros)),
        })
    }

    async fn pause_together(&self, key: WindowKey<'_>, duration: Duration) -> Result<(), StoreError> {
        let millis = micros(duration).div_ceil(1000);
        if millis == 0 {
            return Ok(());
        }
        let mut script = PAUSE.prepare_invoke();
        script.key(self.keys.windows(key).pause).arg(millis);
        self.server.ask(&Question::Script(script), self.timeout).await
    }
}

/// Takes back what was counted for a call that nobody makes. Where that fails it stays counted: a call less is made.
async fn untake(server: Arc<Server>, timeout: Duration, calls: String, counted: Result<Counted, StoreError>) {
    if let Ok((0, when)) = counted {
        let mut script = UNTAKE.prepare_invoke();
        script.key(calls).arg(when);
        let _: Result<(), _> = server.ask(&Question::Script(script), timeout).await;
    }
}

fn micros(duration: Duration) -> u64 {
    // A hundred and forty years: nobody's window, and still exact in the numbers of a script.
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX).min(1 << 52)
}
