//! Stores in the memory of one process.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::hash::RandomState;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hashbrown::Equivalent;
use hashbrown::hash_map::EntryRef;
use tokio::time::Instant;

use super::{Lease, LoginStore, Pending, StoreError, StoredLogin, Taken, WindowKey, WindowStore};
use crate::endpoint::Window;

/// Logins in memory: they end with the process. Cheap to clone; the clones are one store, which several clients of
/// one process may share.
#[derive(Clone, Default)]
pub struct MemoryLogins(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    logins: HashMap<String, StoredLogin>,
    locked: HashSet<String>,
}

impl MemoryLogins {
    /// Without logins.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing panics with the lock held.
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

    /// It does not end by itself: what holds it in this process gives it back even where it fails.
    fn lock<'a>(&'a self, user: &'a str, _longest: Duration) -> Pending<'a, Result<Option<Lease>, StoreError>> {
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

/// Without tokens.
impl fmt::Debug for MemoryLogins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryLogins")
    }
}

/// The rate windows of endpoints, counted in the memory of this process: what a client uses unless it is given
/// another store.
///
/// In every interval of a window's length there are at most as many calls as the window has. What is kept of an
/// endpoint and tenant is one moment (16 bytes) for each call that a window still counts, and nothing once no window
/// counts any.
#[derive(Default)]
pub struct MemoryWindows(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    lines: KeyMap<Line>,
    swept: Option<Instant>,
}

/// What is known of one endpoint and tenant.
struct Line {
    log: CallLog,
    /// Until when a window counts one of the calls.
    counted: Instant,
    /// The end of the pause that the platform asked for.
    paused: Instant,
}

impl MemoryWindows {
    /// No calls, no pauses.
    pub fn new() -> Self {
        Self::default()
    }

    /// Does at once what [`WindowStore::take`] promises.
    pub(crate) fn take_now(&self, key: WindowKey<'_>, windows: &[Window]) -> Taken {
        let mut kept = self.lock();
        let now = Instant::now();
        kept.sweep(now);
        let line = kept.line(key, now);
        let opens = line.opens(windows, 0, now);
        if opens > now {
            return Taken::Wait(opens - now);
        }
        if !windows.is_empty() {
            line.counted = line.log.add(windows, now);
        }
        Taken::Granted
    }

    /// Does at once what [`WindowStore::pause`] promises.
    pub(crate) fn pause_now(&self, key: WindowKey<'_>, duration: Duration) {
        let mut kept = self.lock();
        let now = Instant::now();
        let line = kept.line(key, now);
        line.paused = line.paused.max(now + duration.min(CallLog::FAR));
    }

    /// How long the call that comes after `ahead` others which still wait will have to wait itself. It may be longer,
    /// never shorter.
    pub(crate) fn forecast(&self, key: WindowKey<'_>, windows: &[Window], ahead: usize) -> Duration {
        let kept = self.lock();
        let now = Instant::now();
        let opens = match kept.lines.get(&key) {
            Some(line) => line.opens(windows, ahead, now),
            None => CallLog::default().opens(windows, ahead, now),
        };
        opens - now
    }

    /// Whoever panicked while it held the lock left the log at worst without its newest call.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// How often endpoints and tenants are looked for of which nothing has to be known any longer.
    const SWEEP: Duration = Duration::from_secs(60);

    fn line(&mut self, key: WindowKey<'_>, now: Instant) -> &mut Line {
        get_or_insert(&mut self.lines, &key, || Line {
            log: CallLog::default(),
            counted: now,
            paused: now,
        })
    }

    fn sweep(&mut self, now: Instant) {
        let swept = *self.swept.get_or_insert(now);
        if now.saturating_duration_since(swept) >= Self::SWEEP {
            self.lines.retain(|_, line| line.counted.max(line.paused) > now);
            self.swept = Some(now);
        }
    }
}

impl Line {
    fn opens(&self, windows: &[Window], ahead: usize, now: Instant) -> Instant {
        self.log.opens(windows, ahead, self.paused.max(now))
    }
}

impl WindowStore for MemoryWindows {
    fn take<'a>(&'a self, key: WindowKey<'a>, windows: &'a [Window]) -> Pending<'a, Result<Taken, StoreError>> {
        Box::pin(async move { Ok(self.take_now(key, windows)) })
    }

    fn pause<'a>(&'a self, key: WindowKey<'a>, duration: Duration) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.pause_now(key, duration);
            Ok(())
        })
    }
}

impl fmt::Debug for MemoryWindows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryWindows").finish_non_exhaustive()
    }
}

/// When calls were made, the oldest first: one log for all windows of an endpoint.
///
/// A call fits into a window of `calls` where the call that was made `calls` before it is no longer counted. So no
/// interval of a window's length ever holds more, wherever the platform lets its windows begin, and a call may be
/// made at the very moment at which that becomes true.
#[derive(Debug, Default)]
struct CallLog(VecDeque<Instant>);

impl CallLog {
    /// Longer than any wait; it keeps sums within what a moment can be.
    pub(super) const FAR: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

    /// The earliest moment, from `now` on, for the call that comes after `ahead` others which still wait.
    ///
    /// It is exact for the next call (`ahead` = 0), and for others where the endpoint has one window. With several
    /// it may be too early: what one window does to the others is left out for those that still wait.
    pub(super) fn opens(&self, windows: &[Window], ahead: usize, now: Instant) -> Instant {
        let opens = windows.iter().map(|window| self.fits(window, ahead, now));
        opens.max().unwrap_or(now)
    }

    fn fits(&self, window: &Window, ahead: usize, now: Instant) -> Instant {
        let calls = size(window);
        // Those that wait take the places of the window in turn: so often has every place been taken again before.
        let rounds = ahead / calls;
        let freed = (self.0.len() + ahead % calls)
            .checked_sub(calls)
            .and_then(|place| self.0.get(place))
            .map_or(now, |made| now.max(*made + period(window)));
        let more = u32::try_from(rounds).unwrap_or(u32::MAX);
        freed + period(window).saturating_mul(more).min(Self::FAR)
    }

    /// Adds a call that is made now, and forgets what no window counts any longer. Gives when that will be said of
    /// this call.
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

/// How long a window counts a call.
fn period(window: &Window) -> Duration {
    window.counted_for().min(CallLog::FAR)
}

/// The calls of a window. One without any would let no call through, ever.
fn size(window: &Window) -> usize {
    usize::try_from(window.calls.max(1)).unwrap_or(usize::MAX)
}

/// Values by [`WindowKey`]. Looking one up makes no copy of the key's texts.
pub(crate) type KeyMap<V> = hashbrown::HashMap<OwnedKey, V, RandomState>;

/// A [`WindowKey`] with texts of its own. Its fields have the order of the other's, so that both hash alike.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct OwnedKey {
    app: Box<str>,
    tenant: Box<str>,
    endpoint: Box<str>,
}

/// The value under this key, which is made where there is none.
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
            app: key.app.into(),
            tenant: key.tenant.into(),
            endpoint: key.endpoint.into(),
        }
    }
}

impl Equivalent<OwnedKey> for WindowKey<'_> {
    fn equivalent(&self, key: &OwnedKey) -> bool {
        (self.app, self.tenant, self.endpoint) == (&*key.app, &*key.tenant, &*key.endpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: &[Window] = &[Window::new(2, 1), Window::new(10_000, 86_400)];

    fn key(tenant: &str) -> WindowKey<'_> {
        WindowKey {
            app: "cli_1",
            tenant,
            endpoint: "drive.v1.media.download",
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_no_window_counts_any_longer_is_forgotten() {
        let windows = MemoryWindows::new();
        for tenant in 0..1000 {
            windows.take_now(key(&tenant.to_string()), &WINDOWS[..1]);
        }
        assert_eq!(windows.lock().lines.len(), 1000);
        tokio::time::advance(Kept::SWEEP).await;
        windows.take_now(key("another"), WINDOWS);
        assert_eq!(windows.lock().lines.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_and_a_long_window_are_not_forgotten() {
        let windows = MemoryWindows::new();
        windows.pause_now(key("paused"), 2 * Kept::SWEEP);
        windows.take_now(key("long window"), WINDOWS);
        tokio::time::advance(Kept::SWEEP).await;
        windows.take_now(key("another"), WINDOWS);
        assert_eq!(windows.lock().lines.len(), 3);
    }
}
