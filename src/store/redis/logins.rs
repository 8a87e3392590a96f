//! Logins of users, which all processes renew in turn.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::ExposeSecret as _;

use super::Redis;
use super::keys::Kind;
use super::question::Question;
use crate::store::{Lease, LoginStore, Pending, StoreError, StoredLogin, login_text};

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
            login_text::read(&text).map(Some).ok_or_else(|| {
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
                .arg(login_text::write(login).expose_secret())
                .arg("EX")
                .arg(left.saturating_add(SLACK).as_secs().min(1 << 40));
            self.server.ask(&Question::Command(set), self.timeout).await
        })
    }

    fn lock<'a>(&'a self, user: &'a str, longest: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        Box::pin(self.lease(self.keys.of(Kind::LoginLock, user), longest))
    }
}
