//! Asking the platform to push a ticket again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::{Duration, Instant};

use super::App;
use super::asking::ask;
use crate::auth::v3::app_ticket;
use crate::client::Core;
use crate::error::Result;

/// Shortest time between two requests: a ticket may take a while to come, and more requests bring no more.
const SHORTEST: Duration = Duration::from_secs(30);

/// When the platform was last asked.
#[derive(Default)]
pub(super) struct Resend(Mutex<Option<Instant>>);

impl Resend {
    /// Asks, unless that was done a short while ago.
    pub(super) async fn ask(&self, core: &Arc<Core>, app: &App) -> Result<()> {
        if !self.is_due() {
            return Ok(());
        }
        tracing::info!("the platform is asked to push an app ticket");
        let request = app_ticket::Resend::new(&app.id, app.secret.clone());
        let result = ask(core, &request, None).await;
        if result.is_err() {
            // Nothing will come of it: whoever calls next asks again.
            *self.asked_at() = None;
        }
        result
    }

    fn is_due(&self) -> bool {
        let mut asked_at = self.asked_at();
        let now = Instant::now();
        let due = asked_at.is_none_or(|asked_at| now >= asked_at + SHORTEST);
        if due {
            *asked_at = Some(now);
        }
        due
    }

    /// Nothing panics with the lock held.
    fn asked_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
