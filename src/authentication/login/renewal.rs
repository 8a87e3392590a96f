//! The next pair for a refresh token, which works once.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use tokio::time::Instant;

use super::super::sharing::soon;
use super::super::token::{LEAST_LEFT, Token};
use super::pair::{self, Pair};
use super::saving::{failed, lock};
use super::{LONGEST_WAIT, UserLogin, app};
use crate::client::Core;
use crate::error::{Error, LoginError, Result};
use crate::secret::{self, same};
use crate::store::{Lease, Pending, StoredLogin};

/// The platform's codes for faults of its own, upon which the same refresh token may be given again.
const TRY_AGAIN: [i64; 2] = [20050, 20072];
/// How often it is given where these come.
const TRIES: u32 = 3;
/// Wait after the first try; it doubles, and is shortened by chance.
const BACKOFF: Duration = Duration::from_millis(500);
/// A right to spend that is older than this is not used any more: the process may have been halted, and the right
/// may be over before the platform has answered.
const LATEST: Duration = Duration::from_secs(20);

/// A refresh token that the platform has refused for good, and how.
pub(super) struct Over {
    refresh_token: SecretString,
    error: Error,
}

/// The user's token: the one in the store if it is good, else one for the refresh token.
///
/// Boxed under its own name, for a renewal is itself a call, and calls renew tokens.
pub(super) fn renew(
    core: Arc<Core>,
    login: Arc<UserLogin>,
    stale: Option<SecretString>,
) -> Pending<'static, Result<Token>> {
    Box::pin(async move {
        let _turn = login.turn.lock().await;
        if let Some(saved) = login.save_unsaved(1).await?
            && let Some(token) = usable(&saved, stale.as_ref())
        {
            return Ok(token);
        }
        let until = Instant::now() + LONGEST_WAIT;
        loop {
            if let Some(stored) = login.load().await?
                && let Some(token) = usable(&stored, stale.as_ref())
            {
                return Ok(token);
            }
            let asked_at = Instant::now();
            if let Some(lease) = login.lock().await? {
                return login.spend(&core, stale.as_ref(), lease, asked_at + LATEST).await;
            }
            if Instant::now() >= until {
                return Err(failed(LoginError::Busy));
            }
            tokio::time::sleep(soon()).await;
        }
    })
}

impl UserLogin {
    /// Spends the refresh token that is in the store now, and saves the pair that comes for it.
    async fn spend(
        &self,
        core: &Arc<Core>,
        stale: Option<&SecretString>,
        lease: Lease,
        latest: Instant,
    ) -> Result<Token> {
        let stored = self.load().await?.ok_or_else(|| failed(LoginError::None))?;
        if let Some(token) = usable(&stored, stale) {
            // Another task or process has renewed it meanwhile.
            return Ok(token);
        }
        let refresh_token = self.refresh_token(stored)?;
        if Instant::now() > latest {
            return Err(failed(LoginError::Busy));
        }
        let Pair { token, login } = match ask(core, &refresh_token).await {
            Ok(pair) => pair,
            Err(error) => return Err(self.note(refresh_token, error)),
        };
        self.keep(login, Some(lease)).await?;
        Ok(token)
    }

    /// The refresh token of what is stored, if it can still be spent.
    fn refresh_token(&self, stored: StoredLogin) -> Result<SecretString> {
        let refresh_token = stored.refresh_token.ok_or_else(|| failed(LoginError::NoRefreshToken))?;
        if stored
            .refresh_expires
            .is_some_and(|expires| expires <= SystemTime::now())
        {
            return Err(failed(LoginError::Expired));
        }
        match &*lock(&self.over) {
            Some(over) if same(&over.refresh_token, &refresh_token) => Err(over.error.clone()),
            _ => Ok(refresh_token),
        }
    }

    /// Remembers a refresh token that is of no more use, so that the platform is not asked again and again.
    fn note(&self, refresh_token: SecretString, error: Error) -> Error {
        if error.needs_login() {
            *lock(&self.over) = Some(Over {
                refresh_token,
                error: error.clone(),
            });
        }
        error
    }
}

async fn ask(core: &Arc<Core>, refresh_token: &SecretString) -> Result<Pair> {
    let app = app(core)?;
    let until = Instant::now() + LATEST;
    let mut tried = 1;
    loop {
        let result = pair::for_refresh_token(core, &app, refresh_token.clone()).await;
        let again = |error: &Error| error.code().is_some_and(|code| TRY_AGAIN.contains(&code));
        match result {
            Err(error) if again(&error) && tried < TRIES && Instant::now() < until => {
                tokio::time::sleep((BACKOFF * (1 << (tried - 1))).mul_f64(fastrand::f64())).await;
                tried += 1;
            }
            result => return result,
        }
    }
}

/// The token of a saved login, if it is good for calls and not the one that is to be replaced.
fn usable(stored: &StoredLogin, stale: Option<&SecretString>) -> Option<Token> {
    let left = stored.access_expires.duration_since(SystemTime::now()).ok()?;
    let text = &stored.access_token;
    let is_stale = stale.is_some_and(|stale| same(stale, text));
    let good = left > LEAST_LEFT && !is_stale && secret::is_token(text);
    good.then(|| Token::new(text.clone(), Instant::now(), left))
}
