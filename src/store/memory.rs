//! Stores in the memory of one process.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::hash::RandomState;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hashbrown::Equivalent;
use hashbrown::hash_map::EntryRef;
use tokio::time::Instant;

use super::{Admission, Lease, LoginStore, Pending, StoreError, StoredLogin, WindowKey, WindowStore};
use crate::endpoint::Window;

/// A login store in memory: logins end with the process. Clones are cheap and share one store, so several clients of a
/// process can use it.
#[derive(Clone, Default)]
pub struct MemoryLogins(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    logins: HashMap<String, StoredLogin>,
    locked: HashSet<String>,
}

impl MemoryLogins {
    /// Creates an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// No code panics while it holds the lock.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LoginStore for MemoryLogins {
    fn load<'a>(&'a self, user: &'a str) -> Pending<'a, Result<Option<StoredLogin>, StoreError>> {
        Box::pin(async move { Ok(self.held().logins.get(user).cloned()) })
    }

    fn save<'a>(&'a self, user: &'a str, login: &'a StoredLogin) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.held().logins.insert(user.to_owned(), login.clone());
            Ok(())
        })
    }

    /// Ignores the TTL: the lease is released even if its holder fails.
    fn lock<'a>(&'a self, user: &'a str, _ttl: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
        Box::pin(async move {
            if !self.held().locked.insert(user.to_owned()) {
                return Ok(None);
            }
            let (store, user) = (self.clone(), user.to_owned());
            Ok(Some(Lease::new(move || {
                store.held().locked.remove(&user);
            })))
        })
    }
}

/// Omits the tokens.
impl fmt::Debug for MemoryLogins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryLogins")
    }
}

/// A window store in memory; the default of a client.
///
/// Any interval of a window's length contains at most as many calls as the window allows. Memory per endpoint and
/// tenant is 16 bytes for each call that a window still counts, and nothing once no window counts any.
#[derive(Default)]
pub struct MemoryWindows(Mutex<WindowState>);

#[derive(Default)]
struct WindowState {
    counters: KeyMap<Counter>,
    swept_at: Option<Instant>,
}

/// The state of one endpoint and tenant.
struct Counter {
    log: CallLog,
    /// End of the last window that counts a call.
    counted_until: Instant,
    /// End of the pause that the platform imposed.
    paused_until: Instant,
}

impl MemoryWindows {
    /// Creates a store without calls or pauses.
    pub fn new() -> Self {
        Self::default()
    }

    /// Does synchronously what [`WindowStore::acquire`] does.
    pub(crate) fn acquire_now(&self, key: WindowKey<'_>, windows: &[Window]) -> Admission {
        let mut state = self.lock();
        let now = Instant::now();
        state.sweep(now);
        let counter = state.counter(key, now);
        let opens = counter.opens_at(windows, 0, now);
        if opens > now {
            return Admission::Wait(opens - now);
        }
        if !windows.is_empty() {
            counter.counted_until = counter.log.add(windows, now);
        }
        Admission::Granted
    }

    /// Does synchronously what [`WindowStore::pause`] does.
    pub(crate) fn pause_now(&self, key: WindowKey<'_>, duration: Duration) {
        let mut state = self.lock();
        let now = Instant::now();
        let counter = state.counter(key, now);
        counter.paused_until = counter.paused_until.max(now + duration.min(CallLog::MAX_DELAY));
    }

    /// Does synchronously what [`WindowStore::lift_pause`] does.
    pub(crate) fn lift_now(&self, key: WindowKey<'_>) {
        if let Some(counter) = self.lock().counters.get_mut(&key) {
            counter.paused_until = Instant::now();
        }
    }

    /// Returns a lower bound of the wait of a call with `ahead` calls queued before it.
    pub(crate) fn forecast(&self, key: WindowKey<'_>, windows: &[Window], ahead: usize) -> Duration {
        let state = self.lock();
        let now = Instant::now();
        let opens = match state.counters.get(&key) {
            Some(counter) => counter.opens_at(windows, ahead, now),
            None => CallLog::default().opens_at(windows, ahead, now),
        };
        opens - now
    }

    /// After a panic, at worst the newest call is missing from the log.
    fn lock(&self) -> MutexGuard<'_, WindowState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WindowState {
    /// Interval between removals of idle entries.
    const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

    fn counter(&mut self, key: WindowKey<'_>, now: Instant) -> &mut Counter {
        get_or_insert(&mut self.counters, &key, || Counter {
            log: CallLog::default(),
            counted_until: now,
            paused_until: now,
        })
    }

    fn sweep(&mut self, now: Instant) {
        let swept_at = *self.swept_at.get_or_insert(now);
        if now.saturating_duration_since(swept_at) >= Self::SWEEP_INTERVAL {
            self.counters
                .retain(|_, counter| counter.counted_until.max(counter.paused_until) > now);
            self.swept_at = Some(now);
        }
    }
}

impl Counter {
    fn opens_at(&self, windows: &[Window], ahead: usize, now: Instant) -> Instant {
        self.log.opens_at(windows, ahead, self.paused_until.max(now))
    }
}

impl WindowStore for MemoryWindows {
    fn acquire<'a>(&'a self, key: WindowKey<'a>, windows: &'a [Window]) -> Pending<'a, Result<Admission, StoreError>> {
        Box::pin(async move { Ok(self.acquire_now(key, windows)) })
    }

    fn pause<'a>(&'a self, key: WindowKey<'a>, duration: Duration) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.pause_now(key, duration);
            Ok(())
        })
    }

    fn lift_pause<'a>(&'a self, key: WindowKey<'a>) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.lift_now(key);
            Ok(())
        })
    }
}

impl fmt::Debug for MemoryWindows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryWindows").finish_non_exhaustive()
    }
}

/// The times of calls, oldest first: one log for all windows of an endpoint.
///
/// A call fits into a window of `calls` calls once the call that was made `calls` before it is no longer counted. Any
/// interval of a window's length therefore contains at most `calls` calls, wherever the platform's windows begin.
#[derive(Debug, Default)]
struct CallLog(VecDeque<Instant>);

impl CallLog {
    /// Longer than any wait; it keeps sums of instants in range.
    pub(super) const MAX_DELAY: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

    /// Returns the earliest time, from `now` on, of a call with `ahead` calls queued before it.
    ///
    /// Exact for the next call (`ahead` = 0), and for all calls of an endpoint with one window. With several windows it
    /// may be too early, because their interaction is ignored for the calls ahead.
    pub(super) fn opens_at(&self, windows: &[Window], ahead: usize, now: Instant) -> Instant {
        let opens = windows.iter().map(|window| self.window_opens_at(window, ahead, now));
        opens.max().unwrap_or(now)
    }

    fn window_opens_at(&self, window: &Window, ahead: usize, now: Instant) -> Instant {
        let calls = size(window);
        // The queued calls fill the window in turn; each full round adds one period.
        let rounds = ahead / calls;
        let freed = (self.0.len() + ahead % calls)
            .checked_sub(calls)
            .and_then(|place| self.0.get(place))
            .map_or(now, |made| now.max(*made + period(window)));
        let more = u32::try_from(rounds).unwrap_or(u32::MAX);
        freed + period(window).saturating_mul(more).min(Self::MAX_DELAY)
    }

    /// Adds a call made now and removes the calls that no window counts any more. Returns the time at which no window
    /// counts this call.
    pub(super) fn add(&mut self, windows: &[Window], now: Instant) -> Instant {
        let longest = windows.iter().map(period).max().unwrap_or_default();
        let most = windows.iter().map(size).max().unwrap_or_default();
        let counted = |made: &Instant| *made + longest > now;
        while self.0.len() >= most.max(1) || self.0.front().is_some_and(|made| !counted(made)) {
            self.0.pop_front();
        }
        self.0.push_back(now);
        now + longest
    }
}

/// Returns how long a window counts a call.
fn period(window: &Window) -> Duration {
    window.counting_period().min(CallLog::MAX_DELAY)
}

/// Returns the size of a window; at least one, since an empty window would block every call.
fn size(window: &Window) -> usize {
    usize::try_from(window.calls.max(1)).unwrap_or(usize::MAX)
}

/// A map keyed by [`WindowKey`]. Lookups do not copy the key.
pub(crate) type KeyMap<V> = hashbrown::HashMap<OwnedKey, V, RandomState>;

/// An owned [`WindowKey`]. The order of its fields must match, so that both hash alike.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct OwnedKey {
    host: Box<str>,
    app: Box<str>,
    tenant: Box<str>,
    endpoint: Box<str>,
}

/// Returns the value of a key, inserting it if missing.
pub(crate) fn get_or_insert<'a, V>(
    values: &'a mut KeyMap<V>,
    key: &WindowKey<'_>,
    make: impl FnOnce() -> V,
) -> &'a mut V {
    match values.entry_ref(key) {
        EntryRef::Occupied(entry) => entry.into_mut(),
        EntryRef::Vacant(entry) => entry.insert_with_key(key.into(), make()),
    }
}

impl From<&WindowKey<'_>> for OwnedKey {
    fn from(key: &WindowKey<'_>) -> Self {
        Self {
            host: key.host.into(),
            app: key.app.into(),
            tenant: key.tenant.into(),
            endpoint: key.endpoint.into(),
        }
    }
}

impl Equivalent<OwnedKey> for WindowKey<'_> {
    fn equivalent(&self, key: &OwnedKey) -> bool {
        // The endpoint first, which differs most often.
        (self.endpoint, self.tenant, self.app, self.host) == (&*key.endpoint, &*key.tenant, &*key.app, &*key.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: &[Window] = &[Window::new(2, 1), Window::new(10_000, 86_400)];

    fn key(tenant: &str) -> WindowKey<'_> {
        WindowKey {
            host: "open.feishu.cn",
            app: "cli_1",
            tenant,
            endpoint: "drive.v1.media.download",
        }
    }

    #[tokio::test(start_paused = true)]
    async fn removes_idle_counters() {
        let windows = MemoryWindows::new();
        for tenant in 0..1000 {
            windows.acquire_now(key(&tenant.to_string()), &WINDOWS[..1]);
        }
        assert_eq!(windows.lock().counters.len(), 1000);
        tokio::time::advance(WindowState::SWEEP_INTERVAL).await;
        windows.acquire_now(key("another"), WINDOWS);
        assert_eq!(windows.lock().counters.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn keeps_paused_and_counting_entries() {
        let windows = MemoryWindows::new();
        windows.pause_now(key("paused"), 2 * WindowState::SWEEP_INTERVAL);
        windows.acquire_now(key("long window"), WINDOWS);
        tokio::time::advance(WindowState::SWEEP_INTERVAL).await;
        windows.acquire_now(key("another"), WINDOWS);
        assert_eq!(windows.lock().counters.len(), 3);
    }
}
