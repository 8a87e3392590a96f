//! Rate limits: fixed windows per endpoint, app and tenant.

use std::collections::HashMap;
use std::time::Duration;

use larkspur_codegen::model::{Endpoint, Window};

use crate::error_code;
use crate::response::{ErrorResponse, FullWindow};
use crate::token::Holder;

/// The call counts of all callers and endpoints.
#[derive(Debug, Default)]
pub(crate) struct RateLimiter(HashMap<(String, Holder), Vec<Count>>);

/// The calls in one window, which starts with its first call.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    started: Duration,
    calls: u32,
}

impl RateLimiter {
    /// Counts a call in all windows of its endpoint, or in none if one of them is exhausted.
    pub(crate) fn take(&mut self, endpoint: &Endpoint, caller: Holder, now: Duration) -> Result<(), ErrorResponse> {
        let Some(limits) = &endpoint.limits else {
            return Ok(());
        };
        let counts = self.0.entry((endpoint.id.clone(), caller)).or_default();
        counts.resize(limits.windows.len(), Count::default());
        for (count, window) in counts.iter_mut().zip(&limits.windows) {
            count.reset_if_expired(*window, now);
        }
        let full = counts
            .iter()
            .zip(&limits.windows)
            .filter(|(count, window)| count.calls >= window.calls);
        // The window with the latest reset decides when the next call can succeed.
        if let Some(window) = full
            .map(|(count, window)| count.full_window(*window, now))
            .max_by_key(|window| window.reset)
        {
            return Err(ErrorResponse {
                window: Some(window),
                ..ErrorResponse::common(error_code::RATE_LIMIT)
            });
        }
        for count in counts {
            count.calls += 1;
        }
        Ok(())
    }
}

impl Count {
    fn reset_if_expired(&mut self, window: Window, now: Duration) {
        if self.calls == 0 || now >= self.expires(window) {
            *self = Self { started: now, calls: 0 };
        }
    }

    fn expires(self, window: Window) -> Duration {
        self.started.saturating_add(Duration::from_secs(window.seconds.into()))
    }

    fn full_window(self, window: Window, now: Duration) -> FullWindow {
        let left = self.expires(window).saturating_sub(now);
        FullWindow {
            limit: window.calls,
            // Rounded up, so that the window has reset after this many seconds.
            reset: left.as_secs() + u64::from(left.subsec_nanos() > 0),
        }
    }
}
