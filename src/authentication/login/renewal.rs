//! Code exchange and token refresh: the new pair is saved before it is used.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::{Login, LoginAttempt, MAX_WAIT, STORE_TIMEOUT, Unsaved, UserLogin, app, login_error};
use crate::authen::v2::oauth::{self, TokenGrantType, TokenResponse};
use crate::authentication::app::{App, send_auth_request};
use crate::authentication::token::{MIN_TTL, Token, lifetime, poll_delay};
use crate::call::Core;
use crate::error::{Error, LoginError, Result};
use crate::secret::{self, same};
use crate::store::{Lease, Pending, StoreError, StoredLogin, with_timeout};
use crate::wire::Decode;

/// Error codes of temporary platform errors, after which the refresh token is still valid.
const RETRYABLE_CODES: [i64; 2] = [20050, 20072];
/// Maximum number of attempts after these codes.
const MAX_ATTEMPTS: u32 = 3;
/// First backoff; it doubles and is jittered.
const REFRESH_BACKOFF: Duration = Duration::from_millis(500);
/// Maximum age of a lease at which a refresh token is spent: after a pause of the process, the lease could expire
/// before the platform responds.
const MAX_LEASE_AGE: Duration = Duration::from_secs(20);

/// A refresh token that the platform has rejected permanently, and the error.
pub(super) struct RevokedToken {
    refresh_token: SecretString,
    error: Error,
}

/// Returns the stored token if it is valid, else refreshes it.
///
/// Boxed, because a refresh is itself a call and calls refresh tokens.
pub(super) fn refresh(
    core: Arc<Core>,
    login: Arc<UserLogin>,
    stale: Option<SecretString>,
) -> Pending<'static, Result<Token>> {
    Box::pin(async move {
        let _guard = login.refresh_lock.lock().await;
        if let Some(saved) = login.save_unsaved(1).await?
            && let Some(token) = usable_token(&saved, stale.as_ref())
        {
            return Ok(token);
        }
        let deadline = Instant::now() + MAX_WAIT;
        loop {
            if let Some(stored) = login.load().await?
                && let Some(token) = usable_token(&stored, stale.as_ref())
            {
                return Ok(token);
            }
            let requested_at = Instant::now();
            if let Some(lease) = login.lock().await? {
                return login
                    .spend(&core, stale.as_ref(), lease, requested_at + MAX_LEASE_AGE)
                    .await;
            }
            if Instant::now() >= deadline {
                return Err(login_error(LoginError::Busy));
            }
            tokio::time::sleep(poll_delay()).await;
        }
    })
}

impl UserLogin {
    /// Spends the stored refresh token and saves the new pair.
    async fn spend(
        &self,
        core: &Arc<Core>,
        stale: Option<&SecretString>,
        lease: Lease,
        latest: Instant,
    ) -> Result<Token> {
        let stored = self.load().await?.ok_or_else(|| login_error(LoginError::None))?;
        if let Some(token) = usable_token(&stored, stale) {
            // Another task or process has refreshed the login in the meantime.
            return Ok(token);
        }
        let refresh_token = self.refresh_token(stored)?;
        if Instant::now() > latest {
            return Err(login_error(LoginError::Busy));
        }
        let TokenPair { token, login } = match spend_refresh_token(core, &refresh_token).await {
            Ok(pair) => pair,
            Err(error) => return Err(self.remember_revoked(refresh_token, error)),
        };
        self.save_pair(login, Some(lease)).await?;
        Ok(token)
    }

    /// Returns the stored refresh token if it can be spent.
    fn refresh_token(&self, stored: StoredLogin) -> Result<SecretString> {
        let refresh_token = stored
            .refresh_token
            .ok_or_else(|| login_error(LoginError::NoRefreshToken))?;
        if stored
            .refresh_expires
            .is_some_and(|expires| expires <= SystemTime::now())
        {
            return Err(login_error(LoginError::Expired));
        }
        match &*lock(&self.revoked) {
            Some(revoked) if same(&revoked.refresh_token, &refresh_token) => Err(revoked.error.clone()),
            _ => Ok(refresh_token),
        }
    }

    /// Remembers a permanently rejected refresh token, so that it is not sent again.
    fn remember_revoked(&self, refresh_token: SecretString, error: Error) -> Error {
        if error.needs_login() {
            *lock(&self.revoked) = Some(RevokedToken {
                refresh_token,
                error: error.clone(),
            });
        }
        error
    }
}

async fn spend_refresh_token(core: &Arc<Core>, refresh_token: &SecretString) -> Result<TokenPair> {
    let app = app(core)?;
    let deadline = Instant::now() + MAX_LEASE_AGE;
    let mut attempt = 1;
    loop {
        let result = exchange_refresh_token(core, &app, refresh_token.clone()).await;
        let is_retryable = |error: &Error| error.code().is_some_and(|code| RETRYABLE_CODES.contains(&code));
        match result {
            Err(error) if is_retryable(&error) && attempt < MAX_ATTEMPTS && Instant::now() < deadline => {
                tokio::time::sleep((REFRESH_BACKOFF * (1 << (attempt - 1))).mul_f64(fastrand::f64())).await;
                attempt += 1;
            }
            result => return result,
        }
    }
}

/// Returns the token of a stored login if it is valid and not the stale one.
fn usable_token(stored: &StoredLogin, stale: Option<&SecretString>) -> Option<Token> {
    let left = stored.access_expires.duration_since(SystemTime::now()).ok()?;
    let text = &stored.access_token;
    let is_stale = stale.is_some_and(|stale| same(stale, text));
    let is_usable = left > MIN_TTL && !is_stale && secret::is_token(text);
    is_usable.then(|| Token::new(text.clone(), Instant::now(), left))
}

/// Maximum lifetime of a refresh token; the platform ends logins after a year.
const MAX_LIFETIME: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// A user token, and the login to save.
pub(super) struct TokenPair {
    pub token: Token,
    pub login: StoredLogin,
}

/// Exchanges an authorization code.
pub(super) async fn exchange_code(
    core: &Arc<Core>,
    app: &App,
    code: SecretString,
    attempt: &LoginAttempt,
) -> Result<TokenPair> {
    let mut request = oauth::Token::new(TokenGrantType::AuthorizationCode, &app.id, app.secret.clone());
    request.code = Some(code);
    request.redirect_uri = Some(attempt.redirect_uri.clone());
    request.code_verifier = Some(attempt.verifier.clone());
    request_pair(core, &request).await
}

/// Exchanges a refresh token, which is spent by this.
pub(super) async fn exchange_refresh_token(
    core: &Arc<Core>,
    app: &App,
    refresh_token: SecretString,
) -> Result<TokenPair> {
    let mut request = oauth::Token::new(TokenGrantType::RefreshToken, &app.id, app.secret.clone());
    request.refresh_token = Some(refresh_token);
    request_pair(core, &request).await
}

async fn request_pair(core: &Arc<Core>, request: &oauth::Token) -> Result<TokenPair> {
    let (requested_at, requested_at_time) = (Instant::now(), SystemTime::now());
    let mut response = TokenResponse::blank();
    send_auth_request(core, request, Some(&mut response)).await?;
    let text = response.access_token;
    let token = Token::from_response(
        &oauth::Token::ENDPOINT,
        "access_token",
        text.clone(),
        requested_at,
        response.expires_in,
    )?;
    let expires_at = |seconds| requested_at_time + lifetime(seconds).min(MAX_LIFETIME);
    let login = StoredLogin {
        access_token: text,
        access_expires: expires_at(response.expires_in),
        refresh_expires: response.refresh_token_expires_in.map(expires_at),
        refresh_token: response.refresh_token,
        scope: response.scope.unwrap_or_default(),
    };
    Ok(TokenPair { token, login })
}

pub(super) async fn exchange(login: &Login, code: SecretString, attempt: &LoginAttempt) -> Result<()> {
    let (core, state) = (Arc::clone(&login.core), Arc::clone(&login.state));
    let task = tokio::spawn(exchange_boxed(core, state, code, attempt.clone()).in_current_span());
    // The task is cancelled only if the runtime shuts down.
    task.await.unwrap_or_else(|_| Err(login_error(LoginError::Interrupted)))
}

/// Boxed, because an exchange is itself a call and calls use logins.
fn exchange_boxed(
    core: Arc<Core>,
    login: Arc<UserLogin>,
    code: SecretString,
    attempt: LoginAttempt,
) -> Pending<'static, Result<()>> {
    Box::pin(async move {
        let _guard = login.refresh_lock.lock().await;
        let app = app(&core)?;
        // Taken before the code is spent, so that another process cannot overwrite the new login.
        let lease = login.acquire_lease().await?;
        let TokenPair { token, login: saved } = exchange_code(&core, &app, code, &attempt).await?;
        login.save_pair(saved, lease).await?;
        login.cache.insert(token);
        Ok(())
    })
}

impl UserLogin {
    /// Acquires the lease for replacing the login; `None` if this process holds it already for an unsaved pair, which
    /// the new login supersedes.
    async fn acquire_lease(&self) -> Result<Option<Lease>> {
        if lock(&self.unsaved).is_some() {
            return Ok(None);
        }
        let deadline = Instant::now() + MAX_WAIT;
        loop {
            if let Some(lease) = self.lock().await? {
                return Ok(Some(lease));
            }
            if Instant::now() >= deadline {
                return Err(login_error(LoginError::Busy));
            }
            tokio::time::sleep(poll_delay()).await;
        }
    }
}

/// Maximum number of attempts to save a pair while its call waits.
const MAX_SAVE_ATTEMPTS: u32 = 3;
/// First backoff; it doubles.
const SAVE_BACKOFF: Duration = Duration::from_millis(200);

impl UserLogin {
    /// Saves the pair and releases the lease. If the store fails, both stay in memory. Without a lease, the pair
    /// replaces the unsaved one and takes over its lease.
    pub(super) async fn save_pair(&self, login: StoredLogin, lease: Option<Lease>) -> Result<()> {
        {
            // Retained in memory first, so that the pair survives a shutdown of the runtime.
            let mut unsaved = lock(&self.unsaved);
            let lease = lease.or_else(|| unsaved.take().and_then(|unsaved| unsaved.lease));
            *unsaved = Some(Unsaved { login, lease });
        }
        self.save_unsaved(MAX_SAVE_ATTEMPTS).await.map(|_| ())
    }

    /// Saves the unsaved pair, if any, and returns it.
    pub(super) async fn save_unsaved(&self, max_attempts: u32) -> Result<Option<StoredLogin>> {
        let unsaved = lock(&self.unsaved).as_ref().map(|unsaved| unsaved.login.clone());
        let Some(login) = unsaved else {
            return Ok(None);
        };
        let mut attempt = 1;
        loop {
            match self.save(&login).await {
                Ok(()) => break,
                Err(error) if attempt >= max_attempts => {
                    tracing::error!(%error, "failed to save a new refresh token; it stays in memory and is saved with the next call");
                    return Err(login_error(LoginError::NotSaved(error)));
                }
                Err(_) => tokio::time::sleep(SAVE_BACKOFF * (1 << (attempt - 1))).await,
            }
            attempt += 1;
        }
        *lock(&self.unsaved) = None;
        Ok(Some(login))
    }

    async fn save(&self, login: &StoredLogin) -> Result<(), StoreError> {
        with_timeout(STORE_TIMEOUT, self.store.save(&self.user, login)).await
    }

    /// Loads the stored login.
    pub(super) async fn load(&self) -> Result<Option<StoredLogin>> {
        with_timeout(STORE_TIMEOUT, self.store.load(&self.user))
            .await
            .map_err(|error| login_error(LoginError::NotRead(error)))
    }

    /// Acquires the lock for spending the refresh token; `None` if another holds it.
    pub(super) async fn lock(&self) -> Result<Option<Lease>> {
        with_timeout(STORE_TIMEOUT, self.store.lock(&self.user, super::LEASE_TTL))
            .await
            .map_err(|error| login_error(LoginError::NotRead(error)))
    }
}

/// No code panics while it holds these locks.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
