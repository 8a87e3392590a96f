//! Rights that one process has at a time.

use std::hash::{BuildHasher, RandomState};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::Script;
use tokio::runtime::Handle;

use super::Redis;
use super::question::Question;
use super::server::Server;
use super::undo::undone_if_dropped;
use crate::store::{Lease, StoreError};

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
