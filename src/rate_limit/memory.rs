//! Windows and pauses in the memory of one process.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::key::{Keyed, get_or_insert};
use super::log::Log;
use crate::endpoint::Window;
use crate::store::{Pending, StoreError, Taken, WindowKey, WindowStore};

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
    lines: Keyed<Line>,
    swept: Option<Instant>,
}

/// What is known of one endpoint and tenant.
struct Line {
    log: Log,
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
    pub(super) fn take_now(&self, key: WindowKey<'_>, windows: &[Window]) -> Taken {
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
    pub(super) fn pause_now(&self, key: WindowKey<'_>, duration: Duration) {
        let mut kept = self.lock();
        let now = Instant::now();
        let line = kept.line(key, now);
        line.paused = line.paused.max(now + duration.min(Log::FAR));
    }

    /// How long the call that comes after `ahead` others which still wait will have to wait itself. It may be longer,
    /// never shorter.
    pub(super) fn forecast(&self, key: WindowKey<'_>, windows: &[Window], ahead: usize) -> Duration {
        let kept = self.lock();
        let now = Instant::now();
        let opens = match kept.lines.get(&key) {
            Some(line) => line.opens(windows, ahead, now),
            None => Log::default().opens(windows, ahead, now),
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
            log: Log::default(),
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
