//! An exact window made of governor: as many cells of burst 1 as it has calls, used in turn.

use std::num::NonZeroU32;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use larkspur::endpoint::Window;

/// One cell.
pub type Cell<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// The cells of one window.
pub struct Cells {
    cells: Vec<Cell<MonotonicClock>>,
    next: usize,
}

impl Cells {
    pub fn new(window: Window) -> Self {
        let cell = |_| Cell::direct_with_clock(quota(window, 1), MonotonicClock);
        Self {
            cells: (0..window.calls).map(cell).collect(),
            next: 0,
        }
    }

    /// Counts a call, if there is room for it.
    pub fn take(&mut self) -> bool {
        let granted = self.cells[self.next].check().is_ok();
        if granted {
            self.next = (self.next + 1) % self.cells.len();
        }
        granted
    }
}

/// One call in the window's time, and so many at once.
pub fn quota(window: Window, burst: u32) -> Quota {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    Quota::with_period(window.per)
        .unwrap_or(Quota::per_second(burst))
        .allow_burst(burst)
}
