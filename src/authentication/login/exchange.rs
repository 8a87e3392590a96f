//! The end of a login: a code for a pair.

use std::sync::Arc;

use secrecy::SecretString;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::super::sharing::soon;
use super::pair::{self, Pair};
use super::saving::{failed, lock};
use super::{LONGEST_WAIT, Login, LoginAttempt, UserLogin, app};
use crate::client::Core;
use crate::error::{LoginError, Result};
use crate::store::{Lease, Pending};

pub(super) async fn exchange(login: &Login, code: SecretString, attempt: &LoginAttempt) -> Result<()> {
    let (core, state) = (Arc::clone(&login.core), Arc::clone(&login.state));
    let task = tokio::spawn(run(core, state, code, attempt.clone()).in_current_span());
    // The task ends early only if the runtime shuts down.
    task.await.unwrap_or_else(|_| Err(failed(LoginError::Interrupted)))
}

/// Boxed under its own name, for it is itself a call, and calls use logins.
fn run(
    core: Arc<Core>,
    login: Arc<UserLogin>,
    code: SecretString,
    attempt: LoginAttempt,
) -> Pending<'static, Result<()>> {
    Box::pin(async move {
        let _turn = login.turn.lock().await;
        let app = app(&core)?;
        // Before the code is spent: what another process is saving now would replace the new login.
        let lease = login.right().await?;
        let Pair { token, login: saved } = pair::for_code(&core, &app, code, &attempt).await?;
        login.keep(saved, lease).await?;
        login.cell.put(token);
        Ok(())
    })
}

impl UserLogin {
    /// The right to replace the login; `None` where this process has it already, for a pair that it could not save
    /// and that the new login makes pointless.
    async fn right(&self) -> Result<Option<Lease>> {
        if lock(&self.unsaved).is_some() {
            return Ok(None);
        }
        let until = Instant::now() + LONGEST_WAIT;
        loop {
            if let Some(lease) = self.lock().await? {
                return Ok(Some(lease));
            }
            if Instant::now() >= until {
                return Err(failed(LoginError::Busy));
            }
            tokio::time::sleep(soon()).await;
        }
    }
}
