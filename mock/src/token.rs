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

/// What begins the user tokens that a login gives.
const LOGIN_PREFIX: &str = "eyJ";

/// Every token that was handed out.
pub(crate) struct Tokens {
    lifetime: Duration,
    /// Differs from mock to mock, so that the token of one is unknown to another.
    nonce: u64,
    /// How many there were, so that no two are the same.
    count: u64,
    issued: Vec<Token>,
}

struct Token {
    text: String,
    kind: TokenKind,
    holder: Holder,
    expires: Duration,
}

/// Who calls: an app, in a tenant where it is a store app that acts in one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Holder {
    app: String,
    tenant: String,
}

impl Holder {
    /// An app as such, or a custom app, which has one tenant.
    pub(crate) fn of_app(app: &str) -> Self {
        Self::in_tenant(app, "")
    }

    /// A store app in a tenant.
    pub(crate) fn in_tenant(app: &str, tenant: &str) -> Self {
        Self {
            app: app.to_owned(),
            tenant: tenant.to_owned(),
        }
    }
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
            count: 0,
            issued: Vec::new(),
        }
    }

    /// A token of this kind: the last one while it has half an hour left, else a new one.
    pub(crate) fn current(&mut self, kind: TokenKind, holder: Holder, now: Duration) -> Grant {
        let last = self
            .issued
            .iter()
            .rev()
            .find(|token| token.kind == kind && token.holder == holder);
        match last {
            Some(token) if token.left(now) >= RENEWED_BELOW => Grant {
                text: token.text.clone(),
                left: token.left(now),
            },
            _ => self.issue(kind, holder, now),
        }
    }

    /// A new token.
    pub(crate) fn issue(&mut self, kind: TokenKind, holder: Holder, now: Duration) -> Grant {
        let text = format!("{}{}", prefix(kind), self.next());
        self.keep(text, kind, holder, now)
    }

    /// A new user token as a login gives it: of another form, and as long as the platform's.
    pub(crate) fn log_in(&mut self, holder: Holder, now: Duration) -> Grant {
        let text = format!("{LOGIN_PREFIX}{}.{}", self.next(), "a".repeat(1200));
        self.keep(text, TokenKind::User, holder, now)
    }

    fn next(&mut self) -> String {
        self.count += 1;
        format!("mock{:016x}{:06}", self.nonce, self.count)
    }

    fn keep(&mut self, text: String, kind: TokenKind, holder: Holder, now: Duration) -> Grant {
        self.issued.push(Token {
            text: text.clone(),
            kind,
            holder,
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

    /// Makes a token expire at this time, unless it does earlier.
    pub(crate) fn end(&mut self, text: &str, at: Duration) {
        for token in self.issued.iter_mut().filter(|token| token.text == text) {
            token.expires = token.expires.min(at);
        }
    }

    /// Forgets a token; gives whether there was such a one.
    pub(crate) fn revoke(&mut self, text: &str) -> bool {
        let before = self.issued.len();
        self.issued.retain(|token| token.text != text);
        self.issued.len() < before
    }

    /// The app that an app token belongs to, if it holds.
    pub(crate) fn app(&self, text: &str, now: Duration) -> Result<String, Refusal> {
        let found = self.issued.iter().find(|token| token.text == text);
        found
            .filter(|token| token.kind == TokenKind::App && !token.left(now).is_zero())
            .map(|token| token.holder.app.clone())
            .ok_or_else(|| Refusal::common(code::APP_TOKEN))
    }

    /// Who calls, if the call carries a token that holds and that the endpoint takes; nobody
    /// where the endpoint takes none, and where the spec does not say which.
    pub(crate) fn check(&self, endpoint: &Endpoint, headers: &HeaderMap, now: Duration) -> Result<Holder, Refusal> {
        let Some(accepted) = endpoint.tokens.as_deref().filter(|kinds| !kinds.is_empty()) else {
            return Ok(Holder::default());
        };
        let text = bearer(headers).ok_or_else(|| Refusal::common(code::TOKEN_MISSING))?;
        let kind = kind(text).ok_or_else(|| Refusal::common(code::TOKEN_MALFORMED))?;
        let found = self.issued.iter().find(|token| token.text == text);
        let stands_for_app = accepted.contains(&TokenKind::App) && found.is_some_and(Token::is_of_custom_app);
        if !accepted.contains(&kind) && !stands_for_app {
            return Err(not_taken(kind));
        }
        match found {
            None => Err(Refusal::common(invalid(kind))),
            Some(token) if token.left(now).is_zero() => Err(Refusal::common(expired(kind))),
            Some(token) => Ok(token.holder.clone()),
        }
    }
}

impl Token {
    /// A custom app has one token: that for its tenant is its app token too.
    fn is_of_custom_app(&self) -> bool {
        self.kind == TokenKind::Tenant && self.holder.tenant.is_empty()
    }

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
    if token.starts_with(LOGIN_PREFIX) {
        return Some(TokenKind::User);
    }
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
