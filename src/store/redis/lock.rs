//! Key names, and locks that expire.

use std::future::poll_fn;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::Poll;
use std::time::Duration;
use std::{fmt, process};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use redis::Script;
use tokio::runtime::Handle;

use super::Redis;
use super::client::{RedisClient, RedisCommand};
use crate::store::{Lease, StoreError, WindowKey};

static LOCK: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lock.lua")));
static EXTEND: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("extend.lua")));
static UNLOCK: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("unlock.lua")));

impl Redis {
    /// Acquires the lock of this key for at most `ttl`; `None` if another holder has it.
    pub(super) async fn lease(&self, key: String, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        let held = HeldLock {
            client: Arc::clone(&self.client),
            timeout: self.timeout,
            owner: unique_owner(),
            key,
        };
        let millis = milliseconds(ttl);
        let mut script = LOCK.prepare_invoke();
        script.key(&held.key).arg(&held.owner).arg(millis);
        let (client, timeout) = (Arc::clone(&self.client), self.timeout);
        let lock = async move { client.run::<bool>(&RedisCommand::Script(script), timeout).await };
        let undo = held.clone();
        let has = undo_if_cancelled(lock, move |_| undo.release()).await?;
        let runtime = Handle::current();
        let extended = held.clone();
        Ok(has.then(|| {
            let lease = Lease::new(move || {
                runtime.spawn(held.release());
            });
            lease.extended_by(move |ttl| Box::pin(extended.clone().extend(ttl)))
        }))
    }
}

fn milliseconds(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).clamp(1, 1 << 52)
}

/// A lock that was, or may have been, acquired by this owner.
#[derive(Clone)]
struct HeldLock {
    client: Arc<RedisClient>,
    timeout: Duration,
    key: String,
    owner: String,
}

impl HeldLock {
    /// Extends the lock, whatever the state of the circuit breaker: it guards a refresh token that is not saved.
    async fn extend(self, ttl: Duration) -> Result<bool, StoreError> {
        let mut script = EXTEND.prepare_invoke();
        script.key(self.key).arg(self.owner).arg(milliseconds(ttl));
        let command = RedisCommand::Script(script);
        self.client.run_unguarded(&command, self.timeout).await
    }

    /// Releases the lock. If that fails, it expires.
    async fn release(self) {
        let mut script = UNLOCK.prepare_invoke();
        script.key(self.key).arg(self.owner);
        let _: Result<(), _> = self.client.run(&RedisCommand::Script(script), self.timeout).await;
    }
}

/// Returns an owner id that is unique across locks and processes. It need not be unguessable: anyone who can reach
/// Redis can take any lock.
fn unique_owner() -> String {
    /// Random seeds of the standard library's hash maps.
    static PROCESS: LazyLock<[u64; 2]> = LazyLock::new(|| [0, 1].map(|half| RandomState::new().hash_one(half)));
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let [high, low] = *PROCESS;
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("{high:016x}{low:016x}-{}-{count}", process::id())
}

/// Characters that a segment of a key may contain. A tenant key comes from outside: it must not end its segment, form a
/// pattern, or choose a cluster node.
const SEGMENT_SET: AsciiSet = NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'-');
/// Characters that the prefix, which the program chooses, may contain.
const PREFIX_SET: AsciiSet = SEGMENT_SET.remove(b':').remove(b'/');

/// The kind of value under a key.
#[derive(Debug, Clone, Copy)]
pub(super) enum KeyKind {
    Token,
    TokenLock,
    Login,
    LoginLock,
}

/// Builds keys with a common prefix.
#[derive(Clone)]
pub(super) struct Keys(Arc<str>);

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        Self(utf8_percent_encode(prefix, &PREFIX_SET).to_string().into())
    }

    pub(super) fn prefix(&self) -> &str {
        &self.0
    }

    /// Returns the key of a token, a login, or a lock.
    pub(super) fn key(&self, kind: KeyKind, name: &str) -> String {
        format!("{}:{kind}:{}", self.0, utf8_percent_encode(name, &SEGMENT_SET))
    }

    /// Returns the keys of the windows. The hash tag in braces places both on one cluster node, as a script with two
    /// keys requires.
    pub(super) fn windows(&self, key: WindowKey<'_>) -> WindowKeys {
        let [host, app, tenant, endpoint] =
            [key.host, key.app, key.tenant, key.endpoint].map(|part| utf8_percent_encode(part, &SEGMENT_SET));
        let node = format!("{{{host}/{app}/{tenant}/{endpoint}}}");
        WindowKeys {
            calls: format!("{}:calls:{node}", self.0),
            pause: format!("{}:pause:{node}", self.0),
        }
    }
}

/// Keys of the counted calls and of the pause of an endpoint.
pub(super) struct WindowKeys {
    pub(super) calls: String,
    pub(super) pause: String,
}

impl Default for Keys {
    fn default() -> Self {
        Self("larkspur".into())
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token => "token",
            Self::TokenLock => "token-lock",
            Self::Login => "login",
            Self::LoginLock => "login-lock",
        })
    }
}

/// Returns the result of `work`. If this future is dropped before that, a task awaits it and passes the result to
/// `undo`, because the server may already have executed the command.
pub(super) async fn undo_if_cancelled<W, U>(work: W, undo: impl FnOnce(W::Output) -> U + Send + 'static) -> W::Output
where
    W: Future<Output: Send> + Send + 'static,
    U: Future<Output = ()> + Send + 'static,
{
    let mut awaited = UndoGuard {
        left: Some((Box::pin(work), undo)),
        runtime: Handle::current(),
    };
    let outcome = poll_fn(|context| match &mut awaited.left {
        Some((work, _)) => work.as_mut().poll(context),
        None => Poll::Pending,
    })
    .await;
    awaited.left = None;
    outcome
}

/// Work in progress and the function that undoes it.
struct UndoGuard<W, F, U>
where
    W: Future<Output: Send> + Send + 'static,
    F: FnOnce(W::Output) -> U + Send + 'static,
    U: Future<Output = ()> + Send + 'static,
{
    left: Option<(Pin<Box<W>>, F)>,
    runtime: Handle,
}

impl<W, F, U> Drop for UndoGuard<W, F, U>
where
    W: Future<Output: Send> + Send + 'static,
    F: FnOnce(W::Output) -> U + Send + 'static,
    U: Future<Output = ()> + Send + 'static,
{
    fn drop(&mut self) {
        if let Some((work, undo)) = self.left.take() {
            self.runtime.spawn(async move { undo(work.await).await });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_tenant(tenant: &str) -> String {
        let names = Keys::default().windows(WindowKey {
            host: "localhost:8080",
            app: "cli_1",
            tenant,
            endpoint: "im.v1.file.get",
        });
        names.calls
    }

    #[test]
    fn escapes_separators_and_hash_tags() {
        assert_eq!(
            of_tenant("a/b}{:"),
            "larkspur:calls:{localhost%3A8080/cli_1/a%2Fb%7D%7B%3A/im.v1.file.get}"
        );
    }

    #[test]
    fn escapes_percent_signs() {
        assert_ne!(of_tenant("a/b"), of_tenant("a%2Fb"));
    }

    #[test]
    fn escapes_hash_tags_in_the_prefix() {
        assert_eq!(
            Keys::new("crm/eu:{x}").key(KeyKind::Login, "ada@x"),
            "crm/eu:%7Bx%7D:login:ada%40x"
        );
    }
}
