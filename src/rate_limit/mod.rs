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

use queue::{Place, Queues, TooLong};
use tokio::time::{Instant, sleep_until};

use crate::authentication::Identity;
use crate::endpoint::{EndpointInfo, Window};
use crate::error::{ErrorKind, RateLimitError};
use crate::store::MemoryWindows;
use crate::store::{StoreError, Taken, WindowKey, WindowStore};

/// What the builder was told of limits.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub mode: RateLimitMode,
    /// Where calls are counted; in memory where nothing else was given.
    pub store: Option<Arc<dyn WindowStore>>,
}

/// The limiter of a client.
pub(crate) struct Limits {
    memory: MemoryWindows,
    store: Option<Arc<dyn WindowStore>>,
    queues: Queues,
}

impl Limits {
    /// The longest pause that an answer can ask for: no window is longer.
    const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);
    /// The shortest sleep before a store is asked again: what the clock of timers can tell apart.
    const SHORTEST_SLEEP: Duration = Duration::from_millis(1);

    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            memory: MemoryWindows::new(),
            store: settings.store,
            queues: Queues::default(),
        }
    }

    /// Waits until a call of this endpoint may be made, and counts it. Gives how long that took.
    ///
    /// It fails at once where the turn would come after `deadline`, as far as that can be told. Dropped at any
    /// point it leaves no call counted in memory that is not made (a store elsewhere may have counted it already
    /// when its answer is no longer waited for), and nobody behind it in the queue waits longer for it.
    pub(crate) async fn pass(
        &self,
        endpoint: &'static EndpointInfo,
        identity: &Identity,
        mode: RateLimitMode,
        deadline: Instant,
    ) -> Result<Duration, ErrorKind> {
        let call = Call {
            limits: self,
            key: key_of(endpoint, identity),
            windows: endpoint.limits,
            deadline,
        };
        match mode {
            RateLimitMode::Wait => call.wait().await,
            RateLimitMode::Fail => call.go_or_fail().await,
            RateLimitMode::Off => call.wait_for_pauses().await,
        }
    }

    /// Lets no call of this endpoint through for so long, a day at most: the platform asked for it. A longer pause
    /// that is already on stays.
    pub(crate) async fn pause(&self, endpoint: &'static EndpointInfo, identity: &Identity, duration: Duration) {
        let key = key_of(endpoint, identity);
        let duration = duration.min(Self::LONGEST_PAUSE);
        self.memory.pause_now(key, duration);
        self.queues.paused(&key, Instant::now() + duration);
        if let Some(store) = &self.store
            && let Err(error) = store.pause(key, duration).await
        {
            tracing::warn!(endpoint = endpoint.id, %error, "the store did not take a pause: it holds in this process alone");
        }
    }
}

/// Under what the calls of this endpoint and caller are counted.
fn key_of<'a>(endpoint: &'static EndpointInfo, identity: &'a Identity) -> WindowKey<'a> {
    WindowKey {
        app: &identity.app,
        tenant: &identity.tenant,
        endpoint: endpoint.id,
    }
}

/// A call that wants to be made.
struct Call<'a> {
    limits: &'a Limits,
    key: WindowKey<'a>,
    windows: &'a [Window],
    deadline: Instant,
}

impl Call<'_> {
    async fn wait(self) -> Result<Duration, ErrorKind> {
        if self.limits.queues.waiting(&self.key) == 0 && self.take(self.windows).await? == Taken::Granted {
            return Ok(Duration::ZERO);
        }
        let started = Instant::now();
        let place = self.limits.queues.enter(self.key);
        let wait = self.forecast(&place);
        self.in_time(wait)?;
        tracing::debug!(?wait, ahead = place.ahead, "waits for the endpoint's limit");
        let _turn = place.turn(self.deadline).await?;
        while let Taken::Wait(wait) = self.take(self.windows).await? {
            let until = self.in_time(wait)?;
            place.sleep(until, self.deadline).await?;
        }
        Ok(started.elapsed())
    }

    async fn go_or_fail(self) -> Result<Duration, ErrorKind> {
        let mut wait = match self.limits.queues.waiting(&self.key) {
            0 => Duration::ZERO,
            _ => self.forecast(&self.limits.queues.enter(self.key)),
        };
        // Zero: there is room for those that wait and for this one too.
        if wait.is_zero() {
            match self.take(self.windows).await? {
                Taken::Granted => return Ok(Duration::ZERO),
                Taken::Wait(longer) => wait = longer,
            }
        }
        Err(ErrorKind::RateLimited(RateLimitError { wait }))
    }

    async fn wait_for_pauses(self) -> Result<Duration, ErrorKind> {
        let started = Instant::now();
        while let Taken::Wait(wait) = self.take(&[]).await? {
            sleep_until(self.in_time(wait)?).await;
        }
        Ok(started.elapsed())
    }

    /// Counts the call if it may go now.
    async fn take(&self, windows: &[Window]) -> Result<Taken, StoreError> {
        let Limits { memory, store, .. } = self.limits;
        let Some(store) = store else {
            return Ok(memory.take_now(self.key, windows));
        };
        // A pause is known here too, even where the store could not be told of it.
        match memory.take_now(self.key, &[]) {
            Taken::Granted => store.take(self.key, windows).await,
            paused => Ok(paused),
        }
    }

    /// How long the call at this place will wait at least.
    fn forecast(&self, place: &Place<'_>) -> Duration {
        let by_head = place.opens().saturating_duration_since(Instant::now());
        by_head.max(self.limits.memory.forecast(self.key, self.windows, place.ahead))
    }

    /// When this wait is over, if that is not too late.
    fn in_time(&self, wait: Duration) -> Result<Instant, ErrorKind> {
        let wait = wait.max(Limits::SHORTEST_SLEEP);
        match Instant::now().checked_add(wait) {
            Some(until) if until <= self.deadline => Ok(until),
            _ => Err(ErrorKind::RateLimited(RateLimitError { wait })),
        }
    }
}

impl From<TooLong> for ErrorKind {
    fn from(TooLong(wait): TooLong) -> Self {
        Self::RateLimited(RateLimitError { wait })
    }
}

impl From<StoreError> for ErrorKind {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What a call does where a window is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RateLimitMode {
    /// It waits for its turn, as long as its deadline allows. Calls of one endpoint and tenant get their turns in
    /// the order in which they came.
    #[default]
    Wait,
    /// It fails at once with [`RateLimitError`](crate::error::RateLimitError), which says how long to wait.
    Fail,
    /// Nothing is counted; the platform refuses what is too much. A pause that the platform asked for is waited for
    /// all the same.
    Off,
}
