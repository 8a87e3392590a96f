//! Logins of users, which all processes renew in turn.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::Redis;
use super::keys::Kind;
use super::question::Question;
use crate::shared::{Lease, LoginStore, Pending, StoreError, StoredLogin};

/// How long a login is kept beyond its end, for clocks that differ.
const SLACK: Duration = Duration::from_secs(60 * 60);

/// A login is one JSON object, so that the two tokens of a pair are never apart. It is gone when neither works.
impl LoginStore for Redis {
    fn load<'a>(&'a self, user: &'a str) -> Pending<'a, Result<Option<StoredLogin>, StoreError>> {
        Box::pin(async move {
            let mut get = redis::cmd("GET");
            get.arg(self.keys.of(Kind::Login, user));
            let text: Option<Vec<u8>> = self.server.ask(&Question::Command(get), self.timeout).await?;
            let Some(text) = text else {
                return Ok(None);
            };
            let login = serde_json::from_slice(&text).ok().and_then(|value| read(&value));
            login.map(Some).ok_or_else(|| {
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
                .arg(written(login).to_string())
                .arg("EX")
                .arg(left.saturating_add(SLACK).as_secs().min(1 << 40));
            self.server.ask(&Question::Command(set), self.timeout).await
        })
    }

    fn lock<'a>(&'a self, user: &'a str, longest: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        Box::pin(self.lease(self.keys.of(Kind::LoginLock, user), longest))
    }
}

fn written(login: &StoredLogin) -> Value {
    json!({
        "access_token": login.access_token.expose_secret(),
        "access_expires_ms": millis(login.access_expires),
        "refresh_token": login.refresh_token.as_ref().map(|token| token.expose_secret()),
        "refresh_expires_ms": login.refresh_expires.map(millis),
        "scope": login.scope,
    })
}

fn read(value: &Value) -> Option<StoredLogin> {
    let text = |key| Some(value.get(key)?.as_str()?.to_owned());
    let time = |key| UNIX_EPOCH.checked_add(Duration::from_millis(value.get(key)?.as_u64()?));
    Some(StoredLogin {
        access_token: SecretString::from(text("access_token")?),
        access_expires: time("access_expires_ms")?,
        refresh_token: text("refresh_token").map(SecretString::from),
        refresh_expires: time("refresh_expires_ms"),
        scope: text("scope")?,
    })
}

/// Milliseconds since 1970; a time before that is as expired as 1970.
fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
