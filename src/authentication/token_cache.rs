//! A cache for one token: single flight, refresh before expiry, and a negative cache for failed fetches.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument as _;

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

/// Shortest rest, before chance shortens it. It doubles with each fetch that fails.
const SHORTEST: Duration = Duration::from_secs(1);
/// Longest rest while there is a token that still lives.
const LONGEST: Duration = Duration::from_secs(60);
/// Longest rest where calls fail for want of a token: they are to go on soon once the cause is mended.
const LONGEST_WITHOUT: Duration = Duration::from_secs(5);

/// Fetches that have failed, one after another.
pub(super) struct Failing {
    times: u32,
    at: Instant,
    rest: Duration,
    error: Error,
}

impl Failing {
    /// Another failure, after these. Chance keeps processes from asking together.
    pub(super) fn after(before: Option<&Self>, error: Error, now: Instant) -> Self {
        let times = before.map_or(0, |before| before.times);
        let longest = SHORTEST.saturating_mul(1 << times.min(10)).min(LONGEST);
        Self {
            times: times.saturating_add(1),
            at: now,
            rest: longest.mul_f64(0.5 + 0.5 * fastrand::f64()),
            error,
        }
    }

    /// Whether a token that still lives is not to be renewed now.
    pub(super) fn rests(&self, now: Instant) -> bool {
        now < self.at + self.rest
    }

    /// What a caller without a token gets instead of another fetch: a wrong secret or an outage is no reason to ask
    /// the platform once for each call. What the platform had no part in, such as a user who has not logged in yet, is
    /// looked at anew, and so is a login, whose end is remembered with its refresh token.
    pub(super) fn answer(&self, now: Instant) -> Option<&Error> {
        let asked = matches!(
            self.error.kind(),
            ErrorKind::Api(_) | ErrorKind::Transport(_) | ErrorKind::Decode(_)
        );
        let rests = now < self.at + self.rest.min(LONGEST_WITHOUT);
        (asked && rests && !self.error.needs_login()).then_some(&self.error)
    }
}

/// How many entries there may be before it is looked for some that nobody needs.
const FEW: usize = 256;

/// One value for each key. Values that are idle and that nobody holds are dropped as others come.
pub(super) struct Keyed<T>(Mutex<Entries<T>>);

struct Entries<T> {
    map: HashMap<Arc<str>, Arc<T>>,
    prune_at: usize,
}

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Self(Mutex::new(Entries {
            map: HashMap::new(),
            prune_at: FEW,
        }))
    }
}

impl<T> Keyed<T> {
    /// The value of this key, made if there is none.
    pub(super) fn get(&self, key: &str, make: impl FnOnce(&Arc<str>) -> T, idle: impl Fn(&T) -> bool) -> Arc<T> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = entries.map.get(key) {
            return Arc::clone(value);
        }
        if entries.map.len() >= entries.prune_at {
            // With the lock held nobody else can get hold of a value that only the map holds.
            entries
                .map
                .retain(|_, value| Arc::strong_count(value) > 1 || !idle(value));
            entries.prune_at = FEW.max(2 * entries.map.len());
        }
        let key: Arc<str> = key.into();
        let value = Arc::new(make(&key));
        entries.map.insert(key, Arc::clone(&value));
        value
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::auth::v3::tenant_access_token::Internal;
    use crate::error::{AuthError, LoginError, TransportError};

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

    fn error(problem: ErrorKind) -> Error {
        Error::at(&Internal::ENDPOINT, problem)
    }

    fn outage() -> Error {
        error(ErrorKind::Transport(TransportError::other("no way")))
    }

    /// After so many failures.
    fn failing(times: u32, error: &Error, now: Instant) -> Failing {
        let first = Failing::after(None, error.clone(), now);
        (1..times).fold(first, |before, _| Failing::after(Some(&before), error.clone(), now))
    }

    #[test]
    fn rests_grow_up_to_a_minute_and_to_five_seconds_without_a_token() {
        let now = Instant::now();
        let seconds = |seconds: u64| now + Duration::from_millis(1 + 1000 * seconds);
        for (times, rest, without) in [(1, 1, 1), (2, 2, 2), (3, 4, 4), (4, 8, 5), (7, 60, 5), (90, 60, 5)] {
            let failing = failing(times, &outage(), now);
            assert!(failing.rests(now) && !failing.rests(seconds(rest)), "{times}");
            assert!(failing.answer(now).is_some(), "{times}");
            assert!(failing.answer(seconds(without)).is_none(), "{times}");
        }
    }

    #[test]
    fn rests_differ_by_chance() {
        let now = Instant::now();
        let half = now + Duration::from_millis(499);
        let rests = (0..100).map(|_| Failing::after(None, outage(), now));
        let rests: std::collections::HashSet<_> = rests
            .map(|failing| {
                assert!(failing.rests(half));
                failing.rest
            })
            .collect();
        assert!(rests.len() > 50);
    }

    #[test]
    fn what_the_platform_had_no_part_in_is_looked_at_anew() {
        let now = Instant::now();
        for problem in [
            ErrorKind::Login(LoginError::None),
            ErrorKind::Login(LoginError::Busy),
            ErrorKind::Auth(AuthError::NoTicket { cause: None }),
        ] {
            assert!(failing(1, &error(problem), now).answer(now).is_none());
        }
    }

    #[test]
    fn idle_values_that_nobody_holds_are_dropped_as_others_come() {
        let keyed = Keyed::<usize>::default();
        let held = keyed.get("held", |_| 0, |_| true);
        for number in 1..10_000 {
            // The value 7 is not idle.
            keyed.get(&number.to_string(), |_| number, |value| *value != 7);
        }
        let entries = keyed.0.lock().unwrap();
        assert!(entries.map.len() <= FEW, "{}", entries.map.len());
        assert!(Arc::ptr_eq(&entries.map["held"], &held));
        assert!(entries.map.contains_key("7"));
    }
}
