//! Names of keys, and locks that expire.

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
use super::client::{Question, Server};
use crate::store::{Lease, StoreError, WindowKey};

static LOCK: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lock.lua")));
static UNLOCK: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("unlock.lua")));

impl Redis {
    /// The right that is under this key, for `longest` at most; `None` where another has it.
    pub(super) async fn lease(&self, key: String, longest: Duration) -> Result<Option<Lease>, StoreError> {
        let held = Held {
            server: Arc::clone(&self.server),
            timeout: self.timeout,
            mark: mark(),
            key,
        };
        let millis = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX).clamp(1, 1 << 52);
        let mut script = LOCK.prepare_invoke();
        script.key(&held.key).arg(&held.mark).arg(millis);
        let (server, timeout) = (Arc::clone(&self.server), self.timeout);
        let lock = async move { server.ask::<bool>(&Question::Script(script), timeout).await };
        let undo = held.clone();
        let has = undone_if_dropped(lock, move |_| undo.release()).await?;
        let runtime = Handle::current();
        Ok(has.then(|| {
            Lease::new(move || {
                runtime.spawn(held.release());
            })
        }))
    }
}

/// A lock that was taken with this mark, or perhaps was.
#[derive(Clone)]
struct Held {
    server: Arc<Server>,
    timeout: Duration,
    key: String,
    mark: String,
}

impl Held {
    /// Gives the lock back. Where that fails it expires.
    async fn release(self) {
        let mut script = UNLOCK.prepare_invoke();
        script.key(self.key).arg(self.mark);
        let _: Result<(), _> = self.server.ask(&Question::Script(script), self.timeout).await;
    }
}

/// A text that no other lock of this or another process has. It need not be hard to guess: whoever can reach Redis
/// can take any lock.
fn mark() -> String {
    /// Drawn from the operating system's randomness, from which the standard library seeds its hash maps.
    static PROCESS: LazyLock<[u64; 2]> = LazyLock::new(|| [0, 1].map(|half| RandomState::new().hash_one(half)));
    static TAKEN: AtomicU64 = AtomicU64::new(0);
    let [high, low] = *PROCESS;
    let count = TAKEN.fetch_add(1, Ordering::Relaxed);
    format!("{high:016x}{low:016x}-{}-{count}", process::id())
}

/// What may stand in a part of a name. A tenant's key comes from outside: it must not end its part, nor be a
/// pattern, nor choose the node of a cluster.
const IN_A_PART: AsciiSet = NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'-');
/// What may stand in the prefix, which the program chooses.
const IN_THE_PREFIX: AsciiSet = IN_A_PART.remove(b':').remove(b'/');

/// What is kept under a name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Token,
    TokenLock,
    Login,
    LoginLock,
}

/// Names that all begin alike.
#[derive(Clone)]
pub(super) struct Keys(Arc<str>);

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        Self(utf8_percent_encode(prefix, &IN_THE_PREFIX).to_string().into())
    }

    pub(super) fn prefix(&self) -> &str {
        &self.0
    }

    /// The name of a token, a login, or the lock of one.
    pub(super) fn of(&self, kind: Kind, name: &str) -> String {
        format!("{}:{kind}:{}", self.0, utf8_percent_encode(name, &IN_A_PART))
    }

    /// The names for the windows of this key. What stands in braces puts both on one node of a cluster, as a script
    /// that uses both needs.
    pub(super) fn windows(&self, key: WindowKey<'_>) -> WindowNames {
        let [app, tenant, endpoint] =
            [key.app, key.tenant, key.endpoint].map(|part| utf8_percent_encode(part, &IN_A_PART));
        let node = format!("{{{app}/{tenant}/{endpoint}}}");
        WindowNames {
            calls: format!("{}:calls:{node}", self.0),
            pause: format!("{}:pause:{node}", self.0),
        }
    }
}

/// Where the calls of an endpoint are counted, and whether they pause.
pub(super) struct WindowNames {
    pub(super) calls: String,
    pub(super) pause: String,
}

impl Default for Keys {
    fn default() -> Self {
        Self("larkspur".into())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token => "token",
            Self::TokenLock => "token-lock",
            Self::Login => "login",
            Self::LoginLock => "login-lock",
        })
    }
}

/// What `work` gives. If this is dropped before that, a task waits for it in its place and passes it on to `undo`:
/// by then the server may have done what it was asked for.
pub(super) async fn undone_if_dropped<W, U>(work: W, undo: impl FnOnce(W::Output) -> U + Send + 'static) -> W::Output
where
    W: Future<Output: Send> + Send + 'static,
    U: Future<Output = ()> + Send + 'static,
{
    let mut awaited = Awaited {
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

/// Work that is waited for, and what undoes it.
struct Awaited<W, F, U>
where
    W: Future<Output: Send> + Send + 'static,
    F: FnOnce(W::Output) -> U + Send + 'static,
    U: Future<Output = ()> + Send + 'static,
{
    left: Option<(Pin<Box<W>>, F)>,
    runtime: Handle,
}

impl<W, F, U> Drop for Awaited<W, F, U>
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
            app: "cli_1",
            tenant,
            endpoint: "im.v1.file.get",
        });
        names.calls
    }

    #[test]
    fn a_part_cannot_end_itself_or_the_hash_tag() {
        assert_eq!(
            of_tenant("a/b}{:"),
            "larkspur:calls:{cli_1/a%2Fb%7D%7B%3A/im.v1.file.get}"
        );
    }

    #[test]
    fn an_encoded_part_is_not_the_same_as_its_plain_text() {
        assert_ne!(of_tenant("a/b"), of_tenant("a%2Fb"));
    }

    #[test]
    fn a_prefix_cannot_hold_a_hash_tag() {
        assert_eq!(
            Keys::new("crm/eu:{x}").of(Kind::Login, "ada@x"),
            "crm/eu:%7Bx%7D:login:ada%40x"
        );
    }
}
