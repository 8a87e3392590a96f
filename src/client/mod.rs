//! The client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;
use secrecy::SecretString;

use crate::authentication::Principal;
use crate::authentication::login::{Login, LoginPage};
use crate::byte_stream::ByteStream;
use crate::call::{CallOptions, Core, Opened};
use crate::endpoint::Request;
use crate::error::{Error, ErrorKind, Result};
use crate::rate_limit::RateLimitMode;
use crate::retry::{Budget, RetryPolicy};
#[cfg(feature = "drive")]
use crate::transport::LinkTransport;
use crate::wire::FieldsMut;

mod builder;

pub use builder::ClientBuilder;

/// Sends requests to the platform.
///
/// A client is cheap to clone, and its clones share connections and tokens: make one and pass it
/// around. [`Client::as_user`], [`Client::with_deadline`] and their like give views of it, which share them too.
///
/// Every call is checked against the spec before it is sent and gets a token that its endpoint takes:
/// the tenant token, else the app token, else that of the user whom the builder was told of, whichever
/// is the first that the client can have; the views that name a kind send that one or nothing. A call is
/// sent to the platform's host alone. Redirects are not followed.
#[derive(Clone)]
pub struct Client {
    core: Arc<Core>,
    options: CallOptions,
}

impl Client {
    /// Sets up a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A client for the app that the environment names: `LARKSPUR_APP_ID`, `LARKSPUR_APP_SECRET` and,
    /// for anything but Feishu, `LARKSPUR_BASE_URL`.
    ///
    /// # Errors
    ///
    /// Where a variable is missing, which the error names, or [`ClientBuilder::build`] fails.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// A view of this client that calls in the name of a user whose token the program has. The client sends the
    /// token as it is; [`Client::as_login`] is for users whose token it renews.
    pub fn as_user(&self, token: impl Into<SecretString>) -> Self {
        self.called_by(Principal::User(token.into()))
    }

    /// A view of this client that calls in the name of a user who logged in; the client renews the user's token.
    pub fn as_login(&self, login: &Login) -> Self {
        self.called_by(Principal::Login(login.clone()))
    }

    /// A view of this client that calls in the name of the app, with its tenant token. A client does so by itself
    /// where an endpoint takes tenant tokens; this view does nothing else.
    pub fn as_tenant(&self) -> Self {
        self.called_by(Principal::Tenant)
    }

    /// A view of this client that calls in the name of the app in this tenant, whose key the platform tells as the
    /// app is installed. It is for store apps: a custom app has one tenant alone.
    ///
    /// A view of this one for a user, such as `client.for_tenant(key).as_user(token)`, counts its calls under the
    /// limits of this tenant, as the platform does.
    pub fn for_tenant(&self, tenant_key: impl Into<String>) -> Self {
        let mut client = self.called_by(Principal::Tenant);
        client.options.caller.tenant = Some(tenant_key.into().into());
        client
    }

    /// A view of this client that calls in the name of the app, in no tenant, with its app token.
    pub fn as_app(&self) -> Self {
        self.called_by(Principal::App)
    }

    /// The login of a user at this client's app, be it saved already or still to come with [`Login::exchange`].
    /// `user` is whatever the program calls its users. Where logins are kept is for
    /// [`ClientBuilder::logins`] to say.
    pub fn login(&self, user: impl AsRef<str>) -> Login {
        Login::new(&self.core, user.as_ref())
    }

    /// The platform's page on which a user logs in; from there the user comes back to `redirect_uri`, which has to
    /// be among those that the developer console has for the app.
    ///
    /// # Errors
    ///
    /// Where the client has no app.
    pub fn login_page(&self, redirect_uri: impl Into<String>) -> Result<LoginPage> {
        let app = self
            .core
            .auth
            .app()
            .map_err(|error| Error::new(ErrorKind::Auth(error)))?;
        Ok(LoginPage::new(self.core.base.as_str(), &app.id, redirect_uri.into()))
    }

    /// A view of this client that waits so long for the answer of one attempt, as [`ClientBuilder::timeout`] has it.
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        self.with(|options| options.timeout = timeout)
    }

    /// A view of this client whose calls take no longer than this, as [`ClientBuilder::deadline`] has it.
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        self.with(|options| options.deadline = deadline)
    }

    /// A view of this client that tries again so often, as [`ClientBuilder::retries`] has it.
    pub fn with_retries(&self, policy: RetryPolicy) -> Self {
        self.with(|options| options.retries = Some(policy))
    }

    /// A view of this client that does this where an endpoint's limit is reached, as [`ClientBuilder::rate_limits`] has it.
    pub fn with_rate_limits(&self, mode: RateLimitMode) -> Self {
        self.with(|options| options.limits = mode)
    }

    fn called_by(&self, principal: Principal) -> Self {
        self.with(|options| options.caller.principal = principal)
    }

    fn with(&self, change: impl FnOnce(&mut CallOptions)) -> Self {
        let mut client = self.clone();
        change(&mut client.options);
        client
    }

    /// Sends a request and decodes its JSON answer. Generated `send` methods are this; so can be the
    /// method of a request type of your own.
    ///
    /// # Errors
    ///
    /// Where the request is wrong, the platform refuses it, or it fails on its way.
    pub async fn call(&self, request: &dyn Request, into: &mut (dyn FieldsMut + Send)) -> Result<()> {
        Core::call(&self.core, request, Some(into), &self.options).await
    }

    /// Sends a request whose answer has nothing to decode.
    ///
    /// # Errors
    ///
    /// Those of [`Client::call`].
    pub async fn call_empty(&self, request: &dyn Request) -> Result<()> {
        Core::call(&self.core, request, None, &self.options).await
    }

    /// Sends a request and gives the JSON text of its answer as the platform wrote it, keys that the spec does not know
    /// and digits that no number type has included: what stands in `data`, `{}` where nothing does; where the fields stand
    /// beside `code` and `msg`, the whole. It is for requests without a type for their answer, as those of
    /// [`dynamic`](crate::dynamic).
    ///
    /// # Errors
    ///
    /// Those of [`Client::call`].
    pub async fn call_json(&self, request: &dyn Request) -> Result<String> {
        Core::call_json(&self.core, request, &self.options).await
    }

    /// Sends a request whose answer is a stream of bytes.
    ///
    /// # Errors
    ///
    /// Those of [`Client::call`], and where other bytes come than were asked for.
    pub async fn fetch(&self, request: &dyn Request) -> Result<ByteStream> {
        Core::fetch(&self.core, request, &self.options).await
    }
}

impl Client {
    /// One call for a file, with these headers on top, `apart` over a connection that it shares with no other. It is not
    /// tried again: whoever calls sees to that.
    pub(crate) async fn open(&self, request: &dyn Request, headers: HeaderMap, apart: bool) -> Result<Opened> {
        let options = CallOptions {
            headers,
            apart,
            retries: Some(RetryPolicy::none()),
            ..self.options.clone()
        };
        Core::open(&self.core, request, &options).await
    }

    /// How often and how patiently calls of this client are tried again.
    pub(crate) fn retries(&self) -> RetryPolicy {
        self.options.retries.unwrap_or(self.core.retries)
    }

    /// How long a call of this client may take, its waits included.
    pub(crate) fn deadline(&self) -> Duration {
        self.options.deadline
    }

    /// What all calls of this client draw on.
    pub(crate) fn budget(&self) -> &Budget {
        &self.core.budget
    }

    /// How temporary links are followed.
    #[cfg(feature = "drive")]
    pub(crate) fn links(&self) -> &LinkTransport {
        &self.core.links
    }

    /// Longest wait for an answer.
    #[cfg(feature = "drive")]
    pub(crate) fn timeout(&self) -> Duration {
        self.options.timeout
    }

    /// The base URL of the platform: what its paths follow, without a slash at its end.
    pub fn base_url(&self) -> &str {
        self.core.base.as_str()
    }
}

/// Without secrets.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.core.base.as_str())
            .field("access", &self.core.auth)
            .field("caller", &self.options.caller)
            .field("timeout", &self.options.timeout)
            .finish_non_exhaustive()
    }
}
