//! The calls of one endpoint and tenant, and when the next one fits into every window.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::endpoint::Window;

/// When calls were made, the oldest first: one log for all windows of an endpoint.
///
/// A call fits into a window of `calls` where the call that was made `calls` before it is no longer counted. So no
/// interval of a window's length ever holds more, wherever the platform lets its windows begin, and a call may be
/// made at the very moment at which that becomes true.
#[derive(Debug, Default)]
pub(super) struct Log(VecDeque<Instant>);

impl Log {
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
    window.counted_for().min(Log::FAR)
}

/// The calls of a window. One without any would let no call through, ever.
fn size(window: &Window) -> usize {
    usize::try_from(window.calls.max(1)).unwrap_or(usize::MAX)
}
