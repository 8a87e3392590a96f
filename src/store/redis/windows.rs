//! Rate windows that all processes count together, by the clock of Redis.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::Script;

use super::question::Question;
use super::server::Server;
use super::undo::undone_if_dropped;
use super::{OnOutage, Redis};
use crate::endpoint::Window;
use crate::store::{Pending, StoreError, Taken, WindowKey, WindowStore};

static TAKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("take.lua")));
static UNTAKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("untake.lua")));
static PAUSE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("pause.lua")));

/// When a call was counted, in microseconds of the server's clock, or how many of them to wait.
type Counted = (u64, u64);

/// The calls of an endpoint are one list for all its windows. That is exact, however calls arrive, and takes some ten
/// bytes for each call; the list expires when its last call has left the longest window.
impl WindowStore for Redis {
    fn take<'a>(&'a self, key: WindowKey<'a>, windows: &'a [Window]) -> Pending<'a, Result<Taken, StoreError>> {
        Box::pin(async move {
            match self.take_together(key, windows).await {
                Err(_) if self.on_outage == OnOutage::Local => self.local.take(key, windows).await,
                taken => taken,
            }
        })
    }

    fn pause<'a>(&'a self, key: WindowKey<'a>, duration: Duration) -> Pending<'a, Result<(), StoreError>> {
        Box::pin(async move {
            // Here too: should Redis go away, this process at least keeps to it.
            self.local.pause(key, duration).await?;
            match self.pause_together(key, duration).await {
                Err(_) if self.on_outage == OnOutage::Local => Ok(()),
                paused => paused,
            }
        })
    }
}

impl Redis {
    async fn take_together(&self, key: WindowKey<'_>, windows: &[Window]) -> Result<Taken, StoreError> {
        let names = self.keys.windows(key);
        let mut script = TAKE.prepare_invoke();
        script.key(&names.pause).key(&names.calls);
        for window in windows {
            script.arg(window.calls.max(1)).arg(micros(window.counted_for()));
        }
        let (server, timeout) = (Arc::clone(&self.server), self.timeout);
        let take = async move { server.ask::<Counted>(&Question::Script(script), timeout).await };
        let server = Arc::clone(&self.server);
        let untake = move |counted| untake(server, timeout, names.calls, counted);
        let (wait, _) = undone_if_dropped(take, untake).await?;
        Ok(match wait {
            0 => Taken::Granted,
            micros => Taken::Wait(Duration::from_micros(micros)),
        })
    }

    async fn pause_together(&self, key: WindowKey<'_>, duration: Duration) -> Result<(), StoreError> {
        let millis = micros(duration).div_ceil(1000);
        if millis == 0 {
            return Ok(());
        }
        let mut script = PAUSE.prepare_invoke();
        script.key(self.keys.windows(key).pause).arg(millis);
        self.server.ask(&Question::Script(script), self.timeout).await
    }
}

/// Takes back what was counted for a call that nobody makes. Where that fails it stays counted: a call less is made.
async fn untake(server: Arc<Server>, timeout: Duration, calls: String, counted: Result<Counted, StoreError>) {
    if let Ok((0, when)) = counted {
        let mut script = UNTAKE.prepare_invoke();
        script.key(calls).arg(when);
        let _: Result<(), _> = server.ask(&Question::Script(script), timeout).await;
    }
}

fn micros(duration: Duration) -> u64 {
    // A hundred and forty years: nobody's window, and still exact in the numbers of a script.
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX).min(1 << 52)
}
