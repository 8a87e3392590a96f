//! After a failure Redis is left alone for a while, so that not every call waits for it in vain.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::shared::StoreError;

/// How long Redis is not asked after a failure.
const REST: Duration = Duration::from_secs(1);

/// Knows whether Redis is away.
#[derive(Default)]
pub(super) struct Breaker(Mutex<Option<Away>>);

struct Away {
    /// When the next question may go out.
    until: Instant,
    why: StoreError,
}

impl Breaker {
    /// Whether Redis may be asked; else why it was away when it was last asked. Of many who ask after the rest
    /// only the first is let through, to try; the others get the answer of before until it has worked.
    pub(super) fn admit(&self) -> Result<(), StoreError> {
        let now = Instant::now();
        match &mut *self.lock() {
            Some(away) if now < away.until => Err(away.why.clone()),
            Some(away) => {
                away.until = now + REST;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Tells that a question failed.
    pub(super) fn failed(&self, why: &StoreError) {
        let until = Instant::now() + REST;
        let before = self.lock().replace(Away {
            until,
            why: why.clone(),
        });
        if before.is_none() {
            tracing::warn!(%why, "Redis is away: this process goes on by itself as far as it may");
        }
    }

    /// Tells that a question was answered.
    pub(super) fn worked(&self) {
        let before = self.lock().take();
        if before.is_some() {
            tracing::info!("Redis is back");
        }
    }

    /// Nothing in here panics with the lock held.
    fn lock(&self) -> MutexGuard<'_, Option<Away>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
