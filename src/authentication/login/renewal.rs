//! Code exchange and token refresh: the new pair is saved before it is used.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::{LONGEST_WAIT, Login, LoginAttempt, STORE_TIMEOUT, Unsaved, UserLogin, app};
use crate::authen::v2::oauth::{self, TokenGrantType, TokenResponse};
use crate::authentication::app::{App, ask};
use crate::authentication::token::{LEAST_LEFT, Token, in_time, lifetime, soon};
use crate::call::Core;
use crate::error::{Error, ErrorKind, LoginError, Result};
use crate::secret::{self, same};
use crate::store::{Lease, Pending, StoreError, StoredLogin};
use crate::wire::Decode;

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
        let Pair { token, login } = match spend_refresh_token(core, &refresh_token).await {
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

async fn spend_refresh_token(core: &Arc<Core>, refresh_token: &SecretString) -> Result<Pair> {
    let app = app(core)?;
    let until = Instant::now() + LATEST;
    let mut tried = 1;
    loop {
        let result = for_refresh_token(core, &app, refresh_token.clone()).await;
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

/// Longest life that a refresh token is credited with; the platform ends logins after a year.
const LONGEST_LIFETIME: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// A user's token, and what is saved of it.
pub(super) struct Pair {
    pub token: Token,
    pub login: StoredLogin,
}

/// The pair for the code of a login.
pub(super) async fn for_code(core: &Arc<Core>, app: &App, code: SecretString, attempt: &LoginAttempt) -> Result<Pair> {
    let mut request = oauth::Token::new(TokenGrantType::AuthorizationCode, &app.id, app.secret.clone());
    request.code = Some(code);
    request.redirect_uri = Some(attempt.redirect_uri.clone());
    request.code_verifier = Some(attempt.verifier.clone());
    ask_for_pair(core, &request).await
}

/// The pair for a refresh token, which is spent by this.
pub(super) async fn for_refresh_token(core: &Arc<Core>, app: &App, refresh_token: SecretString) -> Result<Pair> {
    let mut request = oauth::Token::new(TokenGrantType::RefreshToken, &app.id, app.secret.clone());
    request.refresh_token = Some(refresh_token);
    ask_for_pair(core, &request).await
}

async fn ask_for_pair(core: &Arc<Core>, request: &oauth::Token) -> Result<Pair> {
    let (asked_at, asked_at_time) = (Instant::now(), SystemTime::now());
    let mut response = TokenResponse::blank();
    ask(core, request, Some(&mut response)).await?;
    let text = response.access_token;
    let token = Token::issued(
        &oauth::Token::ENDPOINT,
        "access_token",
        text.clone(),
        asked_at,
        response.expires_in,
    )?;
    let ends = |seconds| asked_at_time + lifetime(seconds).min(LONGEST_LIFETIME);
    let login = StoredLogin {
        access_token: text,
        access_expires: ends(response.expires_in),
        refresh_expires: response.refresh_token_expires_in.map(ends),
        refresh_token: response.refresh_token,
        scope: response.scope.unwrap_or_default(),
    };
    Ok(Pair { token, login })
}

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
        let Pair { token, login: saved } = for_code(&core, &app, code, &attempt).await?;
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

/// How often a pair is tried to be saved while its call waits.
const SAVE_TRIES: u32 = 3;
/// Wait after the first try; it doubles.
const SAVE_BACKOFF: Duration = Duration::from_millis(200);

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
        self.save_unsaved(SAVE_TRIES).await.map(|_| ())
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
                Err(_) => tokio::time::sleep(SAVE_BACKOFF * (1 << (tried - 1))).await,
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
