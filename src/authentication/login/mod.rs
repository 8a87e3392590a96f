//! Users who log in: from the page on which they consent to tokens that the client renews.
//!
//! A refresh token works once. The client saves the pair that it got for one before it uses it, and only one task
//! of one process spends it.

mod attempt;
mod renewal;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;

use super::App;
use super::token_cache::{Cell, Keyed};
use crate::authen::v2::oauth;
use crate::call::Core;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Lease, LoginStore, StoredLogin};
pub use attempt::{LoginAttempt, LoginPage};

/// How long the right to spend a refresh token lasts if its process dies. Two answers of the store, one of the
/// platform and three tries to save the pair are over before that.
const LEASE: Duration = Duration::from_secs(120);
/// Longest wait for another task or process that renews the same login.
const LONGEST_WAIT: Duration = Duration::from_secs(40);
/// Longest wait for one answer of the store.
const STORE_TIMEOUT: Duration = Duration::from_secs(5);

/// The login of one user at a client's app: see [`Client::login`](crate::Client::login). Cheap to clone.
#[derive(Clone)]
pub struct Login {
    core: Arc<Core>,
    state: Arc<UserLogin>,
}

/// The logins of a client's users.
pub(super) struct Logins {
    store: Arc<dyn LoginStore>,
    users: Keyed<UserLogin>,
}

/// What this process knows of one user's login.
pub(crate) struct UserLogin {
    user: Arc<str>,
    store: Arc<dyn LoginStore>,
    cell: Arc<Cell>,
    /// Renewal and exchange do not overlap.
    turn: tokio::sync::Mutex<()>,
    unsaved: Mutex<Option<Unsaved>>,
    over: Mutex<Option<renewal::Over>>,
}

/// A pair that the store could not take. The right to spend is kept with it, so that nobody spends again what is
/// still in the store.
struct Unsaved {
    login: StoredLogin,
    lease: Option<Lease>,
}

impl Login {
    pub(crate) fn new(core: &Arc<Core>, user: &str) -> Self {
        Self {
            core: Arc::clone(core),
            state: core.access.login_of(user),
        }
    }

    /// Ends a login that the user began on the platform's page: gives the code that came back for a token and, if
    /// the user consented to `offline_access`, a refresh token, and saves both. What was saved before for this user
    /// is replaced.
    ///
    /// It goes on to its end even if the future is dropped: the code works once.
    ///
    /// # Errors
    ///
    /// Where the code is older than five minutes, was used or belongs to another attempt, which the platform says;
    /// where another process holds the user's login for long; and where the store fails. If it could not keep
    /// what came, the client does, and tries again before it uses it.
    pub async fn exchange(&self, code: impl Into<SecretString>, attempt: &LoginAttempt) -> Result<()> {
        renewal::exchange(self, code.into(), attempt).await
    }

    /// The token for a call now, and where it is kept.
    pub(super) async fn current(&self) -> Result<(SecretString, Option<Arc<Cell>>)> {
        self.state.current(&self.core).await
    }
}

impl Logins {
    pub(super) fn new(store: Arc<dyn LoginStore>) -> Self {
        Self {
            store,
            users: Keyed::default(),
        }
    }

    pub(super) fn of(&self, user: &str) -> Arc<UserLogin> {
        let make = |user: &Arc<str>| UserLogin {
            user: Arc::clone(user),
            store: Arc::clone(&self.store),
            cell: Arc::default(),
            turn: tokio::sync::Mutex::default(),
            unsaved: Mutex::default(),
            over: Mutex::default(),
        };
        self.users.get(user, make, UserLogin::is_idle)
    }
}

impl UserLogin {
    /// The token for a call now, and where it is kept.
    pub(super) async fn current(self: &Arc<Self>, core: &Arc<Core>) -> Result<(SecretString, Option<Arc<Cell>>)> {
        let renew = |stale| renewal::renew(Arc::clone(core), Arc::clone(self), stale);
        let text = self.cell.token(&oauth::Token::ENDPOINT, renew).await?;
        Ok((text, Some(Arc::clone(&self.cell))))
    }

    fn is_idle(&self) -> bool {
        self.cell.is_idle() && renewal::lock(&self.unsaved).is_none()
    }
}

/// The app whose users these are.
fn app(core: &Core) -> Result<Arc<App>> {
    let app = core.access.app();
    app.cloned()
        .map_err(|error| Error::at(&oauth::Token::ENDPOINT, ErrorKind::Auth(error)))
}

/// Without tokens.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("user", &self.state.user)
            .finish_non_exhaustive()
    }
}
