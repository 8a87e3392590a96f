//! Logins of users: the authorization page, and user tokens that the client refreshes.
//!
//! A refresh token works once. The client saves each new pair of tokens before it uses it, and only one task of one
//! process spends a refresh token.

mod attempt;
mod renewal;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;

use super::App;
use super::token_cache::{CacheMap, TokenCache};
use crate::authen::v2::oauth;
use crate::call::Core;
use crate::error::{Error, ErrorKind, LoginError, Result};
use crate::store::{Lease, LoginStore, StoredLogin};
pub use attempt::{LoginAttempt, LoginPage};

/// TTL of the lock for spending a refresh token; longer than two store operations, a token request and three attempts
/// to save the pair.
const LEASE_TTL: Duration = Duration::from_secs(120);
/// Maximum wait for another task or process that refreshes the same login.
const MAX_WAIT: Duration = Duration::from_secs(40);
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
    unsaved: Mutex<Option<Unsaved>>,
    revoked: Mutex<Option<renewal::RevokedToken>>,
}

/// A pair that could not be saved. Its lease is held too, so that no process spends the refresh token that is still in
/// the store.
struct Unsaved {
    login: StoredLogin,
    lease: Option<Lease>,
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
    /// If the platform rejects the code (it is older than five minutes, was used, or belongs to another attempt), if
    /// another process holds the user's login for too long, or if the store fails. Tokens that could not be saved stay
    /// in memory, and the client saves them before it uses them.
    pub async fn exchange(&self, code: impl Into<SecretString>, attempt: &LoginAttempt) -> Result<()> {
        renewal::exchange(self, code.into(), attempt).await
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
            unsaved: Mutex::default(),
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
        self.cache.is_idle() && renewal::lock(&self.unsaved).is_none()
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
