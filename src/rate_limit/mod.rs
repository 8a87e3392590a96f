//! Rate limiting: each window of the spec is enforced per app, tenant and endpoint.
//!
//! A call asks the window store for permission.
//! If a window is full, the call waits in the queue of its endpoint and tenant.
//! Only the head of a queue asks the store again, at the time that the store has named.

mod queue;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use queue::{QueuePosition, Queues, WaitTooLong};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::endpoint::{EndpointInfo, Window};
use crate::error::{ErrorKind, RateLimitError, TransportError, TransportKind};
use crate::store::MemoryWindows;
use crate::store::{Admission, StoreError, WindowKey, WindowStore, with_timeout};

/// Rate-limit settings of the builder.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub mode: RateLimitMode,
    /// The window store; in memory by default.
    pub store: Option<Arc<dyn WindowStore>>,
}

/// The app and tenant for which the platform counts calls.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RateLimitScope {
    /// Host and path of the base URL.
    pub host: Arc<str>,
    /// Id of the app; a digest of the token for a client that does not know it.
    pub app: Arc<str>,
    /// Key of the tenant; empty for the only tenant of a custom app.
    pub tenant: Arc<str>,
}

/// The rate limiter of a client.
pub(crate) struct RateLimiter {
    memory: MemoryWindows,
    store: Option<Arc<dyn WindowStore>>,
    queues: Queues,
    /// Wakes the calls that sleep.
    lifted: Notify,
}

impl RateLimiter {
    /// Maximum pause that a response can impose; no window is longer.
    const MAX_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);
    /// Minimum sleep before the store is asked again; the resolution of timers.
    const MIN_SLEEP: Duration = Duration::from_millis(1);
    /// Maximum sleep before the store is asked again: another process may have lifted the pause.
    const MAX_SLEEP: Duration = Duration::from_secs(60);
    /// Timeout of a store operation: stores are implemented by users.
    const STORE_TIMEOUT: Duration = Duration::from_secs(5);

    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            memory: MemoryWindows::new(),
            store: settings.store,
            queues: Queues::default(),
            lifted: Notify::new(),
        }
    }

    /// Waits until a call of this endpoint may be made, and counts it. Returns the time waited.
    ///
    /// Fails immediately if the call could not be made before `deadline`, as far as that can be predicted. If the
    /// future is dropped, no call is counted in memory (a remote store may have counted one), and calls queued behind
    /// it do not wait longer.
    pub(crate) async fn acquire(
        &self,
        endpoint: &'static EndpointInfo,
        scope: &RateLimitScope,
        mode: RateLimitMode,
        deadline: Instant,
        on_wait: OnWait<'_>,
    ) -> Result<Duration, ErrorKind> {
        let call = PendingCall {
            limiter: self,
            key: window_key(endpoint, scope),
            windows: endpoint.limits,
            deadline,
            on_wait,
        };
        match mode {
            RateLimitMode::Wait => call.wait().await,
            RateLimitMode::Fail => call.try_acquire().await,
            RateLimitMode::Off => call.wait_for_pauses().await,
        }
    }

    /// Blocks calls of this endpoint for a duration that the platform has imposed, at most a day. A longer active pause
    /// remains.
    pub(crate) async fn pause(&self, endpoint: &'static EndpointInfo, scope: &RateLimitScope, duration: Duration) {
        let key = window_key(endpoint, scope);
        let duration = duration.min(Self::MAX_PAUSE);
        self.memory.pause_now(key, duration);
        self.queues.notify_pause(&key, Instant::now() + duration);
        let Some(store) = &self.store else { return };
        match with_timeout(Self::STORE_TIMEOUT, store.pause(key, duration)).await {
            // From here on the store knows it, and another process may lift it there.
            Ok(()) => self.memory.lift_now(key),
            Err(error) => {
                tracing::warn!(endpoint = endpoint.id, %error, "failed to save a pause in the window store; it applies to this process only");
            }
        }
    }

    /// Ends a pause of this endpoint. Waiting calls ask the store again.
    pub(crate) async fn lift_pause(
        &self,
        endpoint: &'static EndpointInfo,
        scope: &RateLimitScope,
    ) -> Result<(), StoreError> {
        let key = window_key(endpoint, scope);
        let result = match &self.store {
            Some(store) => with_timeout(Self::STORE_TIMEOUT, store.lift_pause(key)).await,
            None => Ok(()),
        };
        self.memory.lift_now(key);
        self.queues.notify_lift(&key);
        self.lifted.notify_waiters();
        result
    }
}

/// Returns the key under which calls of this endpoint are counted.
fn window_key<'a>(endpoint: &'static EndpointInfo, scope: &'a RateLimitScope) -> WindowKey<'a> {
    WindowKey {
        host: &scope.host,
        app: &scope.app,
        tenant: &scope.tenant,
        endpoint: endpoint.id,
    }
}

/// Called before each wait, with its estimated duration.
pub(crate) type OnWait<'a> = &'a (dyn Fn(Duration) + Sync);

/// A call that requests permission.
struct PendingCall<'a> {
    limiter: &'a RateLimiter,
    key: WindowKey<'a>,
    windows: &'a [Window],
    deadline: Instant,
    on_wait: OnWait<'a>,
}

impl PendingCall<'_> {
    async fn wait(self) -> Result<Duration, ErrorKind> {
        if self.limiter.queues.waiting(&self.key) == 0 && self.count(self.windows).await? == Admission::Granted {
            return Ok(Duration::ZERO);
        }
        let started = Instant::now();
        let position = self.limiter.queues.enter(self.key);
        let wait = self.forecast(&position);
        self.start_wait(wait)?;
        tracing::debug!(
            ?wait,
            ahead = position.ahead,
            "waiting for the rate limit of the endpoint"
        );
        let _turn = position.turn(self.deadline).await?;
        while let Admission::Wait(wait) = self.count(self.windows).await? {
            let until = self.start_wait(wait)?;
            position.sleep(until, self.deadline, self.sleep(until)).await?;
        }
        Ok(started.elapsed())
    }

    async fn try_acquire(self) -> Result<Duration, ErrorKind> {
        let mut wait = match self.limiter.queues.waiting(&self.key) {
            0 => Duration::ZERO,
            _ => self.forecast(&self.limiter.queues.enter(self.key)),
        };
        // There is room for the queued calls and for this one.
        if wait.is_zero() {
            match self.count(self.windows).await? {
                Admission::Granted => return Ok(Duration::ZERO),
                Admission::Wait(longer) => wait = longer,
            }
        }
        Err(ErrorKind::RateLimited(RateLimitError { wait }))
    }

    async fn wait_for_pauses(self) -> Result<Duration, ErrorKind> {
        let started = Instant::now();
        while let Admission::Wait(wait) = self.count(&[]).await? {
            self.sleep(self.start_wait(wait)?).await;
        }
        Ok(started.elapsed())
    }

    /// Counts the call if it may be made now.
    async fn count(&self, windows: &[Window]) -> Result<Admission, ErrorKind> {
        let RateLimiter { memory, store, .. } = self.limiter;
        let Some(store) = store else {
            return Ok(memory.acquire_now(self.key, windows));
        };
        // A pause that the store could not save is in memory.
        if let paused @ Admission::Wait(_) = memory.acquire_now(self.key, &[]) {
            return Ok(paused);
        }
        let response = with_timeout(RateLimiter::STORE_TIMEOUT, store.acquire(self.key, windows));
        match timeout_at(self.deadline, response).await {
            Ok(Err(error)) if windows.is_empty() => {
                tracing::debug!(endpoint = self.key.endpoint, %error, "the window store failed; nothing is counted for this call");
                Ok(Admission::Granted)
            }
            Ok(result) => result.map_err(ErrorKind::Store),
            // The time of the call has passed, not a failure of the store.
            Err(_) => Err(ErrorKind::Transport(TransportError::new(
                TransportKind::Timeout,
                "not sent: the deadline passed while waiting for the window store",
            ))),
        }
    }

    /// Sleeps until this time, or until the store is to be asked again.
    async fn sleep(&self, until: Instant) {
        let until = until.min(Instant::now() + RateLimiter::MAX_SLEEP);
        let _ = timeout_at(until, self.limiter.lifted.notified()).await;
    }

    /// Returns a lower bound of the wait at this position.
    fn forecast(&self, position: &QueuePosition<'_>) -> Duration {
        let by_head = position.opens_at().saturating_duration_since(Instant::now());
        by_head.max(self.limiter.memory.forecast(self.key, self.windows, position.ahead))
    }

    /// Returns the end of a wait.
    ///
    /// # Errors
    ///
    /// If it lies after the deadline.
    fn wait_until(&self, wait: Duration) -> Result<Instant, ErrorKind> {
        let wait = wait.max(RateLimiter::MIN_SLEEP);
        match Instant::now().checked_add(wait) {
            Some(until) if until <= self.deadline => Ok(until),
            _ => Err(ErrorKind::RateLimited(RateLimitError { wait })),
        }
    }

    /// Reports a wait, and returns its end.
    ///
    /// # Errors
    ///
    /// If it lies after the deadline.
    fn start_wait(&self, wait: Duration) -> Result<Instant, ErrorKind> {
        let until = self.wait_until(wait)?;
        (self.on_wait)(wait);
        Ok(until)
    }
}

impl From<WaitTooLong> for ErrorKind {
    fn from(WaitTooLong(wait): WaitTooLong) -> Self {
        Self::RateLimited(RateLimitError { wait })
    }
}

/// The behaviour of a call if a rate-limit window is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RateLimitMode {
    /// Waits until the call may be made, within its deadline. Calls of one endpoint and tenant are made in order of
    /// arrival.
    #[default]
    Wait,
    /// Fails immediately with [`RateLimitError`](crate::error::RateLimitError), which contains the time to wait.
    Fail,
    /// Does not count calls; the platform rejects excess calls. Delays that the platform imposes are observed.
    Off,
}
