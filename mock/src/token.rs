//! Access tokens: which were handed out, for how long they hold, and which of them a call carries.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use hyper::header::{AUTHORIZATION, HeaderMap};
use larkspur_codegen::model::{Endpoint, TokenKind};

use crate::code;
use crate::refusal::Refusal;

/// With so much time left the platform hands the same token out again.
const RENEWED_BELOW: Duration = Duration::from_secs(30 * 60);

/// Every token that was handed out.
pub(crate) struct Tokens {
    lifetime: Duration,
    /// Differs from mock to mock, so that the token of one is unknown to another.
    nonce: u64,
    issued: Vec<Token>,
}

struct Token {
    text: String,
    kind: TokenKind,
    app: String,
    expires: Duration,
}

/// A token as it is handed out.
pub(crate) struct Grant {
    pub(crate) text: String,
    pub(crate) left: Duration,
}

impl Tokens {
    /// No token yet; each will live for `lifetime`.
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            nonce: RandomState::new().hash_one(0),
            issued: Vec::new(),
        }
    }

    /// The tenant token of an app: the last one while it has half an hour left, else a new one.
    pub(crate) fn tenant(&mut self, app: &str, now: Duration) -> Grant {
        let last = self
            .issued
            .iter()
            .rev()
            .find(|token| token.kind == TokenKind::Tenant && token.app == app);
        match last {
            Some(token) if token.left(now) >= RENEWED_BELOW => Grant {
                text: token.text.clone(),
                left: token.left(now),
            },
            _ => self.issue(TokenKind::Tenant, app, now),
        }
    }

    /// A new token.
    pub(crate) fn issue(&mut self, kind: TokenKind, app: &str, now: Duration) -> Grant {
        let number = self.issued.len();
        let text = format!("{}mock{:016x}{number:06}", prefix(kind), self.nonce);
        self.issued.push(Token {
            text: text.clone(),
            kind,
            app: app.to_owned(),
            expires: now.saturating_add(self.lifetime),
        });
        Grant {
            text,
            left: self.lifetime,
        }
    }

    /// Makes every token expire that was handed out so far.
    pub(crate) fn expire(&mut self) {
        for token in &mut self.issued {
            token.expires = Duration::ZERO;
        }
    }

    /// The app that calls, if the call carries a token that holds and that the endpoint takes; ""
    /// where the endpoint takes none, and where the spec does not say which.
    pub(crate) fn check(&self, endpoint: &Endpoint, headers: &HeaderMap, now: Duration) -> Result<&str, Refusal> {
        let Some(accepted) = endpoint.tokens.as_deref().filter(|kinds| !kinds.is_empty()) else {
            return Ok("");
        };
        let text = bearer(headers).ok_or_else(|| Refusal::common(code::TOKEN_MISSING))?;
        let kind = kind(text).ok_or_else(|| Refusal::common(code::TOKEN_MALFORMED))?;
        if !accepted.contains(&kind) {
            return Err(not_taken(kind));
        }
        let found = self.issued.iter().find(|token| token.text == text);
        match found {
            None => Err(Refusal::common(invalid(kind))),
            Some(token) if token.left(now).is_zero() => Err(Refusal::common(expired(kind))),
            Some(token) => Ok(&token.app),
        }
    }
}

impl Token {
    fn left(&self, now: Duration) -> Duration {
        self.expires.saturating_sub(now)
    }
}

/// What stands behind `Bearer ` in the authorization header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let token = value.strip_prefix("Bearer ")?.trim();
    (!token.is_empty()).then_some(token)
}

/// What begins the tokens of a kind.
pub(crate) fn prefix(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Tenant => "t-",
        TokenKind::User => "u-",
        TokenKind::App => "a-",
    }
}

/// The kind of a token, by what it begins with.
pub(crate) fn kind(token: &str) -> Option<TokenKind> {
    let kinds = [TokenKind::Tenant, TokenKind::User, TokenKind::App];
    kinds.into_iter().find(|kind| token.starts_with(prefix(*kind)))
}

fn invalid(kind: TokenKind) -> i64 {
    match kind {
        TokenKind::Tenant => code::TENANT_TOKEN,
        TokenKind::User => code::USER_TOKEN,
        TokenKind::App => code::APP_TOKEN,
    }
}

fn expired(kind: TokenKind) -> i64 {
    match kind {
        TokenKind::User => code::USER_TOKEN_EXPIRED,
        other => invalid(other),
    }
}

/// The platform has no code of its own for a kind that an endpoint does not take; only for users
/// the message tells the cases apart.
fn not_taken(kind: TokenKind) -> Refusal {
    let refusal = Refusal::common(invalid(kind));
    match kind {
        TokenKind::User => Refusal {
            msg: "user access token not support".to_owned(),
            ..refusal
        },
        _ => refusal,
    }
}
