//! What the platform gives for a code or a refresh token.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use tokio::time::Instant;

use super::super::App;
use super::super::asking::ask;
use super::super::token::{Token, lifetime};
use super::LoginAttempt;
use crate::authen::v2::oauth::{self, TokenGrantType, TokenResponse};
use crate::client::Core;
use crate::error::Result;
use crate::store::StoredLogin;
use crate::wire::Decode;

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
