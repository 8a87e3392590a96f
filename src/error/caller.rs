//! Why a call cannot be made in the caller's name.

use std::fmt;

use crate::endpoint::{AppKind, TokenKind};

/// Why a call cannot be made in the caller's name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallerError {
    /// The endpoint takes no token of this kind.
    TokenKind {
        /// The kind that the client would send.
        given: TokenKind,
        /// The kinds that the endpoint takes.
        taken: &'static [TokenKind],
    },
    /// The endpoint is not for apps of this kind.
    AppKind {
        /// The kinds that may call it.
        allowed: &'static [AppKind],
    },
    /// The client has neither an app nor a token.
    NoCredentials,
    /// The access token is empty, or cannot be sent in a header as it is.
    MalformedToken,
}

impl fmt::Display for CallerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TokenKind { given, taken } => {
                let taken: Vec<_> = taken.iter().map(|kind| name(*kind)).collect();
                write!(
                    f,
                    "it takes no {} token, only: {}. {}",
                    name(*given),
                    taken.join(", "),
                    way_out(*given)
                )
            }
            Self::AppKind { allowed } => write!(
                f,
                "it is for {} apps alone, and this client has the credentials of a custom app",
                if allowed.contains(&AppKind::Store) {
                    "store"
                } else {
                    "other"
                }
            ),
            Self::NoCredentials => f.write_str(
                "it needs a tenant token, and the client has no app to get one for: \
                 give the builder `.app(id, secret)`, or call `client.as_user(token)`",
            ),
            Self::MalformedToken => f.write_str(
                "the access token is empty or holds a character that no token has: \
                 give it as the platform issued it, without spaces and line breaks",
            ),
        }
    }
}

fn name(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Tenant => "tenant",
        TokenKind::User => "user",
        TokenKind::App => "app",
    }
}

fn way_out(given: TokenKind) -> &'static str {
    match given {
        TokenKind::User => "Call it without `as_user`",
        _ => "Call it as a user: `client.as_user(token)`",
    }
}
