//! Access tokens and app tickets that the mock server has issued.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use hyper::header::{AUTHORIZATION, HeaderMap};
use larkspur_codegen::model::{Endpoint, TokenKind};

use crate::error_code;
use crate::response::ErrorResponse;

/// Remaining lifetime below which the platform issues a new token instead of the current one.
const RENEWAL_THRESHOLD: Duration = Duration::from_secs(30 * 60);

/// Prefix of the user tokens that a login issues.
const LOGIN_TOKEN_PREFIX: &str = "eyJ";

/// Length of the padding that makes the user token of a login as long as the platform's.
const LOGIN_TOKEN_PADDING: usize = 1200;

/// All issued access tokens.
pub(crate) struct Tokens {
    lifetime: Duration,
    /// Differs between mock servers, so that no server accepts the token of another.
    nonce: u64,
    /// Number of tokens issued so far.
    count: u64,
    issued: Vec<Token>,
}

struct Token {
    text: String,
    kind: TokenKind,
    holder: Holder,
    expires: Duration,
}

/// The caller that a token identifies: an app, and for store apps a tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Holder {
    app: String,
    tenant: String,
}

impl Holder {
    /// Returns the holder of an app token, or of any token of a custom app, which belongs to exactly one tenant.
    pub(crate) fn for_app(app: &str) -> Self {
        Self::for_tenant(app, "")
    }

    /// Returns the holder of a store app's token in a tenant.
    pub(crate) fn for_tenant(app: &str, tenant: &str) -> Self {
        Self {
            app: app.to_owned(),
            tenant: tenant.to_owned(),
        }
    }
}

/// A token as an endpoint returns it.
pub(crate) struct IssuedToken {
    pub(crate) text: String,
    pub(crate) expires_in: Duration,
}

impl Tokens {
    /// Creates an empty collection with this token lifetime.
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            nonce: RandomState::new().hash_one(0),
            count: 0,
            issued: Vec::new(),
        }
    }

    /// Returns the current token, or a new one if less than half an hour of its lifetime remains.
    pub(crate) fn current_or_issue(&mut self, kind: TokenKind, holder: Holder, now: Duration) -> IssuedToken {
        let current = self
            .issued
            .iter()
            .rev()
            .find(|token| token.kind == kind && token.holder == holder);
        match current {
            Some(token) if token.remaining(now) >= RENEWAL_THRESHOLD => IssuedToken {
                text: token.text.clone(),
                expires_in: token.remaining(now),
            },
            _ => self.issue(kind, holder, now),
        }
    }

    /// Issues a new token.
    pub(crate) fn issue(&mut self, kind: TokenKind, holder: Holder, now: Duration) -> IssuedToken {
        let text = format!("{}{}", token_prefix(kind), self.next_text());
        self.insert(text, kind, holder, now)
    }

    /// Issues the user token of a login, in the platform's format and length.
    pub(crate) fn issue_user_token(&mut self, holder: Holder, now: Duration) -> IssuedToken {
        let padding = "a".repeat(LOGIN_TOKEN_PADDING);
        let text = format!("{LOGIN_TOKEN_PREFIX}{}.{padding}", self.next_text());
        self.insert(text, TokenKind::User, holder, now)
    }

    fn next_text(&mut self) -> String {
        self.count += 1;
        format!("mock{:016x}{:06}", self.nonce, self.count)
    }

    fn insert(&mut self, text: String, kind: TokenKind, holder: Holder, now: Duration) -> IssuedToken {
        self.issued.push(Token {
            text: text.clone(),
            kind,
            holder,
            expires: now.saturating_add(self.lifetime),
        });
        IssuedToken {
            text,
            expires_in: self.lifetime,
        }
    }

    /// Expires all issued tokens.
    pub(crate) fn expire_all(&mut self) {
        for token in &mut self.issued {
            token.expires = Duration::ZERO;
        }
    }

    /// Expires a token at this time, unless it expires earlier.
    pub(crate) fn expire_at(&mut self, text: &str, at: Duration) {
        for token in self.issued.iter_mut().filter(|token| token.text == text) {
            token.expires = token.expires.min(at);
        }
    }

    /// Revokes a token and returns whether it existed.
    pub(crate) fn revoke(&mut self, text: &str) -> bool {
        let before = self.issued.len();
        self.issued.retain(|token| token.text != text);
        self.issued.len() < before
    }

    /// Returns the app of a valid app token.
    pub(crate) fn find_app(&self, text: &str, now: Duration) -> Result<String, ErrorResponse> {
        let found = self.issued.iter().find(|token| token.text == text);
        found
            .filter(|token| token.kind == TokenKind::App && !token.remaining(now).is_zero())
            .map(|token| token.holder.app.clone())
            .ok_or_else(|| ErrorResponse::common(error_code::APP_TOKEN))
    }

    /// Returns the caller if the request carries a valid token of a kind that the endpoint accepts.
    ///
    /// The caller is empty for endpoints without tokens, and for those whose spec does not list the accepted tokens.
    pub(crate) fn authorize(
        &self,
        endpoint: &Endpoint,
        headers: &HeaderMap,
        now: Duration,
    ) -> Result<Holder, ErrorResponse> {
        let Some(accepted) = endpoint.tokens.as_deref().filter(|kinds| !kinds.is_empty()) else {
            return Ok(Holder::default());
        };
        let text = bearer_token(headers).ok_or_else(|| ErrorResponse::common(error_code::TOKEN_MISSING))?;
        let kind = token_kind(text).ok_or_else(|| ErrorResponse::common(error_code::TOKEN_MALFORMED))?;
        let found = self.issued.iter().find(|token| token.text == text);
        let serves_as_app_token = accepted.contains(&TokenKind::App) && found.is_some_and(Token::is_custom_app_token);
        if !accepted.contains(&kind) && !serves_as_app_token {
            return Err(unsupported_token(kind));
        }
        match found {
            None => Err(ErrorResponse::common(invalid_token_code(kind))),
            Some(token) if token.remaining(now).is_zero() => Err(ErrorResponse::common(expired_token_code(kind))),
            Some(token) => Ok(token.holder.clone()),
        }
    }
}

impl Token {
    /// The tenant token of a custom app is its app token as well.
    fn is_custom_app_token(&self) -> bool {
        self.kind == TokenKind::Tenant && self.holder.tenant.is_empty()
    }

    fn remaining(&self, now: Duration) -> Duration {
        self.expires.saturating_sub(now)
    }
}

fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let token = value.strip_prefix("Bearer ")?.trim();
    (!token.is_empty()).then_some(token)
}

/// Returns the prefix of the tokens of a kind.
pub(crate) fn token_prefix(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Tenant => "t-",
        TokenKind::User => "u-",
        TokenKind::App => "a-",
    }
}

/// Returns the kind of a token by its prefix.
pub(crate) fn token_kind(token: &str) -> Option<TokenKind> {
    if token.starts_with(LOGIN_TOKEN_PREFIX) {
        return Some(TokenKind::User);
    }
    let kinds = [TokenKind::Tenant, TokenKind::User, TokenKind::App];
    kinds.into_iter().find(|kind| token.starts_with(token_prefix(*kind)))
}

fn invalid_token_code(kind: TokenKind) -> i64 {
    match kind {
        TokenKind::Tenant => error_code::TENANT_TOKEN,
        TokenKind::User => error_code::USER_TOKEN,
        TokenKind::App => error_code::APP_TOKEN,
    }
}

fn expired_token_code(kind: TokenKind) -> i64 {
    match kind {
        TokenKind::User => error_code::USER_TOKEN_EXPIRED,
        other => invalid_token_code(other),
    }
}

/// The platform has no separate code for an unsupported kind of token. Only user tokens have a message of their own.
fn unsupported_token(kind: TokenKind) -> ErrorResponse {
    let response = ErrorResponse::common(invalid_token_code(kind));
    match kind {
        TokenKind::User => ErrorResponse {
            msg: "user access token not support".to_owned(),
            ..response
        },
        _ => response,
    }
}

/// The tickets of all store apps. A store app needs its current ticket to get a token.
pub(crate) struct Tickets {
    /// How long a ticket stays valid after the next one was pushed.
    grace: Duration,
    /// Differs between mock servers, so that tickets cannot be guessed.
    random: RandomState,
    /// Number of tickets pushed so far.
    count: u64,
    apps: HashMap<String, AppTickets>,
}

#[derive(Default)]
struct AppTickets {
    pushed: Vec<Ticket>,
    request_count: usize,
}

struct Ticket {
    text: String,
    /// `None` for the current ticket.
    expires: Option<Duration>,
}

impl Ticket {
    fn is_valid(&self, now: Duration) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

impl Tickets {
    /// Creates an empty collection.
    pub(crate) fn new(grace: Duration) -> Self {
        Self {
            grace,
            random: RandomState::new(),
            count: 0,
            apps: HashMap::new(),
        }
    }

    /// Creates a new current ticket of an app.
    pub(crate) fn push(&mut self, app: &str, now: Duration) -> String {
        let tickets = self.apps.entry(app.to_owned()).or_default();
        if let Some(previous) = tickets.pushed.last_mut() {
            previous.expires = Some(now.saturating_add(self.grace));
        }
        tickets.pushed.retain(|ticket| ticket.is_valid(now));
        self.count += 1;
        let text = format!("ticket-{:016x}", self.random.hash_one((app, self.count)));
        tickets.pushed.push(Ticket {
            text: text.clone(),
            expires: None,
        });
        text
    }

    /// Returns whether a ticket of an app is valid.
    pub(crate) fn is_valid(&self, app: &str, text: &str, now: Duration) -> bool {
        let mut pushed = self.apps.get(app).into_iter().flat_map(|tickets| &tickets.pushed);
        pushed.any(|ticket| ticket.is_valid(now) && ticket.text == text)
    }

    /// Counts a request of an app to resend its ticket.
    pub(crate) fn count_request(&mut self, app: &str) {
        self.apps.entry(app.to_owned()).or_default().request_count += 1;
    }

    /// Returns how often an app has requested its ticket.
    pub(crate) fn request_count(&self, app: &str) -> usize {
        self.apps.get(app).map_or(0, |tickets| tickets.request_count)
    }
}
