//! One token: fetched once for all who wait for it, kept, and renewed before it expires.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::token::{RESERVE, Token};
use crate::endpoint::Endpoint;
use crate::error::{Error, Problem, Result, TransportFault};
use crate::shared::Pending;

/// Shortest and longest time between two renewals that fail while the old token is valid.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// How long a token counts as good that the platform gave once more after it had been refused: the refusal
/// was then about the endpoint, and asking again and again would not mend it.
const CONFIRMED_FOR: Duration = Duration::from_secs(60);

/// Where one token is kept. Whoever needs it brings along how to fetch it.
#[derive(Default)]
pub(crate) struct Cell(Mutex<Held>);

/// The token that is held, and the fetch that is under way.
#[derive(Default)]
struct Held {
    kept: Option<Kept>,
    fetch: Option<Fetch>,
    failures: u32,
    /// No renewal before that while the old token is valid.
    not_before: Option<Instant>,
}

struct Kept {
    token: Token,
    /// The platform refused it: it is not sent again, and another one is known by not being this one.
    refused: bool,
    /// When the platform gave it once more after it had been refused.
    confirmed_at: Option<Instant>,
}

/// Where the result of a fetch will be.
type Fetch = watch::Receiver<Option<Result<SecretString>>>;

/// What a caller can do now.
enum Now {
    Use(SecretString),
    /// Have it fetched, and meanwhile use this one, if it is good for a call.
    Fetch(Option<SecretString>),
}

impl Cell {
    /// The token that is held, or the one that the fetch under way will give. A renewal keeps nobody waiting
    /// while the old token is good for the call.
    ///
    /// `fetch` is given the token that it is to replace, runs in a task of its own, so that a caller who gives
    /// up does not take it from the others, and is a call of `endpoint`.
    pub(crate) async fn token(
        self: &Arc<Self>,
        endpoint: &'static Endpoint,
        fetch: impl FnOnce(Option<SecretString>) -> Pending<'static, Result<Token>>,
    ) -> Result<SecretString> {
        let (good, mut under_way, task) = {
            let mut held = self.lock();
            let good = match held.now(Instant::now()) {
                Now::Use(text) => return Ok(text),
                Now::Fetch(good) => good,
            };
            match &held.fetch {
                Some(fetch) => (good, fetch.clone(), None),
                None => {
                    let stale = held.kept.as_ref().map(|kept| kept.token.text.clone());
                    let (receiver, task) = self.prepare(fetch(stale));
                    held.fetch = Some(receiver.clone());
                    (good, receiver, Some(task))
                }
            }
        };
        if let Some(task) = task {
            // With the lock open again: a runtime that is shutting down drops the task at once, which locks.
            tokio::spawn(task.in_current_span());
        }
        if let Some(text) = good {
            return Ok(text);
        }
        let result = under_way.wait_for(Option::is_some).await;
        match result.as_deref() {
            Ok(Some(result)) => result.clone(),
            // The runtime that ran the fetch has shut down.
            _ => {
                let fault = TransportFault::other("the fetch of the token was interrupted");
                Err(Error::at(endpoint, Problem::Transport(fault)))
            }
        }
    }

    fn prepare(
        self: &Arc<Self>,
        fetch: Pending<'static, Result<Token>>,
    ) -> (Fetch, impl Future<Output = ()> + Send + use<>) {
        let (sender, receiver) = watch::channel(None);
        let mut under_way = UnderWay {
            cell: Arc::clone(self),
            finished: false,
        };
        let task = async move {
            let result = under_way.finish(fetch.await);
            sender.send_replace(Some(result));
        };
        (receiver, task)
    }

    /// Keeps a token that came in another way.
    pub(crate) fn put(&self, token: Token) {
        self.lock().keep(token);
    }

    /// Tells that the platform refused this token: it is not sent again. Gives whether another one can be had:
    /// not where the platform has just given the same one once more.
    pub(crate) fn refuse(&self, text: &SecretString) -> bool {
        let mut held = self.lock();
        let Some(kept) = &mut held.kept else {
            return true;
        };
        if !same(&kept.token.text, text) {
            return true;
        }
        let confirmed = |at: Instant| Instant::now() < at + CONFIRMED_FOR;
        if kept.confirmed_at.is_some_and(confirmed) {
            return false;
        }
        kept.refused = true;
        true
    }

    /// Whether nothing would be lost with it: no token that lives, and no fetch.
    pub(crate) fn is_idle(&self) -> bool {
        let held = self.lock();
        held.fetch.is_none() && held.usable(Instant::now()).is_none()
    }

    /// Nothing in here panics with the lock held; if something did, what is held would still be sound.
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn usable(&self, now: Instant) -> Option<&Token> {
        let kept = self.kept.as_ref()?;
        (!kept.refused && now < kept.token.expires_at).then_some(&kept.token)
    }

    fn now(&self, now: Instant) -> Now {
        let Some(token) = self.usable(now) else {
            return Now::Fetch(None);
        };
        let text = token.text.clone();
        let backing_off = self.not_before.is_some_and(|not_before| now < not_before);
        if now < token.renew_at || backing_off {
            return Now::Use(text);
        }
        Now::Fetch((now + RESERVE < token.expires_at).then_some(text))
    }

    fn keep(&mut self, token: Token) {
        let again = |kept: &Kept| kept.refused && same(&kept.token.text, &token.text);
        let confirmed_at = self.kept.as_ref().is_some_and(again).then(Instant::now);
        self.failures = 0;
        self.not_before = None;
        self.kept = Some(Kept {
            token,
            refused: false,
            confirmed_at,
        });
    }

    /// Puts the next renewal off, longer each time, and by chance so that processes do not ask together.
    fn back_off(&mut self, now: Instant) {
        let longest = BACKOFF.0.saturating_mul(1 << self.failures.min(10)).min(BACKOFF.1);
        self.failures = self.failures.saturating_add(1);
        self.not_before = Some(now + longest.mul_f64(0.5 + 0.5 * fastrand::f64()));
    }
}

/// A fetch under way. However it ends, even with the runtime, the next caller can start another.
struct UnderWay {
    cell: Arc<Cell>,
    finished: bool,
}

impl UnderWay {
    /// Keeps a new token. If there is none, the old one does while it is valid.
    fn finish(&mut self, result: Result<Token>) -> Result<SecretString> {
        self.finished = true;
        let mut held = self.cell.lock();
        held.fetch = None;
        match result {
            Ok(token) => {
                let text = token.text.clone();
                held.keep(token);
                Ok(text)
            }
            Err(error) => {
                let now = Instant::now();
                held.back_off(now);
                let old = held.usable(now).map(|token| token.text.clone());
                drop(held);
                old.map_or_else(
                    || Err(error.clone()),
                    |text| {
                        tracing::warn!(%error, "a token could not be renewed; the old one is used while it lives");
                        Ok(text)
                    },
                )
            }
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if !self.finished {
            self.cell.lock().fetch = None;
        }
    }
}

fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}
