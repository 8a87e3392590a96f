//! Failures of authentication and of user logins.

use crate::endpoint::{AppKind, TokenKind};
use std::fmt;

/// Why a call cannot be authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthError {
    /// The endpoint does not accept tokens of this kind.
    TokenKind {
        /// The kind that the client would send.
        given: TokenKind,
        /// The kinds that the endpoint accepts.
        taken: &'static [TokenKind],
    },
    /// The endpoint is not available to apps of this kind.
    AppKind {
        /// The kind of the client's app.
        given: AppKind,
        /// The kinds that may call it.
        allowed: &'static [AppKind],
    },
    /// The client has neither an app nor a token.
    NoCredentials,
    /// The client has no app.
    NoApp,
    /// The client has no user to call as.
    NoUser,
    /// A call of a store app does not name its tenant.
    NoTenant,
    /// A call of a custom app names a tenant.
    OneTenant,
    /// A call names a tenant, but the client has a tenant token set on the builder, which belongs to one tenant.
    FixedTenant,
    /// The login of the view belongs to a client of another app or host.
    OtherClient,
    /// No ticket of the store app arrived in time.
    NoTicket {
        /// The error of the ticket source, if it failed.
        cause: Option<StoreError>,
    },
    /// The access token is empty or cannot be sent in a header.
    MalformedToken,
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TokenKind { given, taken } => {
                let names: Vec<_> = taken.iter().map(|kind| token_name(*kind)).collect();
                let (given, names) = (token_name(*given), names.join(", "));
                write!(
                    f,
                    "unsupported token kind {given} (accepted: {names}): {}",
                    token_kind_hint(taken)
                )
            }
            Self::AppKind { given, allowed } => write!(
                f,
                "unsupported app kind {} (allowed: {}): use the credentials of an app of that kind",
                app_name(*given),
                allowed.first().map_or("other", |kind| app_name(*kind)),
            ),
            Self::NoTicket { cause: Some(cause) } => {
                write!(f, "the source of app tickets failed: {cause}")
            }
            other => f.write_str(other.text()),
        }
    }
}

impl AuthError {
    fn text(&self) -> &'static str {
        match self {
            Self::NoCredentials => {
                "a tenant token is required and the client has no app to fetch one for: \
                 set `.app(id, secret)` on the builder, or call `client.as_user(token)`"
            }
            Self::NoApp => "the client has no app id and secret: set `.app(id, secret)` on the builder",
            Self::NoUser => {
                "a user token is required and the client has no user: call `client.as_user(token)` or \
                 `client.as_login(&login)`, or set `.user_token(token)` on the builder"
            }
            Self::NoTenant => {
                "a store app must name the tenant: call `client.for_tenant(tenant_key)` with the key that the platform \
                 sends when the app is installed"
            }
            Self::OneTenant => {
                "a custom app belongs to exactly one tenant: call without `for_tenant`, or set \
                 `.store_app(id, secret, tickets)` on the builder"
            }
            Self::FixedTenant => {
                "the tenant token set on the builder belongs to one tenant: call without `for_tenant`, or build the \
                 client with `.store_app(id, secret, tickets)` and without `.tenant_token(token)`"
            }
            Self::OtherClient => {
                "the login belongs to a client of another app or host: get it from this client with `client.login(user)`"
            }
            Self::NoTicket { .. } => {
                "no app ticket received, although a resend was requested: subscribe the app to the event `app_ticket` in the \
                 developer console, and push received tickets to the builder's `Tickets`"
            }
            Self::MalformedToken => {
                "the access token is empty or contains an invalid character: \
                 pass it exactly as the platform issued it, without spaces and line breaks"
            }
            Self::TokenKind { .. } | Self::AppKind { .. } => "unsupported caller",
        }
    }
}

fn token_name(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Tenant => "tenant",
        TokenKind::User => "user",
        TokenKind::App => "app",
    }
}

fn app_name(kind: AppKind) -> &'static str {
    match kind {
        AppKind::Custom => "custom",
        AppKind::Store => "store",
    }
}

fn token_kind_hint(taken: &[TokenKind]) -> &'static str {
    match taken {
        [TokenKind::User] => "call as a user: `client.as_user(token)`",
        [TokenKind::Tenant] => "call without `as_user` and `as_app`",
        [TokenKind::App] => "call as the app: `client.as_app()`",
        _ => "call with one of these",
    }
}

/// Why the login of a user cannot be used.
///
/// Never contains the program's name for the user, which may be confidential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// No login is saved for this user.
    #[error(
        "no login is saved for this user: let the user log in with `client.login_page(..)` and `login.exchange(..)`"
    )]
    None,
    /// The token has expired and there is no refresh token.
    #[error(
        "the user's token has expired and there is no refresh token: let the user log in again, with the scope \
         offline_access so that the client can refresh the token"
    )]
    NoRefreshToken,
    /// Another task or process is refreshing the login, and takes too long.
    #[error("another process is refreshing the login and did not finish in time: retry later")]
    Busy,
    /// The store could not be read. No refresh token was used.
    #[error("the login store could not be read, and no refresh token was used: {0}")]
    NotRead(StoreError),
    /// The store could not save a new token pair. The client keeps it in memory, and a task saves it once the store works.
    #[error(
        "the login store could not save the new refresh token: {0}: it is in memory only until the store works, so keep \
         the program running"
    )]
    NotSaved(StoreError),
    /// The runtime shut down during an exchange.
    #[error("the runtime shut down while the login was being saved")]
    Interrupted,
    /// The state of the callback belongs to another attempt.
    #[error(
        "the state of the callback belongs to another login attempt: start a new one, and store its state in the user's \
         session"
    )]
    OtherAttempt,
    /// The user did not consent, with the platform's reason.
    #[error("the user did not consent: {0}")]
    Denied(String),
    /// The callback has no code.
    #[error("the callback has no code: start a new login attempt")]
    NoCode,
}

/// The failure of a token, login or window store.
///
/// It is logged and part of errors, so it must never contain a token, a secret or the password of a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(String);

impl StoreError {
    /// Creates an error with a text that states what failed, where, and why.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}
