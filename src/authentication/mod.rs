//! Authentication: the caller of a request, and the token it carries.

mod app;
pub mod login;
mod select;
mod store_app;
mod token;
mod token_cache;

/// Tickets of store apps: the platform pushes one every hour, in an event.
pub mod tickets {
    pub use super::store_app::{TicketSource, Tickets};
}

use std::fmt;
use std::sync::Arc;

pub(crate) use app::App;
use login::{Logins, UserLogin};
use secrecy::SecretString;

use crate::auth::v3::{app_access_token, tenant_access_token};
use crate::call::Core;
use crate::endpoint::{AppKind, EndpointInfo, TokenKind};
use crate::error::{AuthError, Error, ErrorKind, Result};
use crate::secret::same;
use crate::store::{LoginStore, MemoryLogins, TokenStore};
use select::Lacks;
pub(crate) use select::{Caller, Who};
use store_app::Resend;
use token_cache::{Cell, Keyed};

/// Codes with which the platform refuses a token, be it for the token's sake or for that of its kind.
const TOKEN_REFUSED: [i64; 6] = [99991663, 99991664, 99991665, 99991668, 99991671, 99991677];

/// Whether the platform refuses with this code the token that it was sent.
pub(crate) fn is_about_token(code: i64) -> bool {
    TOKEN_REFUSED.contains(&code)
}

/// What the builder was told of credentials.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub app: Option<App>,
    pub tenant_token: Option<SecretString>,
    pub user_token: Option<SecretString>,
    /// The user in whose name the client calls what takes user tokens alone.
    pub user: Option<String>,
    /// Where the logins of users are kept; in memory where it is not set.
    pub logins: Option<Arc<dyn LoginStore>>,
    /// Where processes share the tokens of the app.
    pub store: Option<Arc<dyn TokenStore>>,
}

/// The credentials of a client, and the tokens that it got with them.
pub(crate) struct Access {
    /// Id of the app; empty where the client does not know it.
    id: Arc<str>,
    app: Option<Arc<App>>,
    tenant_token: Option<SecretString>,
    user_token: Option<SecretString>,
    user: Option<Arc<UserLogin>>,
    /// Of a custom app, in its one tenant.
    tenant_cell: Arc<Cell>,
    /// Of a store app, in each tenant.
    tenant_cells: Keyed<Cell>,
    app_cell: Arc<Cell>,
    resend: Resend,
    logins: Logins,
    store: Option<Arc<dyn TokenStore>>,
}

/// Under what the platform counts the calls of a caller.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    /// Id of the app; empty where the client does not know it.
    pub app: Arc<str>,
    /// Key of the tenant; empty for the one tenant of a custom app.
    pub tenant: Arc<str>,
}

/// A token that a call carries.
#[derive(Clone)]
pub(crate) struct AccessToken {
    pub text: SecretString,
    /// Where it is kept; `None` where it was given from outside and cannot be renewed.
    cell: Option<Arc<Cell>>,
}

impl Access {
    pub(crate) fn new(settings: Settings) -> Self {
        let app = settings.app.map(Arc::new);
        let logins = Logins::new(settings.logins.unwrap_or_else(|| Arc::new(MemoryLogins::new())));
        Self {
            id: app.as_ref().map_or_else(Arc::default, |app| app.id.as_str().into()),
            app,
            tenant_token: settings.tenant_token,
            user_token: settings.user_token,
            user: settings.user.map(|user| logins.of(&user)),
            tenant_cell: Arc::default(),
            tenant_cells: Keyed::default(),
            app_cell: Arc::default(),
            resend: Resend::default(),
            logins,
            store: settings.store,
        }
    }

    /// The token for a call: none where the endpoint takes none.
    ///
    /// # Errors
    ///
    /// Where the endpoint is not for this app or takes no token of the kind that the caller asks for, or the
    /// client has no credentials for one; and where the token cannot be had.
    pub(crate) async fn token(
        &self,
        core: &Arc<Core>,
        endpoint: &'static EndpointInfo,
        caller: &Caller,
    ) -> Result<Option<AccessToken>> {
        let refuse = |error| Error::at(endpoint, ErrorKind::Auth(error));
        self.check_app(endpoint).map_err(refuse)?;
        if endpoint.tokens.is_empty() {
            return Ok(None);
        }
        let kind = select::choose(endpoint.tokens, &caller.who, self.lacks(caller)).map_err(refuse)?;
        let (text, cell) = match (kind, &caller.who) {
            (TokenKind::Tenant, _) => self.tenant_token(core, caller.tenant.as_ref()).await?,
            (TokenKind::App, _) => (self.app_token(core).await?, Some(Arc::clone(&self.app_cell))),
            (TokenKind::User, Who::User(token)) => (token.clone(), None),
            (TokenKind::User, Who::Login(login)) => login.current().await?,
            (TokenKind::User, _) => self.user_token(core, endpoint).await?,
        };
        Ok(Some(AccessToken { text, cell }))
    }

    /// Tells that the platform refused this token with this code. Gives whether another try makes sense: whether
    /// the code may mean that the token is at fault, and [`Access::token`] may give another one. It is not the
    /// case for a token from outside, nor where the platform has just given the same token once more.
    pub(crate) fn refused(&self, token: &AccessToken, code: i64) -> bool {
        match &token.cell {
            Some(cell) if is_about_token(code) => cell.refuse(&token.text),
            _ => false,
        }
    }

    /// Under what the platform counts the calls of this caller.
    pub(crate) fn identity(&self, caller: &Caller) -> Identity {
        Identity {
            app: Arc::clone(&self.id),
            tenant: caller.tenant.clone().unwrap_or_default(),
        }
    }

    /// The app, for what is done with its id and secret.
    pub(crate) fn app(&self) -> Result<&Arc<App>, AuthError> {
        self.app.as_ref().ok_or(AuthError::NoApp)
    }

    /// What is known of the login of a user.
    pub(crate) fn login_of(&self, user: &str) -> Arc<UserLogin> {
        self.logins.of(user)
    }

    fn check_app(&self, endpoint: &'static EndpointInfo) -> Result<(), AuthError> {
        let allowed = endpoint.apps;
        match &self.app {
            Some(app) if !allowed.is_empty() && !allowed.contains(&app.kind()) => {
                let given = app.kind();
                Err(AuthError::AppKind { given, allowed })
            }
            _ => Ok(()),
        }
    }

    fn lacks(&self, caller: &Caller) -> Lacks {
        let kind = self.app.as_ref().map(|app| app.kind());
        Lacks {
            tenant: match (kind, &caller.tenant) {
                _ if self.tenant_token.is_some() => None,
                (None, _) => Some(AuthError::NoCredentials),
                (Some(AppKind::Store), tenant) if tenant.as_deref().is_none_or(str::is_empty) => {
                    Some(AuthError::NoTenant)
                }
                (Some(AppKind::Custom), Some(_)) => Some(AuthError::OneTenant),
                _ => None,
            },
            app: kind.is_none().then_some(AuthError::NoApp),
            user: match caller.who {
                Who::User(_) | Who::Login(_) => None,
                _ if self.user_token.is_some() || self.user.is_some() => None,
                _ => Some(AuthError::NoUser),
            },
        }
    }

    async fn tenant_token(
        &self,
        core: &Arc<Core>,
        tenant: Option<&Arc<str>>,
    ) -> Result<(SecretString, Option<Arc<Cell>>)> {
        if let Some(token) = &self.tenant_token {
            return Ok((token.clone(), None));
        }
        let (cell, endpoint) = match tenant {
            None => (Arc::clone(&self.tenant_cell), &tenant_access_token::Internal::ENDPOINT),
            Some(tenant) => {
                let cell = self.tenant_cells.get(tenant, |_| Cell::default(), Cell::is_idle);
                (cell, &tenant_access_token::Create::ENDPOINT)
            }
        };
        let fetch = |stale| app::tenant_token(core, tenant.cloned(), stale);
        let text = cell.token(endpoint, fetch).await?;
        Ok((text, Some(cell)))
    }

    async fn app_token(&self, core: &Arc<Core>) -> Result<SecretString> {
        let endpoint = match self.app.as_ref().map(|app| app.kind()) {
            Some(AppKind::Store) => &app_access_token::Create::ENDPOINT,
            _ => &app_access_token::Internal::ENDPOINT,
        };
        self.app_cell.token(endpoint, |stale| app::app_token(core, stale)).await
    }

    /// The token of the user that the builder was told of.
    async fn user_token(
        &self,
        core: &Arc<Core>,
        endpoint: &'static EndpointInfo,
    ) -> Result<(SecretString, Option<Arc<Cell>>)> {
        match (&self.user_token, &self.user) {
            (Some(token), _) => Ok((token.clone(), None)),
            (None, Some(login)) => login.current(core).await,
            (None, None) => Err(Error::at(endpoint, ErrorKind::Auth(AuthError::NoUser))),
        }
    }
}

/// Without tokens.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.tenant_token, &self.app) {
            (Some(_), _) => f.write_str("Fixed"),
            (None, Some(app)) => app.fmt(f),
            (None, None) => f.write_str("None"),
        }
    }
}

impl PartialEq for AccessToken {
    fn eq(&self, other: &Self) -> bool {
        same(&self.text, &other.text)
    }
}
