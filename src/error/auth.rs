//! Why a call cannot be made in the caller's name.

use std::fmt;

use super::StoreError;
use crate::endpoint::{AppKind, TokenKind};

/// Why a call cannot be made in the caller's name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthError {
    /// The endpoint takes no token of this kind.
    TokenKind {
        /// The kind that the client would send.
        given: TokenKind,
        /// The kinds that the endpoint takes.
        taken: &'static [TokenKind],
    },
    /// The endpoint is not for apps of this kind.
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
    /// A store app has to say in which tenant it calls.
    NoTenant,
    /// A custom app has one tenant alone.
    OneTenant,
    /// There is no ticket of the store app, and none came in time.
    NoTicket {
        /// What the source of tickets says, where it failed.
        cause: Option<StoreError>,
    },
    /// The access token is empty, or cannot be sent in a header as it is.
    MalformedToken,
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TokenKind { given, taken } => {
                let names: Vec<_> = taken.iter().map(|kind| token_name(*kind)).collect();
                let (given, names) = (token_name(*given), names.join(", "));
                write!(f, "it takes no {given} token, only: {names}. {}", way_out(taken))
            }
            Self::AppKind { given, allowed } => write!(
                f,
                "it is for {} apps alone, and this client has the credentials of a {} app",
                allowed.first().map_or("other", |kind| app_name(*kind)),
                app_name(*given)
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
                "it needs a tenant token, and the client has no app to get one for: \
                 give the builder `.app(id, secret)`, or call `client.as_user(token)`"
            }
            Self::NoApp => {
                "it needs the id and the secret of an app, and the client has none: give the builder `.app(id, secret)`"
            }
            Self::NoUser => {
                "it needs a user token, and the client has no user: call `client.as_user(token)` or \
                 `client.as_login(&login)`, or give the builder `.user_token(token)`"
            }
            Self::NoTenant => {
                "a store app has to say in which tenant it calls: `client.for_tenant(tenant_key)`, with the key that \
                 the platform tells as the app is installed"
            }
            Self::OneTenant => {
                "the client has the credentials of a custom app, which has one tenant alone: call it without \
                 `for_tenant`, or give the builder `.store_app(id, secret, tickets)`"
            }
            Self::NoTicket { .. } => {
                "the platform has pushed no app ticket, though it was asked to: subscribe the app to the event \
                 `app_ticket` in the developer console, and push what comes to the builder's `Tickets`"
            }
            Self::MalformedToken => {
                "the access token is empty or holds a character that no token has: \
                 give it as the platform issued it, without spaces and line breaks"
            }
            Self::TokenKind { .. } | Self::AppKind { .. } => "it cannot be called so",
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

/// How to call what takes these.
fn way_out(taken: &[TokenKind]) -> &'static str {
    match taken {
        [TokenKind::User] => "Call it as a user: `client.as_user(token)`",
        [TokenKind::Tenant] => "Call it without `as_user` and `as_app`",
        [TokenKind::App] => "Call it as the app: `client.as_app()`",
        _ => "Call it as one of these",
    }
}
