//! A pair is saved before it is used, and never lost silently.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::sharing::in_time;
use super::{STORE_TIMEOUT, Unsaved, UserLogin};
use crate::authen::v2::oauth;
use crate::error::{Error, ErrorKind, LoginError, Result};
use crate::store::{Lease, StoreError, StoredLogin};

/// How often a pair is tried to be saved while its call waits.
const TRIES: u32 = 3;
/// Wait after the first try; it doubles.
const BACKOFF: Duration = Duration::from_millis(200);

impl UserLogin {
    /// Saves the pair and gives the right to spend back. If the store fails, pair and right are kept for later.
    /// Without a right there is one kept already, and the pair takes the place of the one that it was kept with.
    pub(super) async fn keep(&self, login: StoredLogin, lease: Option<Lease>) -> Result<()> {
        {
            // First, so that it is not lost if the runtime shuts down in the midst.
            let mut unsaved = lock(&self.unsaved);
            let lease = lease.or_else(|| unsaved.take().and_then(|unsaved| unsaved.lease));
            *unsaved = Some(Unsaved { login, lease });
        }
        self.save_unsaved(TRIES).await.map(|_| ())
    }

    /// Saves what could not be saved before. Gives what it was.
    pub(super) async fn save_unsaved(&self, tries: u32) -> Result<Option<StoredLogin>> {
        let unsaved = lock(&self.unsaved).as_ref().map(|unsaved| unsaved.login.clone());
        let Some(login) = unsaved else {
            return Ok(None);
        };
        let mut tried = 1;
        loop {
            match self.save(&login).await {
                Ok(()) => break,
                Err(error) if tried >= tries => {
                    tracing::error!(%error, "a new refresh token could not be saved; it is kept in memory and tried again");
                    return Err(failed(LoginError::NotSaved(error)));
                }
                Err(_) => tokio::time::sleep(BACKOFF * (1 << (tried - 1))).await,
            }
            tried += 1;
        }
        *lock(&self.unsaved) = None;
        Ok(Some(login))
    }

    async fn save(&self, login: &StoredLogin) -> Result<(), StoreError> {
        in_time(STORE_TIMEOUT, self.store.save(&self.user, login)).await
    }

    /// What the store has.
    pub(super) async fn load(&self) -> Result<Option<StoredLogin>> {
        in_time(STORE_TIMEOUT, self.store.load(&self.user))
            .await
            .map_err(|error| failed(LoginError::NotRead(error)))
    }

    /// The right to spend the refresh token, if nobody has it.
    pub(super) async fn lock(&self) -> Result<Option<Lease>> {
        in_time(STORE_TIMEOUT, self.store.lock(&self.user, super::LEASE))
            .await
            .map_err(|error| failed(LoginError::NotRead(error)))
    }
}

pub(super) fn failed(error: LoginError) -> Error {
    Error::at(&oauth::Token::ENDPOINT, ErrorKind::Login(error))
}

/// Nothing panics with these locks held.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
