//! Authentication: the caller of a request, and the token it carries.

mod app;
pub mod login;
mod select;
pub mod tickets;
mod token;
mod token_cache;

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use crate::auth::v3::{app_access_token, tenant_access_token};
use crate::call::Core;
use crate::endpoint::{AppKind, EndpointInfo, TokenKind};
use crate::error::{AuthError, Error, ErrorKind, Result};
use crate::rate_limit::RateLimitScope;
use crate::secret::{is_same_secret, sha256_hex};
use crate::store::{LoginStore, MemoryLogins, Pending, TokenStore};
use crate::transport::BaseUrl;
pub(crate) use app::App;
use app::TicketResend;
use login::{Logins, UserLogin};
use select::MissingCredentials;
pub(crate) use select::{Caller, Principal};
use token::{SharedToken, Token};
use token_cache::{CacheMap, TokenCache};

/// Error codes with which the platform rejects a token or its kind.
const TOKEN_ERROR_CODES: [i64; 6] = [99991663, 99991664, 99991665, 99991668, 99991671, 99991677];

/// Returns whether the platform rejects a token with this code.
pub(crate) fn is_token_error(code: i64) -> bool {
    TOKEN_ERROR_CODES.contains(&code)
}

/// Credentials as set on the builder.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub app: Option<App>,
    pub tenant_token: Option<SecretString>,
    pub user_token: Option<SecretString>,
    /// The user for endpoints that accept only user tokens.
    pub user: Option<String>,
    /// Store for the logins of users; in memory by default.
    pub logins: Option<Arc<dyn LoginStore>>,
    /// Store for the tokens of the app that processes share.
    pub store: Option<Arc<dyn TokenStore>>,
}

/// The credentials of a client and its cached tokens.
pub(crate) struct Authenticator {
    /// Id of the app under which calls are counted; if unknown, a digest of the token that was set on the builder.
    counted_as: Arc<str>,
    app: Option<Arc<App>>,
    tenant_token: Option<SecretString>,
    user_token: Option<SecretString>,
    user: Option<Arc<UserLogin>>,
    /// For the only tenant of a custom app.
    tenant_cache: Arc<TokenCache>,
    /// For each tenant of a store app.
    tenant_caches: CacheMap<TokenCache>,
    app_cache: Arc<TokenCache>,
    resend: TicketResend,
    logins: Logins,
    store: Option<Arc<dyn TokenStore>>,
}

/// The access token of a call.
#[derive(Clone)]
pub(crate) struct AccessToken {
    pub text: SecretString,
    /// The cache that holds it; `None` if the program supplied the token, which then cannot be refreshed.
    cache: Option<Arc<TokenCache>>,
}

impl Authenticator {
    pub(crate) fn new(settings: Settings) -> Self {
        let app = settings.app.clone().map(Arc::new);
        let counted_as = counted_as(app.as_deref(), &settings);
        let logins = Logins::new(settings.logins.unwrap_or_else(|| Arc::new(MemoryLogins::new())));
        Self {
            counted_as,
            app,
            tenant_token: settings.tenant_token,
            user_token: settings.user_token,
            user: settings.user.map(|user| logins.get(&user)),
            tenant_cache: Arc::default(),
            tenant_caches: CacheMap::default(),
            app_cache: Arc::default(),
            resend: TicketResend::default(),
            logins,
            store: settings.store,
        }
    }

    /// Returns the token for a call; `None` if the endpoint needs none.
    ///
    /// # Errors
    ///
    /// If the endpoint does not accept this kind of app or the requested kind of token, unless `allow_undocumented`; if the
    /// client has no credentials for it, or if the token cannot be fetched.
    pub(crate) async fn token(
        &self,
        core: &Arc<Core>,
        endpoint: &'static EndpointInfo,
        caller: &Caller,
        allow_undocumented: bool,
    ) -> Result<Option<AccessToken>> {
        let refuse = |error| Error::at(endpoint, ErrorKind::Auth(error));
        if !allow_undocumented {
            self.check_app(endpoint).map_err(refuse)?;
        }
        let is_named = allow_undocumented && !matches!(caller.principal, Principal::Any);
        if endpoint.tokens.is_empty() && !is_named {
            return Ok(None);
        }
        let missing = self.missing_credentials(core, caller);
        let kind = if allow_undocumented {
            select::select_undocumented_kind(endpoint.tokens, &caller.principal, missing)
        } else {
            select::select_token_kind(endpoint.tokens, &caller.principal, missing)
        };
        let kind = kind.map_err(refuse)?;
        let (text, cache) = match (kind, &caller.principal) {
            (TokenKind::Tenant, _) => self.tenant_token(core, caller.tenant.as_ref()).await?,
            (TokenKind::App, _) => (self.app_token(core).await?, Some(Arc::clone(&self.app_cache))),
            (TokenKind::User, Principal::User(token)) => (token.clone(), None),
            (TokenKind::User, Principal::Login(login)) => login.current_token().await?,
            (TokenKind::User, _) => self.user_token(core, endpoint).await?,
        };
        Ok(Some(AccessToken { text, cache }))
    }

    /// Marks a token as rejected by the platform with this code. Returns whether a retry makes sense: the code concerns
    /// the token, and [`Authenticator::token`] may return another one. It does not for tokens that the program
    /// supplied, nor if the platform has just reissued the same one.
    pub(crate) fn invalidate(&self, token: &AccessToken, code: i64) -> bool {
        match &token.cache {
            Some(cache) if is_token_error(code) => cache.invalidate(&token.text),
            _ => false,
        }
    }

    /// Returns the app and tenant for which the platform counts calls of this caller.
    pub(crate) fn rate_limit_scope(&self, base: &BaseUrl, caller: &Caller) -> RateLimitScope {
        let app = match &caller.principal {
            Principal::User(token) if self.app.is_none() => digest("token", token.expose_secret()),
            Principal::Login(login) if self.app.is_none() => digest("login", login.user()),
            _ => Arc::clone(&self.counted_as),
        };
        RateLimitScope {
            host: Arc::clone(base.host_and_path()),
            app,
            tenant: caller.tenant.clone().unwrap_or_default(),
        }
    }

    /// Returns the id of the app; empty if unknown.
    pub(crate) fn app_id(&self) -> &str {
        self.app.as_ref().map_or("", |app| &app.id)
    }

    /// Returns the app, for operations that need its id and secret.
    pub(crate) fn app(&self) -> Result<&Arc<App>, AuthError> {
        self.app.as_ref().ok_or(AuthError::NoApp)
    }

    /// Returns the login state of a user.
    pub(crate) fn login(&self, user: &str) -> Arc<UserLogin> {
        self.logins.get(user)
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

    /// A view that the client cannot honour has no credentials: its calls must not act for another tenant or app.
    fn missing_credentials(&self, core: &Arc<Core>, caller: &Caller) -> MissingCredentials {
        let kind = self.app.as_ref().map(|app| app.kind());
        let one_tenant = || (kind == Some(AppKind::Custom) && caller.tenant.is_some()).then_some(AuthError::OneTenant);
        MissingCredentials {
            tenant: match (kind, &caller.tenant) {
                (_, None) if self.tenant_token.is_some() => None,
                (_, Some(_)) if self.tenant_token.is_some() => Some(AuthError::FixedTenant),
                (None, _) => Some(AuthError::NoCredentials),
                (Some(AppKind::Store), tenant) if tenant.as_deref().is_none_or(str::is_empty) => {
                    Some(AuthError::NoTenant)
                }
                _ => one_tenant(),
            },
            app: kind.is_none().then_some(AuthError::NoApp),
            user: match &caller.principal {
                Principal::User(_) => one_tenant(),
                Principal::Login(login) if !login.belongs_to(core) => Some(AuthError::OtherClient),
                Principal::Login(_) => one_tenant(),
                _ if self.user_token.is_some() || self.user.is_some() => None,
                _ => Some(AuthError::NoUser),
            },
        }
    }

    async fn tenant_token(
        &self,
        core: &Arc<Core>,
        tenant: Option<&Arc<str>>,
    ) -> Result<(SecretString, Option<Arc<TokenCache>>)> {
        if let Some(token) = &self.tenant_token {
            return Ok((token.clone(), None));
        }
        let (cache, endpoint) = match tenant {
            None => (Arc::clone(&self.tenant_cache), &tenant_access_token::Internal::ENDPOINT),
            Some(tenant) => {
                let cache = self
                    .tenant_caches
                    .get(tenant, |_| TokenCache::default(), TokenCache::is_idle);
                (cache, &tenant_access_token::Create::ENDPOINT)
            }
        };
        let fetch = |stale| fetch_tenant_token(core, tenant.cloned(), stale);
        let text = cache.get_or_fetch(endpoint, fetch).await?;
        Ok((text, Some(cache)))
    }

    async fn app_token(&self, core: &Arc<Core>) -> Result<SecretString> {
        let endpoint = match self.app.as_ref().map(|app| app.kind()) {
            Some(AppKind::Store) => &app_access_token::Create::ENDPOINT,
            _ => &app_access_token::Internal::ENDPOINT,
        };
        self.app_cache
            .get_or_fetch(endpoint, |stale| fetch_app_token(core, stale))
            .await
    }

    /// Returns the token of the builder's user.
    async fn user_token(
        &self,
        core: &Arc<Core>,
        endpoint: &'static EndpointInfo,
    ) -> Result<(SecretString, Option<Arc<TokenCache>>)> {
        match (&self.user_token, &self.user) {
            (Some(token), _) => Ok((token.clone(), None)),
            (None, Some(login)) => login.current_token(core).await,
            (None, None) => Err(Error::at(endpoint, ErrorKind::Auth(AuthError::NoUser))),
        }
    }
}

/// Returns the app under which the platform counts the calls of these credentials.
fn counted_as(app: Option<&App>, settings: &Settings) -> Arc<str> {
    let token = settings.tenant_token.as_ref().or(settings.user_token.as_ref());
    match (app, token, &settings.user) {
        (Some(app), ..) => app.id.as_str().into(),
        (None, Some(token), _) => digest("token", token.expose_secret()),
        (None, None, Some(user)) => digest("login", user),
        (None, None, None) => Arc::default(),
    }
}

/// Returns a text that separates the callers of unknown apps. No app id has this form.
fn digest(kind: &str, text: &str) -> Arc<str> {
    let digest = sha256_hex(&format!("larkspur windows 1:{kind}:{text}"));
    format!("{kind}:{}", &digest[..32]).into()
}

/// Fetches the app's token for a tenant, or for the only tenant of a custom app. Boxed, because a token request is
/// itself a call and calls fetch tokens.
fn fetch_tenant_token(
    core: &Arc<Core>,
    tenant: Option<Arc<str>>,
    stale: Option<SecretString>,
) -> Pending<'static, Result<Token>> {
    let core = Arc::clone(core);
    Box::pin(async move {
        let app = require_app(&core, &tenant_access_token::Internal::ENDPOINT)?;
        let fetch = async {
            match &tenant {
                None => app::custom_tenant_token(&core, &app).await,
                Some(tenant) => app::store_tenant_token(&core, tenant).await,
            }
        };
        match shared(&core, &app, "tenant", tenant.as_deref().unwrap_or_default()) {
            Some(shared) => shared.get(stale.as_ref(), fetch).await,
            None => fetch.await,
        }
    })
}

/// Fetches the app token, which belongs to no tenant. Boxed for the same reason.
fn fetch_app_token(core: &Arc<Core>, stale: Option<SecretString>) -> Pending<'static, Result<Token>> {
    let core = Arc::clone(core);
    Box::pin(async move {
        let app = require_app(&core, &app_access_token::Internal::ENDPOINT)?;
        let fetch = async {
            match &app.tickets {
                None => app::custom_app_token(&core, &app).await,
                Some(tickets) => app::store_app_token(&core, &app, &**tickets, &core.auth.resend).await,
            }
        };
        match shared(&core, &app, "app", "") {
            Some(shared) => shared.get(stale.as_ref(), fetch).await,
            None => fetch.await,
        }
    })
}

fn require_app(core: &Core, endpoint: &'static EndpointInfo) -> Result<Arc<App>> {
    let app = core
        .auth
        .app()
        .map_err(|error| Error::at(endpoint, ErrorKind::Auth(error)))?;
    Ok(Arc::clone(app))
}

fn shared(core: &Core, app: &App, kind: &str, tenant: &str) -> Option<SharedToken> {
    let store = core.auth.store.as_ref()?;
    Some(SharedToken {
        store: Arc::clone(store),
        name: app.shared_token_key(core.base.as_str(), kind, tenant),
    })
}

/// Omits the tokens.
impl fmt::Debug for Authenticator {
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
        is_same_secret(&self.text, &other.text)
    }
}
