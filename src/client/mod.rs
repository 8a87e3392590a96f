//! The client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;
use secrecy::SecretString;

use crate::authentication::Principal;
use crate::authentication::login::{Login, LoginPage};
use crate::byte_stream::ByteStream;
use crate::call::{CallOptions, Core, Extra, NameHeader, Opened};
use crate::endpoint::{EndpointInfo, Request};
use crate::error::{Error, ErrorKind, Result};
use crate::rate_limit::RateLimitMode;
use crate::retry::{Budget, RetryPolicy};
use crate::store::StoreError;
#[cfg(feature = "drive")]
use crate::transport::LinkTransport;
use crate::wire::{FieldsMut, Value};

mod builder;

pub use builder::ClientBuilder;

/// Sends requests to the platform.
///
/// A client is cheap to clone; clones share connections and tokens. Views such as [`Client::as_user`] and
/// [`Client::with_deadline`] share them too.
///
/// Every call is validated against the spec before it is sent, with a token that its endpoint accepts: the first available of
/// the tenant token, the app token, and the token of the user set on the builder. Views that name a token kind send that kind
/// only. Calls go to the platform's host only; redirects are not followed.
#[derive(Clone)]
pub struct Client {
    core: Arc<Core>,
    options: CallOptions,
}

impl Client {
    /// Creates a builder.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Creates a client from the environment variables `LARKSPUR_APP_ID`, `LARKSPUR_APP_SECRET` and, for hosts other than
    /// Feishu, `LARKSPUR_BASE_URL`.
    ///
    /// # Errors
    ///
    /// Fails if a variable is missing, or [`ClientBuilder::build`] fails.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// Returns a view of this client that calls as a user with this token. The token is sent unchanged; for tokens that the
    /// client refreshes see [`Client::as_login`].
    pub fn as_user(&self, token: impl Into<SecretString>) -> Self {
        self.with_caller(Principal::User(token.into()))
    }

    /// Returns a view of this client that calls as a logged-in user; the client refreshes the token. Calls fail before they are
    /// sent if the login is of a client of another app or host.
    pub fn as_login(&self, login: &Login) -> Self {
        self.with_caller(Principal::Login(login.clone()))
    }

    /// Returns a view of this client that calls as the app, with its tenant token only. Without a view this is the default for
    /// endpoints that accept tenant tokens.
    pub fn as_tenant(&self) -> Self {
        self.with_caller(Principal::Tenant)
    }

    /// Returns a view of this client that calls as a store app in this tenant, whose key the platform sends when the app is
    /// installed. A custom app belongs to exactly one tenant, and so does the token of [`ClientBuilder::tenant_token`]: for both,
    /// calls of this view fail before they are sent.
    ///
    /// A view of it for a user, such as `client.for_tenant(key).as_user(token)`, counts its calls in the rate windows of this
    /// tenant, as the platform does.
    pub fn for_tenant(&self, tenant_key: impl Into<String>) -> Self {
        let mut client = self.with_caller(Principal::Tenant);
        client.options.caller.tenant = Some(tenant_key.into().into());
        client
    }

    /// Returns a view of this client that calls as the app without a tenant, with its app token. It drops the tenant of
    /// [`Client::for_tenant`].
    pub fn as_app(&self) -> Self {
        let mut client = self.with_caller(Principal::App);
        client.options.caller.tenant = None;
        client
    }

    /// Returns the login of a user of this client's app, saved or created later with [`Login::exchange`]. `user` is the
    /// program's own name for the user. [`ClientBuilder::logins`] sets the store.
    pub fn login(&self, user: impl AsRef<str>) -> Login {
        Login::new(&self.core, user.as_ref())
    }

    /// Returns the platform's login page, which redirects the user to `redirect_uri`. That must be registered for the app in
    /// the developer console.
    ///
    /// # Errors
    ///
    /// Fails if the client has no app.
    pub fn login_page(&self, redirect_uri: impl Into<String>) -> Result<LoginPage> {
        let app = self
            .core
            .auth
            .app()
            .map_err(|error| Error::new(ErrorKind::Auth(error)))?;
        Ok(LoginPage::new(self.core.base.as_str(), &app.id, redirect_uri.into()))
    }

    /// Returns a view of this client with this timeout for each attempt; see [`ClientBuilder::timeout`].
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        self.with(|options| options.timeout = timeout)
    }

    /// Returns a view of this client with this deadline for each call; see [`ClientBuilder::deadline`].
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        self.with(|options| options.deadline = deadline)
    }

    /// Returns a view of this client with this retry policy; see [`ClientBuilder::retries`].
    pub fn with_retries(&self, policy: RetryPolicy) -> Self {
        self.with(|options| options.retries = Some(policy))
    }

    /// Returns a view of this client with this mode at rate limits; see [`ClientBuilder::rate_limits`].
    pub fn with_rate_limits(&self, mode: RateLimitMode) -> Self {
        self.with(|options| options.limits = mode)
    }

    /// Lifts the pause of an endpoint that the platform has imposed for the app in the tenant of this view: in this process at
    /// once, and in processes that share the window store within a minute. Does nothing without a pause.
    ///
    /// ```no_run
    /// # async fn example(client: larkspur::Client) -> Result<(), larkspur::store::StoreError> {
    /// client.lift_pause(&larkspur::drive::v1::media::Download::ENDPOINT).await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the window store fails. The pause is lifted in this process only.
    pub async fn lift_pause(&self, endpoint: &'static EndpointInfo) -> Result<(), StoreError> {
        let scope = self.core.auth.rate_limit_scope(&self.core.base, &self.options.caller);
        self.core.rate_limiter.lift_pause(endpoint, &scope).await
    }

    /// Returns a view of this client that sends what the spec would refuse: token kinds and app kinds that the endpoint does not
    /// list, values out of bounds, and requests without required fields. The platform decides.
    ///
    /// Text that HTTP or JSON cannot carry, and values that would change the called path, are refused as before. Without a view
    /// such as [`Client::as_user`] a documented token kind is preferred.
    ///
    /// ```no_run
    /// # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
    /// use larkspur::drive::v1::file;
    ///
    /// // The page says 200 at most.
    /// let page = file::List::new().page_size(500).send(&client.allow_undocumented()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn allow_undocumented(&self) -> Self {
        self.with(|options| options.allow_undocumented = true)
    }

    /// Returns a view of this client that adds this parameter to the query of every call, after those of the request.
    ///
    /// ```no_run
    /// # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
    /// use larkspur::drive::v1::file;
    ///
    /// let client = client.extra_query("option", "new").extra_header("X-Feature", "beta");
    /// let page = file::List::new().send(&client).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn extra_query(&self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.with_extra(|extra| extra.add_query(name.as_ref(), value.as_ref()))
    }

    /// Returns a view of this client that sends this header with every call, in place of one of the request. Its value is
    /// treated as a secret.
    ///
    /// Headers that the client itself sets are refused when a call is sent, such as `Authorization`, `Host`, `Content-Length`
    /// and `Range`.
    pub fn extra_header(&self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.with_extra(|extra| extra.set_header(name.as_ref(), value.as_ref()))
    }

    /// Returns a view of this client that sends this field in the body of every call, in place of a field of the request with
    /// the same name. In a multipart body it is a part with text, and a call without a body gets a JSON body.
    ///
    /// ```no_run
    /// # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
    /// use larkspur::drive::v1::export_task::{Create, DocumentType, Extension};
    /// use larkspur::wire::json;
    ///
    /// let client = client.extra_body("options", json!({ "quality": "high" }));
    /// Create::new(Extension::Pdf, "doxcn1", DocumentType::Docx).send(&client).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn extra_body(&self, name: impl AsRef<str>, value: impl Into<Value>) -> Self {
        self.with_extra(|extra| extra.set_field(name.as_ref(), value.into()))
    }

    /// Returns a view that sends this body in place of the fields of the request.
    pub(crate) fn with_body(&self, body: Value) -> Self {
        self.with_extra(|extra| extra.set_body(body))
    }

    fn with_extra(&self, change: impl FnOnce(&mut Extra)) -> Self {
        self.with(|options| change(Arc::make_mut(options.extra.get_or_insert_default())))
    }

    fn with_caller(&self, principal: Principal) -> Self {
        self.with(|options| options.caller.principal = principal)
    }

    fn with(&self, change: impl FnOnce(&mut CallOptions)) -> Self {
        let mut client = self.clone();
        change(&mut client.options);
        client
    }

    /// Sends a request and decodes its JSON response. Generated `send` methods call this, and so can those of your own request
    /// types.
    ///
    /// # Errors
    ///
    /// Fails if the request is invalid, the platform rejects it, or the connection fails.
    pub async fn call(&self, request: &dyn Request, into: &mut (dyn FieldsMut + Send)) -> Result<()> {
        Core::call(&self.core, request, Some(into), &self.options).await
    }

    /// Sends a request whose response has no data.
    ///
    /// # Errors
    ///
    /// Those of [`Client::call`].
    pub async fn call_empty(&self, request: &dyn Request) -> Result<()> {
        Core::call(&self.core, request, None, &self.options).await
    }

    /// Sends a request and returns the JSON text of its response unchanged, including unknown keys and the digits of numbers:
    /// the value of `data`, or `{}` without one; for endpoints with fields next to `code` and `msg`, the whole object. It is
    /// for requests without a response type, such as those of [`dynamic`](crate::dynamic).
    ///
    /// # Errors
    ///
    /// Those of [`Client::call`].
    pub async fn call_json(&self, request: &dyn Request) -> Result<String> {
        Core::call_json(&self.core, request, &self.options).await
    }

    /// Sends a request whose response is a stream of bytes.
    ///
    /// # Errors
    ///
    /// Those of [`Client::call`], and if the response has other bytes than requested.
    pub async fn fetch(&self, request: &dyn Request) -> Result<ByteStream> {
        Core::fetch(&self.core, request, &self.options).await
    }
}

impl Client {
    /// Opens a file, with additional headers and, if `apart`, over a connection of its own. The call is not retried: the caller
    /// does that.
    pub(crate) async fn open(
        &self,
        request: &dyn Request,
        headers: HeaderMap,
        apart: bool,
        name_header: &Arc<NameHeader>,
    ) -> Result<Opened> {
        let options = CallOptions {
            headers,
            apart,
            name_header: Some(name_header.clone()),
            retries: Some(RetryPolicy::none()),
            ..self.options.clone()
        };
        Core::open(&self.core, request, &options).await
    }

    /// Returns the retry policy of this client.
    pub(crate) fn retries(&self) -> RetryPolicy {
        self.options.retries.unwrap_or(self.core.retries)
    }

    /// Returns the deadline of a call, including waits.
    pub(crate) fn deadline(&self) -> Duration {
        self.options.deadline
    }

    /// Returns the retry budget of this client.
    pub(crate) fn budget(&self) -> &Budget {
        &self.core.budget
    }

    /// Returns the transport for temporary links.
    #[cfg(feature = "drive")]
    pub(crate) fn links(&self) -> &LinkTransport {
        &self.core.links
    }

    /// Returns the timeout of an attempt.
    #[cfg(feature = "drive")]
    pub(crate) fn timeout(&self) -> Duration {
        self.options.timeout
    }

    /// Returns the base URL of the platform, without a trailing slash.
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
