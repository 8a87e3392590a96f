//! A cache for one token: single flight, refresh before expiry, and a negative cache for failed fetches.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tracing::Instrument as _;

use super::token::{SEND_MARGIN, Token};
use crate::endpoint::EndpointInfo;
use crate::error::{Error, ErrorKind, Result, TransportError};
use crate::secret::is_same_secret;
use crate::store::Pending;

/// Period after a reissue in which a rejection does not invalidate the token: the platform has just returned the same
/// token again, so the rejection concerns the endpoint and another fetch would not help.
const REISSUE_GRACE: Duration = Duration::from_secs(60);

/// A cache for one token. Callers pass the function that fetches it.
#[derive(Default)]
pub(crate) struct TokenCache(Mutex<CacheState>);

/// The cached token and the fetch in flight.
#[derive(Default)]
struct CacheState {
    cached: Option<CachedToken>,
    fetch: Option<InFlight>,
    /// Number of fetches so far.
    fetches: u64,
    /// Failures since the last successful fetch.
    failed: Option<FailedFetch>,
}

struct CachedToken {
    token: Token,
    /// Set once the platform has rejected the token, which is then never sent again.
    rejected: bool,
    /// Time at which the platform returned the same token again after rejecting it.
    reissued_at: Option<Instant>,
}

/// A fetch in progress.
#[derive(Clone)]
struct InFlight {
    number: u64,
    /// The runtime that runs it.
    runtime: Handle,
    receiver: watch::Receiver<Option<Result<SecretString>>>,
}

impl InFlight {
    /// Time in which a runtime runs a task, unless it idles.
    const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

    /// Waits for the result; `None` if the runtime idles or has shut down, as one does outside of `block_on`.
    async fn result(&mut self) -> Option<Result<SecretString>> {
        let mut done = pin!(self.receiver.wait_for(Option::is_some));
        if self.runtime.id() == Handle::current().id() {
            return done.await.ok()?.clone();
        }
        loop {
            let probe = self.runtime.spawn(async {});
            if let Ok(done) = timeout(Self::PROBE_TIMEOUT, done.as_mut()).await {
                return done.ok()?.clone();
            }
            if !probe.is_finished() {
                probe.abort();
                return None;
            }
        }
    }
}

/// Result of a cache lookup.
enum Lookup {
    Hit(SecretString),
    /// Fetch a token; until then use this one, if it does not expire too soon.
    Fetch(Option<SecretString>),
    /// Fail with the cached error of a recent fetch.
    Fail(Error),
}

impl TokenCache {
    /// Returns the cached token, or the result of a fetch that all callers share. A refresh does not delay callers
    /// while the old token is still valid.
    ///
    /// `fetch` receives the token to replace. It is a call of `endpoint` and runs in a task of its own, so that a
    /// cancelled caller does not cancel it for the others. If the runtime of that task idles, a caller in another one
    /// fetches the token again.
    pub(crate) async fn get_or_fetch(
        self: &Arc<Self>,
        endpoint: &'static EndpointInfo,
        fetch: impl Fn(Option<SecretString>) -> Pending<'static, Result<Token>>,
    ) -> Result<SecretString> {
        loop {
            let (usable, mut in_flight, task) = {
                let mut state = self.lock();
                let usable = match state.lookup(Instant::now()) {
                    Lookup::Hit(text) => return Ok(text),
                    Lookup::Fail(error) => return Err(error),
                    Lookup::Fetch(usable) => usable,
                };
                match &state.fetch {
                    Some(fetch) => (usable, fetch.clone(), None),
                    None => {
                        let stale = state.cached.as_ref().map(|cached| cached.token.text.clone());
                        state.fetches += 1;
                        let (in_flight, task) = self.prepare(state.fetches, fetch(stale));
                        state.fetch = Some(in_flight.clone());
                        (usable, in_flight, Some(task))
                    }
                }
            };
            let is_own = task.is_some();
            if let Some(task) = task {
                // After the lock is released: a runtime that is shutting down drops the task at once, and the drop takes
                // the lock.
                tokio::spawn(task.in_current_span());
            }
            if let Some(text) = usable {
                return Ok(text);
            }
            if let Some(result) = in_flight.result().await {
                return result;
            }
            if is_own || in_flight.runtime.id() == Handle::current().id() {
                // The runtime that ran the fetch has shut down.
                let error = TransportError::other("the token request was interrupted: the runtime has shut down");
                return Err(Error::at(endpoint, ErrorKind::Transport(error)));
            }
            // This runtime takes over.
            self.lock().end_fetch(in_flight.number);
        }
    }

    fn prepare(
        self: &Arc<Self>,
        number: u64,
        fetch: Pending<'static, Result<Token>>,
    ) -> (InFlight, impl Future<Output = ()> + Send + use<>) {
        let (sender, receiver) = watch::channel(None);
        let mut guard = FetchGuard {
            cache: Arc::clone(self),
            number,
            finished: false,
        };
        let task = async move {
            let result = guard.finish(fetch.await);
            sender.send_replace(Some(result));
        };
        let in_flight = InFlight {
            number,
            runtime: Handle::current(),
            receiver,
        };
        (in_flight, task)
    }

    /// Stores a token that was obtained outside the cache.
    pub(crate) fn insert(&self, token: Token) {
        self.lock().insert(token);
    }

    /// Marks the token as rejected by the platform. Returns whether a retry may get another token; false if the
    /// platform has just reissued the same one.
    pub(crate) fn invalidate(&self, text: &SecretString) -> bool {
        let mut state = self.lock();
        let Some(cached) = &mut state.cached else {
            return true;
        };
        if !is_same_secret(&cached.token.text, text) {
            return true;
        }
        let in_grace = |at: Instant| Instant::now() < at + REISSUE_GRACE;
        if cached.reissued_at.is_some_and(in_grace) {
            return false;
        }
        cached.rejected = true;
        true
    }

    /// Returns whether the entry can be dropped: it holds no valid token, no fetch and no cached failure.
    pub(crate) fn is_idle(&self) -> bool {
        let state = self.lock();
        let now = Instant::now();
        state.fetch.is_none() && state.usable(now).is_none() && matches!(state.lookup(now), Lookup::Fetch(_))
    }

    /// No code panics while it holds the lock; if some did, the state would still be consistent.
    fn lock(&self) -> MutexGuard<'_, CacheState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CacheState {
    fn usable(&self, now: Instant) -> Option<&Token> {
        let cached = self.cached.as_ref()?;
        (!cached.rejected && now < cached.token.expires_at).then_some(&cached.token)
    }

    fn lookup(&self, now: Instant) -> Lookup {
        let Some(token) = self.usable(now) else {
            let failed = self.failed.as_ref().and_then(|failed| failed.cached_error(now));
            return failed.map_or(Lookup::Fetch(None), |error| Lookup::Fail(error.clone()));
        };
        let text = token.text.clone();
        let backing_off = self.failed.as_ref().is_some_and(|failed| failed.backs_off(now));
        if now < token.refresh_at || backing_off {
            return Lookup::Hit(text);
        }
        Lookup::Fetch((now + SEND_MARGIN < token.expires_at).then_some(text))
    }

    /// Removes the fetch in flight with this number.
    fn end_fetch(&mut self, number: u64) {
        self.fetch.take_if(|fetch| fetch.number == number);
    }

    fn insert(&mut self, token: Token) {
        let is_reissue = |cached: &CachedToken| cached.rejected && is_same_secret(&cached.token.text, &token.text);
        let reissued_at = self.cached.as_ref().is_some_and(is_reissue).then(Instant::now);
        self.failed = None;
        self.cached = Some(CachedToken {
            token,
            rejected: false,
            reissued_at,
        });
    }
}

/// Clears the in-flight fetch on drop, so that the next caller can start another even if the runtime has ended.
struct FetchGuard {
    cache: Arc<TokenCache>,
    number: u64,
    finished: bool,
}

impl FetchGuard {
    /// Stores a new token. If the fetch failed, returns the old token while it is valid.
    fn finish(&mut self, result: Result<Token>) -> Result<SecretString> {
        self.finished = true;
        let mut state = self.cache.lock();
        state.end_fetch(self.number);
        match result {
            Ok(token) => {
                let text = token.text.clone();
                state.insert(token);
                Ok(text)
            }
            Err(error) => {
                let now = Instant::now();
                state.failed = Some(FailedFetch::after(state.failed.as_ref(), error.clone(), now));
                let old = state.usable(now).map(|token| token.text.clone());
                drop(state);
                old.map_or_else(
                    || Err(error.clone()),
                    |text| {
                        tracing::warn!(%error, "failed to refresh a token; the old one is used until it expires");
                        Ok(text)
                    },
                )
            }
        }
    }
}

impl Drop for FetchGuard {
    fn drop(&mut self) {
        if !self.finished {
            self.cache.lock().end_fetch(self.number);
        }
    }
}

/// First backoff before jitter; it doubles with each failed fetch.
const MIN_BACKOFF: Duration = Duration::from_secs(1);
/// Maximum backoff while a valid token is cached.
const MAX_BACKOFF: Duration = Duration::from_secs(60);
/// Maximum backoff without a valid token. It is short, because every call fails until the next fetch.
const MAX_NEGATIVE_TTL: Duration = Duration::from_secs(5);

/// Consecutive failed fetches.
pub(super) struct FailedFetch {
    times: u32,
    at: Instant,
    backoff: Duration,
    error: Error,
}

impl FailedFetch {
    /// Adds a failure to the preceding ones. Jitter keeps processes from fetching at the same time.
    pub(super) fn after(before: Option<&Self>, error: Error, now: Instant) -> Self {
        let times = before.map_or(0, |before| before.times);
        let max = MIN_BACKOFF.saturating_mul(1 << times.min(10)).min(MAX_BACKOFF);
        Self {
            times: times.saturating_add(1),
            at: now,
            backoff: max.mul_f64(0.5 + 0.5 * fastrand::f64()),
            error,
        }
    }

    /// Returns whether a still valid token is not refreshed yet.
    pub(super) fn backs_off(&self, now: Instant) -> bool {
        now < self.at + self.backoff
    }

    /// Returns the error for a caller without a valid token, so that a wrong secret or an outage does not cause a fetch
    /// per call. Errors that did not come from the platform, such as a user who has not logged in yet, are not cached;
    /// neither is a revoked login, which is remembered with its refresh token.
    pub(super) fn cached_error(&self, now: Instant) -> Option<&Error> {
        let from_platform = matches!(
            self.error.kind(),
            ErrorKind::Api(_) | ErrorKind::Transport(_) | ErrorKind::Decode(_)
        );
        let backing_off = now < self.at + self.backoff.min(MAX_NEGATIVE_TTL);
        (from_platform && backing_off && !self.error.needs_login()).then_some(&self.error)
    }
}

/// Number of entries above which idle ones are removed.
const PRUNE_THRESHOLD: usize = 256;

/// A map of caches. Idle entries without other owners are removed when the map grows.
pub(super) struct CacheMap<T>(Mutex<Entries<T>>);

struct Entries<T> {
    map: HashMap<Arc<str>, Arc<T>>,
    prune_at: usize,
}

impl<T> Default for CacheMap<T> {
    fn default() -> Self {
        Self(Mutex::new(Entries {
            map: HashMap::new(),
            prune_at: PRUNE_THRESHOLD,
        }))
    }
}

impl<T> CacheMap<T> {
    /// Returns the value of a key, inserting it if missing.
    pub(super) fn get(&self, key: &str, make: impl FnOnce(&Arc<str>) -> T, idle: impl Fn(&T) -> bool) -> Arc<T> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = entries.map.get(key) {
            return Arc::clone(value);
        }
        if entries.map.len() >= entries.prune_at {
            // While the map is locked, an entry with one owner cannot get another.
            entries
                .map
                .retain(|_, value| Arc::strong_count(value) > 1 || !idle(value));
            entries.prune_at = PRUNE_THRESHOLD.max(2 * entries.map.len());
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

    /// Returns the cached token, or `fetched` after a fetch.
    async fn cached_or_fetched(cache: &Arc<TokenCache>) -> String {
        let fetch = |_| -> Pending<'static, Result<Token>> { Box::pin(async { Ok(token("fetched")) }) };
        let text = cache.get_or_fetch(&Internal::ENDPOINT, fetch).await.unwrap();
        text.expose_secret().to_owned()
    }

    #[tokio::test]
    async fn keeps_new_token_when_old_one_is_rejected() {
        let cache = Arc::new(TokenCache::default());
        cache.insert(token("new"));
        // A retry with the new token makes sense.
        assert!(cache.invalidate(&"old".into()));
        assert_eq!(cached_or_fetched(&cache).await, "new");
        assert!(cache.invalidate(&"new".into()));
        assert_eq!(cached_or_fetched(&cache).await, "fetched");
    }

    fn error(problem: ErrorKind) -> Error {
        Error::at(&Internal::ENDPOINT, problem)
    }

    fn outage() -> Error {
        error(ErrorKind::Transport(TransportError::other("unreachable")))
    }

    /// Returns the state after a number of failures.
    fn failed(times: u32, error: &Error, now: Instant) -> FailedFetch {
        let first = FailedFetch::after(None, error.clone(), now);
        (1..times).fold(first, |before, _| FailedFetch::after(Some(&before), error.clone(), now))
    }

    #[test]
    fn doubles_backoff_up_to_the_maximum() {
        let now = Instant::now();
        let seconds = |seconds: u64| now + Duration::from_millis(1 + 1000 * seconds);
        for (times, backoff, without_token) in [(1, 1, 1), (2, 2, 2), (3, 4, 4), (4, 8, 5), (7, 60, 5), (90, 60, 5)] {
            let failed = failed(times, &outage(), now);
            assert!(failed.backs_off(now) && !failed.backs_off(seconds(backoff)), "{times}");
            assert!(failed.cached_error(now).is_some(), "{times}");
            assert!(failed.cached_error(seconds(without_token)).is_none(), "{times}");
        }
    }

    #[test]
    fn adds_jitter_to_backoff() {
        let now = Instant::now();
        let half = now + Duration::from_millis(499);
        let backing_off = (0..100).map(|_| FailedFetch::after(None, outage(), now));
        let backing_off: std::collections::HashSet<_> = backing_off
            .map(|failed| {
                assert!(failed.backs_off(half));
                failed.backoff
            })
            .collect();
        assert!(backing_off.len() > 50);
    }

    #[test]
    fn does_not_cache_local_errors() {
        let now = Instant::now();
        for problem in [
            ErrorKind::Login(LoginError::None),
            ErrorKind::Login(LoginError::Busy),
            ErrorKind::Auth(AuthError::NoTicket { cause: None }),
        ] {
            assert!(failed(1, &error(problem), now).cached_error(now).is_none());
        }
    }

    #[test]
    fn removes_idle_entries() {
        let keyed = CacheMap::<usize>::default();
        let state = keyed.get("state", |_| 0, |_| true);
        for number in 1..10_000 {
            // The value 7 is not idle.
            keyed.get(&number.to_string(), |_| number, |value| *value != 7);
        }
        let entries = keyed.0.lock().unwrap();
        assert!(entries.map.len() <= PRUNE_THRESHOLD, "{}", entries.map.len());
        assert!(Arc::ptr_eq(&entries.map["state"], &state));
        assert!(entries.map.contains_key("7"));
    }
}
