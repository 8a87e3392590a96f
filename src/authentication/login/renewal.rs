//! Code exchange and token refresh: the new pair is saved before it is used.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::Instrument as _;

use super::saving::{NewPair, lock};
use super::{LOGIN_WAIT, Login, LoginAttempt, MAX_WAIT, STORE_TIMEOUT, UserLogin, app, login_error};
use crate::authen::v2::oauth::{self, TokenGrantType};
use crate::authentication::app::{App, send_auth_request_for_json};
use crate::authentication::token::{MIN_TTL, Token, lifetime, poll_delay};
use crate::call::Core;
use crate::error::{Error, LoginError, Result};
use crate::secret::{self, is_same_secret};
use crate::store::{Lease, Pending, StoredLogin, with_timeout};

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
        // Held by a task of another runtime, it may not be released.
        let guard = timeout(MAX_WAIT, login.refresh_lock.lock()).await;
        let _guard = guard.map_err(|_| login_error(LoginError::Busy))?;
        let began = Began {
            at: Instant::now(),
            logins: login.logins(),
        };
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
                let latest = requested_at + MAX_LEASE_AGE;
                return login.spend(&core, stale.as_ref(), lease, latest, began).await;
            }
            if Instant::now() >= deadline {
                return Err(login_error(LoginError::Busy));
            }
            tokio::time::sleep(poll_delay()).await;
        }
    })
}

/// The beginning of a refresh.
struct Began {
    at: Instant,
    logins: u64,
}

impl UserLogin {
    /// Spends the stored refresh token and saves the new pair.
    async fn spend(
        self: &Arc<Self>,
        core: &Arc<Core>,
        stale: Option<&SecretString>,
        lease: Lease,
        latest: Instant,
        began: Began,
    ) -> Result<Token> {
        let stored = self.load().await?.ok_or_else(|| login_error(LoginError::None))?;
        if let Some(token) = usable_token(&stored, stale) {
            // Another task or process has refreshed the login in the meantime.
            return Ok(token);
        }
        let replaces = Some(stored.access_token.clone());
        let refresh_token = self.refresh_token(stored)?;
        if Instant::now() > latest {
            return Err(login_error(LoginError::Busy));
        }
        let TokenPair { token, login } = match spend_refresh_token(core, &refresh_token).await {
            Ok(pair) => pair,
            Err(error) => return Err(self.remember_revoked(refresh_token, error)),
        };
        let text = login.access_token.clone();
        let pair = NewPair {
            login,
            lease: Some(lease),
            replaces,
            since: began.at,
            refresh_of: Some(began.logins),
        };
        let saved = self.save_pair(pair).await?;
        match is_same_secret(&saved.access_token, &text) {
            true => token,
            false => usable_token(&saved, stale).ok_or_else(|| login_error(LoginError::Busy)),
        }
    }

    /// Returns the stored refresh token if it can be spent.
    fn refresh_token(&self, stored: StoredLogin) -> Result<SecretString> {
        let refresh_token = stored
            .refresh_token
            .ok_or_else(|| login_error(LoginError::NoRefreshToken))?;
        // Whether it has expired is up to the platform: the clock of this machine may be wrong.
        match &*lock(&self.revoked) {
            Some(revoked) if is_same_secret(&revoked.refresh_token, &refresh_token) => Err(revoked.error.clone()),
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
    let is_stale = stale.is_some_and(|stale| is_same_secret(stale, text));
    let is_usable = left > MIN_TTL && !is_stale && secret::is_token(text);
    is_usable.then(|| Token::new(text.clone(), Instant::now(), left))
}

/// Maximum lifetime of a refresh token; the platform ends logins after a year.
const MAX_LIFETIME: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// A user token, and the login to save.
pub(super) struct TokenPair {
    /// An error for a malformed token. The refresh token is valid nevertheless.
    pub token: Result<Token>,
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

/// Lifetime of an access token without a valid one in the response, as documented.
const DEFAULT_LIFETIME: i64 = 7200;

/// Sends the request. The response is read leniently, because it contains the only copy of the refresh token.
async fn request_pair(core: &Arc<Core>, request: &oauth::Token) -> Result<TokenPair> {
    let (requested_at, requested_at_time) = (Instant::now(), SystemTime::now());
    let response = send_auth_request_for_json(core, request).await?;
    let response: Value = serde_json::from_str(response.expose_secret()).unwrap_or_default();
    let text = |key: &str| {
        response
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let seconds = |key: &str| {
        let value = response.get(key)?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    };
    let access_token = SecretString::from(text("access_token").unwrap_or_default());
    let lifetime_seconds = seconds("expires_in").unwrap_or(DEFAULT_LIFETIME);
    let token = Token::from_response(
        &oauth::Token::ENDPOINT,
        "access_token",
        access_token.clone(),
        requested_at,
        lifetime_seconds,
    );
    let refresh_token = text("refresh_token").map(SecretString::from);
    if let (Err(error), None) = (&token, &refresh_token) {
        return Err(error.clone());
    }
    let expires_at = |seconds| requested_at_time + lifetime(seconds).min(MAX_LIFETIME);
    let login = StoredLogin {
        access_token,
        access_expires: expires_at(lifetime_seconds),
        refresh_expires: seconds("refresh_token_expires_in").map(expires_at),
        refresh_token,
        scope: text("scope").unwrap_or_default().to_owned(),
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
        // A new login waits for a refresh, in this or another process, but not for one that does not end.
        let since = Instant::now();
        let deadline = since + LOGIN_WAIT;
        let _guard = timeout_at(deadline, login.refresh_lock.lock()).await;
        let app = app(&core)?;
        // Taken before the code is spent, so that a refresh of the previous login does not overwrite the new one.
        let lease = login.acquire_lease(deadline).await?;
        let replaced = login.load().await.ok().flatten();
        let TokenPair { token, login: new } = exchange_code(&core, &app, code, &attempt).await?;
        let text = new.access_token.clone();
        let pair = NewPair {
            login: new,
            lease,
            replaces: replaced.map(|login| login.access_token),
            since,
            refresh_of: None,
        };
        let saved = login.save_pair(pair).await?;
        if is_same_secret(&saved.access_token, &text) {
            login.cache.insert(token?);
        }
        Ok(())
    })
}

impl UserLogin {
    /// Acquires the lease for replacing the login; `None` if this process holds it already for an unsaved pair, which
    /// the new login supersedes, or if another process does not release it before the deadline.
    async fn acquire_lease(&self, deadline: Instant) -> Result<Option<Lease>> {
        if self.has_unsaved() {
            return Ok(None);
        }
        loop {
            if let Some(lease) = self.lock().await? {
                return Ok(Some(lease));
            }
            if Instant::now() >= deadline {
                tracing::warn!(
                    "another process holds the lock of a login for too long; a new login replaces it without the lock"
                );
                return Ok(None);
            }
            tokio::time::sleep(poll_delay()).await;
        }
    }
}

impl UserLogin {
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
