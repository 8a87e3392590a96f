//! After a failure Redis is left alone for a while, so that not every call waits for it in vain.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::store::StoreError;

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

#[cfg(test)]
mod tests {
    use super::*;

    fn away() -> StoreError {
        StoreError::new("away")
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_failure_nobody_asks_for_a_while() {
        let breaker = Breaker::default();
        breaker.failed(&away());
        tokio::time::advance(REST - Duration::from_millis(1)).await;
        assert_eq!(breaker.admit(), Err(away()));
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_rest_one_alone_tries() {
        let breaker = Breaker::default();
        breaker.failed(&away());
        tokio::time::advance(REST).await;
        assert_eq!(breaker.admit(), Ok(()));
        assert_eq!(breaker.admit(), Err(away()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_that_is_given_up_keeps_nobody_else_from_trying_later() {
        let breaker = Breaker::default();
        breaker.failed(&away());
        tokio::time::advance(REST).await;
        let _ = breaker.admit();
        tokio::time::advance(REST).await;
        assert_eq!(breaker.admit(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn once_a_question_is_answered_all_ask_again() {
        let breaker = Breaker::default();
        breaker.failed(&away());
        breaker.worked();
        assert_eq!(breaker.admit(), Ok(()));
        assert_eq!(breaker.admit(), Ok(()));
    }
}
