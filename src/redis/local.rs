//! Rate windows of this process alone, for while Redis is away.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::endpoint::Window;
use crate::shared::{Pending, StoreError, Taken, WindowKey, WindowStore};

type Name = (String, String, String);

#[derive(Default)]
pub(super) struct LocalWindows(Mutex<HashMap<Name, Counts>>);

#[derive(Default)]
struct Counts {
    paused_until: Option<Instant>,
    calls: HashMap<Duration, VecDeque<Instant>>,
}

impl LocalWindows {
    fn with<T>(&self, key: WindowKey<'_>, act: impl FnOnce(&mut Counts) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (key.app.to_owned(), key.tenant.to_owned(), key.endpoint.to_owned());
        act(all.entry(name).or_default())
    }
}

impl WindowStore for LocalWindows {
    fn take<'a>(&'a self, key: WindowKey<'a>, windows: &'a [Window]) -> Pending<'a, Result<Taken, StoreError>> {
        Box::pin(async move {
            let now = Instant::now();
            Ok(self.with(key, |counts| {
                let mut until = counts.paused_until.unwrap_or(now);
                for window in windows {
                    let calls = counts.calls.entry(window.per).or_default();
                    while calls.front().is_some_and(|first| *first + window.per <= now) {
                        calls.pop_front();
                    }
                    if calls.len() >= window.calls as usize {
                        until = until.max(calls.front().map_or(now, |first| *first + window.per));
                    }
                }
                if until > now {
                    return Taken::Wait(until - now);
                }
                for window in windows {
                    counts.calls.entry(window.per).or_default().push_back(now);
                }
                Taken::Granted
            }))
        })
    }

    fn pause<'a>(&'a self, key: WindowKey<'a>, duration: Duration) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let until = Instant::now() + duration;
            self.with(key, |counts| counts.paused_until = counts.paused_until.max(Some(until)));
            Ok(())
        })
    }
}
