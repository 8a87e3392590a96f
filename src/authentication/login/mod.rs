//! Logins of users: the authorization page, and user tokens that the client refreshes.
//!
//! A refresh token works once. The client saves each new pair of tokens before it uses it, and only one task of one
//! process spends a refresh token.

mod renewal;
mod saving;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::{ExposeSecret as _, SecretString};

use super::App;
use super::token_cache::{CacheMap, TokenCache};
use crate::authen::v2::oauth;
use crate::call::Core;
use crate::endpoint::PlatformHost;
use crate::error::{ConfigError, Error, ErrorKind, LoginError, Result};
use crate::store::LoginStore;
use crate::transport;
use crate::wire;

/// TTL of the lock for spending a refresh token; longer than two store operations, a token request and three attempts
/// to save the pair.
const LEASE_TTL: Duration = Duration::from_secs(120);
/// Maximum wait for another task or process that refreshes the same login.
const MAX_WAIT: Duration = Duration::from_secs(40);
/// Maximum wait of a new login for a refresh. From then on, a refresh checks whether it was superseded before it saves.
const LOGIN_WAIT: Duration = Duration::from_secs(10);
/// Timeout of a store operation.
const STORE_TIMEOUT: Duration = Duration::from_secs(5);

/// The login of one user at the client's app; see [`Client::login`](crate::Client::login). Cheap to clone.
#[derive(Clone)]
pub struct Login {
    core: Arc<Core>,
    state: Arc<UserLogin>,
}

/// The logins of a client's users.
pub(super) struct Logins {
    store: Arc<dyn LoginStore>,
    users: CacheMap<UserLogin>,
}

/// The login state of one user in this process.
pub(crate) struct UserLogin {
    user: Arc<str>,
    store: Arc<dyn LoginStore>,
    cache: Arc<TokenCache>,
    /// Serializes refresh and exchange.
    refresh_lock: tokio::sync::Mutex<()>,
    saves: Mutex<saving::SaveState>,
    /// Serializes attempts to save a pair.
    save_lock: tokio::sync::Mutex<()>,
    revoked: Mutex<Option<renewal::RevokedToken>>,
}

impl Login {
    pub(crate) fn new(core: &Arc<Core>, user: &str) -> Self {
        Self {
            core: Arc::clone(core),
            state: core.auth.login(user),
        }
    }

    /// Completes a login: exchanges the code for a token and, if the user granted `offline_access`, a refresh token,
    /// and saves both. A previous login of the user is replaced.
    ///
    /// The exchange completes even if the future is dropped, because the code works once.
    ///
    /// # Errors
    ///
    /// If the platform rejects the code (it is older than five minutes, was used, or belongs to another attempt), or if
    /// the store fails. Tokens that could not be saved stay in memory; a task saves them once the store works, and the
    /// client does not use them before.
    ///
    /// If a refresh of the previous login does not end within ten seconds, in this or another process, the new login
    /// replaces it nevertheless.
    pub async fn exchange(&self, code: impl Into<SecretString>, attempt: &LoginAttempt) -> Result<()> {
        renewal::exchange(self, code.into(), attempt).await
    }

    /// Returns the program's name of the user.
    pub(super) fn user(&self) -> &str {
        &self.state.user
    }

    /// Returns whether this client may send the user's token: it is for the same app and host.
    pub(super) fn belongs_to(&self, core: &Arc<Core>) -> bool {
        let app = |core: &Core| core.auth.app().map(|app| app.id.clone()).ok();
        let same_app = || app(core).is_some() && app(core) == app(&self.core);
        Arc::ptr_eq(core, &self.core) || (same_app() && core.base.as_str() == self.core.base.as_str())
    }

    /// Returns the current token and its cache.
    pub(super) async fn current_token(&self) -> Result<(SecretString, Option<Arc<TokenCache>>)> {
        self.state.current_token(&self.core).await
    }
}

impl Logins {
    pub(super) fn new(store: Arc<dyn LoginStore>) -> Self {
        Self {
            store,
            users: CacheMap::default(),
        }
    }

    pub(super) fn get(&self, user: &str) -> Arc<UserLogin> {
        let make = |user: &Arc<str>| UserLogin {
            user: Arc::clone(user),
            store: Arc::clone(&self.store),
            cache: Arc::default(),
            refresh_lock: tokio::sync::Mutex::default(),
            saves: Mutex::default(),
            save_lock: tokio::sync::Mutex::default(),
            revoked: Mutex::default(),
        };
        self.users.get(user, make, UserLogin::is_idle)
    }
}

impl UserLogin {
    /// Returns the current token and its cache.
    pub(super) async fn current_token(
        self: &Arc<Self>,
        core: &Arc<Core>,
    ) -> Result<(SecretString, Option<Arc<TokenCache>>)> {
        let refresh = |stale| renewal::refresh(Arc::clone(core), Arc::clone(self), stale);
        let text = self.cache.get_or_fetch(&oauth::Token::ENDPOINT, refresh).await?;
        Ok((text, Some(Arc::clone(&self.cache))))
    }

    fn is_idle(&self) -> bool {
        self.cache.is_idle() && !self.has_unsaved()
    }
}

/// Returns the app to which the users have logged in.
fn app(core: &Core) -> Result<Arc<App>> {
    let app = core.auth.app();
    app.cloned()
        .map_err(|error| Error::at(&oauth::Token::ENDPOINT, ErrorKind::Auth(error)))
}

fn login_error(error: LoginError) -> Error {
    Error::at(&oauth::Token::ENDPOINT, ErrorKind::Login(error))
}

/// Omits the tokens.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("user", &self.state.user)
            .finish_non_exhaustive()
    }
}

/// A login attempt: the URL to redirect the user to, and the values to keep in the user's session until the user
/// returns.
///
/// ```no_run
/// # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
/// use larkspur::login::LoginAttempt;
///
/// // Redirect the user to `attempt.url`, and keep the other values in the session.
/// let attempt = client.login_page("https://example.com/callback")?.scope("offline_access").begin()?;
/// let (state, verifier) = (attempt.state, attempt.verifier);
///
/// // When the user returns to https://example.com/callback?code=…&state=…
/// let query = "code=…&state=…";
/// let attempt = LoginAttempt::resume("https://example.com/callback", state, verifier);
/// let login = client.login("user-42");
/// login.exchange(attempt.code(query)?, &attempt).await?;
///
/// // From now on, also after a restart of the program:
/// let client = client.as_login(&login);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct LoginAttempt {
    /// URL to redirect the user to; empty for a resumed attempt.
    pub url: String,
    /// Returned with the user; proves that the callback belongs to this attempt.
    pub state: String,
    /// PKCE verifier: proves that the exchange comes from the party that began the login.
    pub verifier: SecretString,
    /// URL that the user returns to.
    pub redirect_uri: String,
}

impl LoginAttempt {
    /// Restores an attempt from the values in the user's session.
    pub fn resume(
        redirect_uri: impl Into<String>,
        state: impl Into<String>,
        verifier: impl Into<SecretString>,
    ) -> Self {
        Self {
            url: String::new(),
            state: state.into(),
            verifier: verifier.into(),
            redirect_uri: redirect_uri.into(),
        }
    }

    /// Extracts the authorization code from the query with which the user returned (the part after `?`).
    ///
    /// # Errors
    ///
    /// If the query belongs to another attempt (a third party may have sent the user), if the user denied consent, or
    /// if the code is missing.
    pub fn code(&self, query: &str) -> Result<SecretString> {
        let state = parameter(query, "state").unwrap_or_default();
        if self.state.is_empty() || state != self.state {
            return Err(login_error(LoginError::OtherAttempt));
        }
        if let Some(error) = parameter(query, "error") {
            let reason = error.chars().filter(char::is_ascii_graphic).take(60).collect();
            return Err(login_error(LoginError::Denied(reason)));
        }
        parameter(query, "code")
            .filter(|code| !code.is_empty())
            .map(SecretString::from)
            .ok_or_else(|| login_error(LoginError::NoCode))
    }
}

/// Returns the first value of a parameter, decoded.
fn parameter(query: &str, name: &str) -> Option<String> {
    let pairs = query
        .trim_start_matches('?')
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    let value = pairs.into_iter().find(|(key, _)| *key == name)?.1;
    let decoded = percent_decode_str(value).decode_utf8_lossy();
    Some(decoded.into_owned())
}

/// Omits the verifier and the state, which only the user's browser may know.
impl fmt::Debug for LoginAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginAttempt")
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}

/// Path of the authorization page.
const AUTHORIZE_PATH: &str = "/open-apis/authen/v1/authorize";

/// The authorization page; see [`Client::login_page`](crate::Client::login_page).
#[derive(Debug, Clone)]
#[must_use = "a page does nothing until `begin`"]
pub struct LoginPage {
    accounts: String,
    app: String,
    redirect_uri: String,
    scope: String,
}

impl LoginPage {
    pub(crate) fn new(base_url: &str, app: &str, redirect_uri: String) -> Self {
        // By default, a private deployment serves the page and the endpoints under one URL.
        Self {
            accounts: transport::platform_url(base_url, PlatformHost::Accounts).into_owned(),
            app: app.to_owned(),
            redirect_uri,
            scope: String::new(),
        }
    }

    /// Sets the scopes to request, separated by spaces, at most 50. With `offline_access` the client refreshes the
    /// login; without, it expires after about two hours.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Sets the base URL of the page in a private deployment.
    pub fn accounts_url(mut self, url: impl Into<String>) -> Self {
        self.accounts = url.into().trim_end_matches('/').to_owned();
        self
    }

    /// Begins a login attempt.
    ///
    /// # Errors
    ///
    /// If the operating system provides no random numbers.
    pub fn begin(self) -> Result<LoginAttempt> {
        let state = random()?;
        let verifier = random()?;
        let challenge = base64url(ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes()).as_ref());
        let mut query = String::new();
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", &self.app),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scope),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ] {
            if !value.is_empty() {
                wire::push_query(&mut query, name, value);
            }
        }
        let url = format!("{}{AUTHORIZE_PATH}?{query}", self.accounts);
        let verifier = SecretString::from(verifier);
        debug_assert!((43..=128).contains(&verifier.expose_secret().len()));
        Ok(LoginAttempt {
            url,
            state,
            verifier,
            redirect_uri: self.redirect_uri,
        })
    }
}

/// Returns 256 random bits as 43 characters.
fn random() -> Result<String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| ConfigError::Random)?;
    Ok(base64url(&bytes))
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
