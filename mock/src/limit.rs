//! Rate windows: each holds per endpoint, app and tenant, all windows of an endpoint at once.

use std::collections::HashMap;
use std::time::Duration;

use larkspur_codegen::model::{Endpoint, Window};

use crate::code;
use crate::refusal::{Rate, Refusal};
use crate::token::Holder;

/// The calls of every app in every tenant to every endpoint.
#[derive(Debug, Default)]
pub(crate) struct Limiter(HashMap<(String, Holder), Vec<Count>>);

/// The calls in one window. It opens with a call, and closes when its time is over.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    opened: Duration,
    calls: u32,
}

impl Limiter {
    /// Counts a call, unless one of the windows is full. A refused call counts nowhere.
    pub(crate) fn take(&mut self, endpoint: &Endpoint, caller: Holder, now: Duration) -> Result<(), Refusal> {
        let Some(limits) = &endpoint.limits else {
            return Ok(());
        };
        let counts = self.0.entry((endpoint.id.clone(), caller)).or_default();
        counts.resize(limits.windows.len(), Count::default());
        for (count, window) in counts.iter_mut().zip(&limits.windows) {
            count.close_when_over(*window, now);
        }
        let full = counts
            .iter()
            .zip(&limits.windows)
            .filter(|(count, window)| count.calls >= window.calls);
        // The window that stays full longest decides: waiting for a shorter one would not help.
        if let Some(rate) = full
            .map(|(count, window)| count.rate(*window, now))
            .max_by_key(|rate| rate.reset)
        {
            return Err(Refusal {
                rate: Some(rate),
                ..Refusal::common(code::RATE)
            });
        }
        for count in counts {
            count.calls += 1;
        }
        Ok(())
    }
}

impl Count {
    fn close_when_over(&mut self, window: Window, now: Duration) {
        if self.calls == 0 || now >= self.closes(window) {
            *self = Self { opened: now, calls: 0 };
        }
    }

    fn closes(self, window: Window) -> Duration {
        self.opened.saturating_add(Duration::from_secs(window.seconds.into()))
    }

    fn rate(self, window: Window, now: Duration) -> Rate {
        let left = self.closes(window).saturating_sub(now);
        Rate {
            limit: window.calls,
            // Rounded up: whoever waits so long finds the window open.
            reset: left.as_secs() + u64::from(left.subsec_nanos() > 0),
        }
    }
}
