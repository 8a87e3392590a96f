//! User logins: authorization codes, PKCE challenges (RFC 7636) and refresh tokens.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

use crate::error_code::oauth;

/// Lifetime of an authorization code.
const CODE_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// Time after which a user must log in again, however often the token was refreshed.
const LOGIN_LIFETIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Length of the padding that makes a refresh token as long as the platform's.
const REFRESH_TOKEN_PADDING: usize = 1100;

/// The scope that grants a refresh token.
pub(crate) const OFFLINE_SCOPE: &str = "offline_access";

/// A login that a user has granted to an app.
///
/// ```
/// use larkspur_mock::Login;
///
/// let login = Login::new("offline_access drive:drive")
///     .redirect_uri("https://example.com/callback")
///     .challenge_s256("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub(crate) app: Option<String>,
    scopes: Vec<String>,
    redirect_uri: Option<String>,
    challenge: Option<Challenge>,
}

impl Login {
    /// Creates a login at the default app of the mock server with these scopes, separated by spaces.
    ///
    /// Without `offline_access` no refresh token is issued.
    pub fn new(scopes: &str) -> Self {
        Self {
            app: None,
            scopes: scopes.split_whitespace().map(str::to_owned).collect(),
            redirect_uri: None,
            challenge: None,
        }
    }

    /// Sets the app by id.
    pub fn app(mut self, id: impl Into<String>) -> Self {
        self.app = Some(id.into());
        self
    }

    /// Sets the redirect URI of the authorization request. An exchange with another one is refused.
    pub fn redirect_uri(mut self, address: impl Into<String>) -> Self {
        self.redirect_uri = Some(address.into());
        self
    }

    /// Sets the PKCE challenge with method `S256`. The exchange must carry its verifier.
    pub fn challenge_s256(mut self, challenge: impl Into<String>) -> Self {
        self.challenge = Some(Challenge::S256(challenge.into()));
        self
    }

    /// Sets the PKCE challenge with method `plain`, which is the verifier itself.
    pub fn challenge_plain(mut self, challenge: impl Into<String>) -> Self {
        self.challenge = Some(Challenge::Plain(challenge.into()));
        self
    }

    /// An exchange without a redirect URI is accepted.
    fn accepts_redirect_uri(&self, address: Option<&str>) -> bool {
        match (self.redirect_uri.as_deref(), address) {
            (Some(expected), Some(given)) => expected == given,
            _ => true,
        }
    }

    fn accepts_verifier(&self, verifier: Option<&str>) -> bool {
        match &self.challenge {
            Some(challenge) => verifier.is_some_and(|verifier| challenge.matches(verifier)),
            None => true,
        }
    }
}

/// A PKCE challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Challenge {
    /// SHA-256 of the verifier in base64url.
    S256(String),
    /// The verifier itself.
    Plain(String),
}

impl Challenge {
    fn matches(&self, verifier: &str) -> bool {
        match self {
            Self::S256(challenge) => *challenge == URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())),
            Self::Plain(challenge) => challenge == verifier,
        }
    }
}

/// The scopes of a login, and when it took place.
#[derive(Debug, Clone)]
pub(crate) struct LoginGrant {
    pub(crate) scopes: Vec<String>,
    logged_in: Duration,
}

/// A request to exchange an authorization code for tokens.
pub(crate) struct CodeExchange<'a> {
    pub(crate) app: &'a str,
    pub(crate) code: &'a str,
    pub(crate) redirect_uri: Option<&'a str>,
    pub(crate) verifier: Option<&'a str>,
}

/// All authorization codes and refresh tokens.
pub(crate) struct Logins {
    refresh_lifetime: Duration,
    /// Differs between mock servers, so that codes and tokens cannot be guessed.
    random: RandomState,
    count: u64,
    codes: HashMap<String, Code>,
    refresh_tokens: HashMap<String, RefreshToken>,
}

struct Code {
    app: String,
    login: Login,
    created: Duration,
    used: bool,
}

struct RefreshToken {
    app: String,
    granted: LoginGrant,
    expires: Duration,
    /// The user token issued with it.
    access: String,
    state: RefreshState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RefreshState {
    Unused,
    Used,
    Revoked,
}

impl Logins {
    /// Creates an empty collection with this lifetime of refresh tokens.
    pub(crate) fn new(refresh_lifetime: Duration) -> Self {
        Self {
            refresh_lifetime,
            random: RandomState::new(),
            count: 0,
            codes: HashMap::new(),
            refresh_tokens: HashMap::new(),
        }
    }

    fn next_text(&mut self, kind: &str) -> String {
        self.count += 1;
        format!(
            "{kind}-{:06}-{:016x}",
            self.count,
            self.random.hash_one((kind, self.count))
        )
    }

    /// Creates the authorization code of a login.
    pub(crate) fn create_code(&mut self, app: &str, login: Login, now: Duration) -> String {
        let text = self.next_text("mock-code");
        let code = Code {
            app: app.to_owned(),
            login,
            created: now,
            used: false,
        };
        self.codes.insert(text.clone(), code);
        text
    }

    /// Returns the grant behind an authorization code, or the platform's error code if the exchange is refused.
    pub(crate) fn validate_code(&self, exchange: &CodeExchange<'_>, now: Duration) -> Result<LoginGrant, i64> {
        let found = self.codes.get(exchange.code).ok_or(oauth::CODE_NOT_FOUND)?;
        let login = &found.login;
        match found {
            Code { app, .. } if app != exchange.app => Err(oauth::OTHER_APP),
            Code { used: true, .. } => Err(oauth::CODE_USED),
            Code { created, .. } if now >= created.saturating_add(CODE_LIFETIME) => Err(oauth::CODE_EXPIRED),
            _ if !login.accepts_redirect_uri(exchange.redirect_uri) => Err(oauth::OTHER_REDIRECT_URI),
            _ if !login.accepts_verifier(exchange.verifier) => Err(oauth::PKCE_FAILED),
            Code { created, .. } => Ok(LoginGrant {
                scopes: login.scopes.clone(),
                logged_in: *created,
            }),
        }
    }

    /// Returns the grant behind a refresh token, or the platform's error code if the token is refused.
    pub(crate) fn validate_refresh_token(&self, app: &str, text: &str, now: Duration) -> Result<LoginGrant, i64> {
        let found = self.refresh_tokens.get(text).ok_or(oauth::REFRESH_INVALID)?;
        let login_expires = found.granted.logged_in.saturating_add(LOGIN_LIFETIME);
        match found.state {
            _ if found.app != app => Err(oauth::OTHER_APP),
            RefreshState::Revoked => Err(oauth::REFRESH_REVOKED),
            RefreshState::Used => Err(oauth::REFRESH_USED),
            RefreshState::Unused if now >= found.expires.min(login_expires) => Err(oauth::REFRESH_EXPIRED),
            RefreshState::Unused => Ok(found.granted.clone()),
        }
    }

    /// Marks an authorization code as used.
    pub(crate) fn mark_code_used(&mut self, text: &str) {
        if let Some(code) = self.codes.get_mut(text) {
            code.used = true;
        }
    }

    /// Marks a refresh token as used and returns the user token issued with it.
    pub(crate) fn mark_refresh_token_used(&mut self, text: &str) -> Option<&str> {
        let refresh = self.refresh_tokens.get_mut(text)?;
        refresh.state = RefreshState::Used;
        Some(&refresh.access)
    }

    /// Issues a refresh token for a user token and returns it with its lifetime.
    pub(crate) fn issue_refresh_token(
        &mut self,
        app: &str,
        granted: LoginGrant,
        access: &str,
        now: Duration,
    ) -> (String, Duration) {
        let text = format!(
            "eyJ{}.{}",
            self.next_text("mock-refresh"),
            "r".repeat(REFRESH_TOKEN_PADDING)
        );
        let refresh = RefreshToken {
            app: app.to_owned(),
            granted,
            expires: now.saturating_add(self.refresh_lifetime),
            access: access.to_owned(),
            state: RefreshState::Unused,
        };
        self.refresh_tokens.insert(text.clone(), refresh);
        (text, self.refresh_lifetime)
    }

    /// Revokes a refresh token and returns whether it exists.
    pub(crate) fn revoke_refresh_token(&mut self, text: &str) -> bool {
        let found = self.refresh_tokens.get_mut(text);
        found.is_some_and(|refresh| {
            refresh.state = RefreshState::Revoked;
            true
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Challenge;

    #[test]
    fn verifies_rfc_7636_example() {
        let challenge = Challenge::S256("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned());
        assert!(challenge.matches("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.matches("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"));
    }
}
