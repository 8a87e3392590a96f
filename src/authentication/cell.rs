//! One token: fetched once for all who wait for it, kept, and renewed before it expires.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::failing::Failing;
use super::token::{RESERVE, Token};
use crate::endpoint::EndpointInfo;
use crate::error::{Error, ErrorKind, Result, TransportError};
use crate::secret::same;
use crate::store::Pending;

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
    /// What has failed since the last token came.
    failing: Option<Failing>,
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
    /// Do without: a fetch failed with this a moment ago.
    Fail(Error),
}

impl Cell {
    /// The token that is held, or the one that the fetch under way will give. A renewal keeps nobody waiting
    /// while the old token is good for the call.
    ///
    /// `fetch` is given the token that it is to replace, runs in a task of its own, so that a caller who gives
    /// up does not take it from the others, and is a call of `endpoint`.
    pub(crate) async fn token(
        self: &Arc<Self>,
        endpoint: &'static EndpointInfo,
        fetch: impl FnOnce(Option<SecretString>) -> Pending<'static, Result<Token>>,
    ) -> Result<SecretString> {
        let (good, mut under_way, task) = {
            let mut held = self.lock();
            let good = match held.now(Instant::now()) {
                Now::Use(text) => return Ok(text),
                Now::Fail(error) => return Err(error),
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
                let fault = TransportError::other("the fetch of the token was interrupted");
                Err(Error::at(endpoint, ErrorKind::Transport(fault)))
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

    /// Whether nothing would be lost with it: no token that lives, no fetch, and no failure to remember.
    pub(crate) fn is_idle(&self) -> bool {
        let held = self.lock();
        let now = Instant::now();
        held.fetch.is_none() && held.usable(now).is_none() && matches!(held.now(now), Now::Fetch(_))
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
            let failed = self.failing.as_ref().and_then(|failing| failing.answer(now));
            return failed.map_or(Now::Fetch(None), |error| Now::Fail(error.clone()));
        };
        let text = token.text.clone();
        let rests = self.failing.as_ref().is_some_and(|failing| failing.rests(now));
        if now < token.renew_at || rests {
            return Now::Use(text);
        }
        Now::Fetch((now + RESERVE < token.expires_at).then_some(text))
    }

    fn keep(&mut self, token: Token) {
        let again = |kept: &Kept| kept.refused && same(&kept.token.text, &token.text);
        let confirmed_at = self.kept.as_ref().is_some_and(again).then(Instant::now);
        self.failing = None;
        self.kept = Some(Kept {
            token,
            refused: false,
            confirmed_at,
        });
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
                held.failing = Some(Failing::after(held.failing.as_ref(), error.clone(), now));
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

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::auth::v3::tenant_access_token::Internal;

    fn token(text: &str) -> Token {
        Token::new(text.into(), Instant::now(), Duration::from_secs(7200))
    }

    /// What the cell holds, or what a fetch gives if it has to be asked.
    async fn held(cell: &Arc<Cell>) -> String {
        let fetch = |_| -> Pending<'static, Result<Token>> { Box::pin(async { Ok(token("fetched")) }) };
        let text = cell.token(&Internal::ENDPOINT, fetch).await.unwrap();
        text.expose_secret().to_owned()
    }

    #[tokio::test]
    async fn a_late_refusal_of_an_old_token_does_not_drop_the_new_one() {
        let cell = Arc::new(Cell::default());
        cell.put(token("new"));
        // Another try makes sense all the same: with the new one.
        assert!(cell.refuse(&"old".into()));
        assert_eq!(held(&cell).await, "new");
        assert!(cell.refuse(&"new".into()));
        assert_eq!(held(&cell).await, "fetched");
    }
}
