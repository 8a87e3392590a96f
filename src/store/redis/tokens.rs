//! Tenant and app tokens that one process got and all use.

use std::sync::LazyLock;
use std::time::Duration;

use redis::Script;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::Redis;
use super::keys::Kind;
use super::question::Question;
use crate::store::{Lease, Pending, StoreError, StoredToken, TokenStore};

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
