//! Saving of token pairs. A pair that the store did not save is retained with its lock; a task saves it as soon as the
//! store works, unless a new login supersedes it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::runtime::{Handle, Id};
use tokio::time::{Instant, sleep, timeout};
use tracing::Instrument as _;

use super::{LEASE_TTL, LOGIN_WAIT, STORE_TIMEOUT, UserLogin, login_error};
use crate::error::{LoginError, Result};
use crate::secret::is_same_secret;
use crate::store::{Lease, StoreError, StoredLogin, with_timeout};

/// Maximum number of attempts to save a pair while its call waits.
const MAX_SAVE_ATTEMPTS: u32 = 3;
/// First backoff of these; it doubles.
const SAVE_BACKOFF: Duration = Duration::from_millis(200);
/// First and maximum backoff of the task.
const TASK_BACKOFF: Duration = Duration::from_secs(1);
const MAX_TASK_BACKOFF: Duration = Duration::from_secs(10);
/// Maximum wait for a save in progress, which ends earlier unless its runtime idles.
const MAX_TURN_WAIT: Duration = Duration::from_secs(15);

/// A new pair of tokens.
pub(super) struct NewPair {
    pub login: StoredLogin,
    /// The lock; `None` to take over that of an unsaved pair, or without one.
    pub lease: Option<Lease>,
    /// The access token of the stored login that the pair replaces, if known.
    pub replaces: Option<SecretString>,
    /// A time before the lock was acquired.
    pub since: Instant,
    /// The number of logins when a refresh began; `None` for a new login.
    pub refresh_of: Option<u64>,
}

/// The pair to be saved, and who saves it.
#[derive(Default)]
pub(super) struct SaveState {
    unsaved: Option<Unsaved>,
    /// The runtime of the task that saves.
    task: Option<Id>,
    /// Number of logins of the user in this process. The refresh of an earlier one is superseded.
    logins: u64,
    pairs: u64,
}

/// A pair that is not saved yet. Its lease is held too, so that no process spends the refresh token that is still in the
/// store.
struct Unsaved {
    number: u64,
    login: StoredLogin,
    lease: Option<Lease>,
    replaces: Option<SecretString>,
    since: Instant,
}

impl UserLogin {
    /// Returns the number of logins in this process.
    pub(super) fn logins(&self) -> u64 {
        lock(&self.saves).logins
    }

    pub(super) fn has_unsaved(&self) -> bool {
        lock(&self.saves).unsaved.is_some()
    }

    /// Saves the pair and releases its lease. Returns the stored login, which differs from that of the pair if a new login
    /// has superseded it. If the store fails, pair and lease stay in memory, and a task saves them.
    pub(super) async fn save_pair(self: &Arc<Self>, pair: NewPair) -> Result<StoredLogin> {
        // Retained first, so that the pair survives a shutdown of the runtime.
        self.retain(pair);
        match self.save_unsaved(MAX_SAVE_ATTEMPTS).await? {
            Some(saved) => Ok(saved),
            None => self.load().await?.ok_or_else(|| login_error(LoginError::None)),
        }
    }

    fn retain(&self, pair: NewPair) {
        let mut state = lock(&self.saves);
        match pair.refresh_of {
            Some(logins) if logins != state.logins => return,
            Some(_) => {}
            None => state.logins += 1,
        }
        state.pairs += 1;
        let before = state.unsaved.take().and_then(|unsaved| unsaved.lease);
        state.unsaved = Some(Unsaved {
            number: state.pairs,
            login: pair.login,
            lease: pair.lease.or(before),
            replaces: pair.replaces,
            since: pair.since,
        });
    }

    /// Saves the unsaved pair, if any, and returns the stored login.
    pub(super) async fn save_unsaved(self: &Arc<Self>, max_attempts: u32) -> Result<Option<StoredLogin>> {
        let mut attempt = 1;
        loop {
            match self.save_once(false).await {
                Ok(saved) => return Ok(saved),
                Err(error) if attempt >= max_attempts => {
                    if self.spawn_task() {
                        tracing::error!(%error, "failed to save a new refresh token; it stays in memory and is saved once the store works");
                    }
                    return Err(login_error(LoginError::NotSaved(error)));
                }
                Err(_) => sleep(SAVE_BACKOFF * (1 << (attempt - 1))).await,
            }
            attempt += 1;
        }
    }

    /// Makes one attempt, before which it may extend the lock.
    async fn save_once(&self, extend: bool) -> Result<Option<StoredLogin>, StoreError> {
        if !self.has_unsaved() {
            return Ok(None);
        }
        // One at a time, so that no earlier pair is written after a later one.
        let _turn = timeout(MAX_TURN_WAIT, self.save_lock.lock()).await;
        let (number, login, since, replaces, extending) = match &lock(&self.saves).unsaved {
            None => return Ok(None),
            Some(pair) => {
                let lease = pair.lease.as_ref().filter(|_| extend);
                let extending = lease.map(|lease| lease.extend(LEASE_TTL));
                (
                    pair.number,
                    pair.login.clone(),
                    pair.since,
                    pair.replaces.clone(),
                    extending,
                )
            }
        };
        if let Some(extending) = extending {
            match with_timeout(STORE_TIMEOUT, extending).await {
                Ok(true) => {}
                Ok(false) => tracing::warn!("the lock of a login with an unsaved refresh token was lost"),
                Err(error) => tracing::debug!(%error, "failed to extend the lock of a login"),
            }
        }
        // By now another process may have stored a new login without the lock.
        if since.elapsed() >= LOGIN_WAIT
            && let Some(stored) = with_timeout(STORE_TIMEOUT, self.store.load(&self.user)).await?
            && !is_same_secret(&stored.access_token, &login.access_token)
            && replaces.is_some_and(|replaced| !is_same_secret(&replaced, &stored.access_token))
        {
            tracing::info!("an unsaved refresh token is dropped: the user has logged in again");
            self.forget(number);
            return Ok(Some(stored));
        }
        with_timeout(STORE_TIMEOUT, self.store.save(&self.user, &login)).await?;
        self.forget(number);
        Ok(Some(login))
    }

    /// Removes the unsaved pair with this number, and releases its lock.
    fn forget(&self, number: u64) {
        let forgotten = lock(&self.saves).unsaved.take_if(|unsaved| unsaved.number == number);
        drop(forgotten);
    }

    /// Starts the task that saves the unsaved pair. Returns false if it runs already.
    fn spawn_task(self: &Arc<Self>) -> bool {
        let runtime = Handle::current().id();
        // A task of another runtime may idle.
        if lock(&self.saves).task.replace(runtime) == Some(runtime) {
            return false;
        }
        let task = SaveTask {
            login: Arc::clone(self),
            runtime,
            ended: false,
        };
        tokio::spawn(task.run().in_current_span());
        true
    }
}

/// The task that saves a pair. Dropping it, as a runtime does that shuts down, allows another.
struct SaveTask {
    login: Arc<UserLogin>,
    runtime: Id,
    ended: bool,
}

impl SaveTask {
    async fn run(mut self) {
        let mut backoff = TASK_BACKOFF;
        while self.has_work() {
            sleep(backoff.mul_f64(0.5 + 0.5 * fastrand::f64())).await;
            backoff = (2 * backoff).min(MAX_TASK_BACKOFF);
            match self.login.save_once(true).await {
                Ok(Some(_)) => tracing::info!("saved a refresh token that was in memory only"),
                Ok(None) => {}
                Err(error) => tracing::debug!(%error, "failed to save a refresh token that is in memory only"),
            }
        }
    }

    /// Returns whether there is an unsaved pair; else ends the task before another pair can be retained.
    fn has_work(&mut self) -> bool {
        let mut state = lock(&self.login.saves);
        let continues = state.unsaved.is_some() && state.task == Some(self.runtime);
        if !continues {
            state.task.take_if(|runtime| *runtime == self.runtime);
            self.ended = true;
        }
        continues
    }
}

impl Drop for SaveTask {
    fn drop(&mut self) {
        if !self.ended {
            lock(&self.login.saves).task.take_if(|runtime| *runtime == self.runtime);
        }
    }
}

/// No code panics while it holds these locks.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
