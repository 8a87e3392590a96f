//! The builder of a client.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

#[cfg(feature = "drive")]
use reqwest::dns::Resolve;
use secrecy::{ExposeSecret, SecretString};

use super::Client;
use crate::authentication::tickets::TicketSource;
use crate::authentication::{self, App, Authenticator};
use crate::call::{CallOptions, Core};
use crate::endpoint::PlatformHost;
use crate::error::{ConfigError, Result};
use crate::interceptor::{Interceptor, Interceptors};
use crate::rate_limit::{self, RateLimitMode, RateLimiter};
use crate::retry::{Budget, RetryPolicy};
use crate::store::{LoginStore, TokenStore, WindowStore};
use crate::transport::{self, BaseUrl, Host};

const APP_ID: &str = "LARKSPUR_APP_ID";
const APP_SECRET: &str = "LARKSPUR_APP_SECRET";
const BASE_URL: &str = "LARKSPUR_BASE_URL";

/// Builds a [`Client`].
///
/// ```
/// # fn main() -> larkspur::Result<()> {
/// let client = larkspur::Client::builder()
///     .app("cli_slkdjalasdkjasd", "dskLLdkasdjlasdKK")
///     .host(larkspur::Host::Lark)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use = "a builder does nothing until `build`"]
pub struct ClientBuilder {
    auth: authentication::Settings,
    rate_limits: rate_limit::Settings,
    host: Host,
    timeout: Option<Duration>,
    deadline: Option<Duration>,
    retries: RetryPolicy,
    transport: transport::Settings,
    http: Option<reqwest::Client>,
    max_json_bytes: Option<u64>,
    strict_decoding: bool,
    interceptors: Interceptors,
    #[cfg(feature = "drive")]
    links: transport::LinkSettings,
}

impl ClientBuilder {
    /// Default of [`ClientBuilder::timeout`].
    const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
    /// Default of [`ClientBuilder::max_json_bytes`].
    const DEFAULT_MAX_JSON_BYTES: u64 = 64 * 1024 * 1024;

    /// Sets the host of the platform; default Feishu.
    pub fn host(mut self, host: Host) -> Self {
        self.host = host;
        self
    }

    /// Sets the base URL of a private deployment, a gateway or a mock server; same as [`Host::Custom`].
    pub fn base_url(self, url: impl Into<String>) -> Self {
        self.host(Host::Custom(url.into()))
    }

    /// Sets id and secret of a custom app; the client fetches and refreshes its tokens.
    pub fn app(mut self, id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        self.auth.app = Some(App {
            id: id.into(),
            secret: secret.into(),
            tickets: None,
        });
        self
    }

    /// Sets id, secret and ticket source of a store app, such as [`Tickets`](crate::tickets::Tickets). The client fetches and
    /// refreshes its tokens: the app token for a ticket, and with it the tenant token of each tenant of
    /// [`Client::for_tenant`](crate::Client::for_tenant). If there is no ticket, or the platform rejects it, the client
    /// requests a new one and calls wait for it.
    pub fn store_app(
        mut self,
        id: impl Into<String>,
        secret: impl Into<SecretString>,
        tickets: impl TicketSource,
    ) -> Self {
        self.auth.app = Some(App {
            id: id.into(),
            secret: secret.into(),
            tickets: Some(Arc::new(tickets)),
        });
        self
    }

    /// Sets a tenant token that is refreshed outside of the client. It takes precedence over tokens of
    /// [`ClientBuilder::app`].
    pub fn tenant_token(mut self, token: impl Into<SecretString>) -> Self {
        self.auth.tenant_token = Some(token.into());
        self
    }

    /// Sets a user token that is refreshed outside of the client, for endpoints that accept user tokens only. For single calls
    /// see [`Client::as_user`](crate::Client::as_user).
    pub fn user_token(mut self, token: impl Into<SecretString>) -> Self {
        self.auth.user_token = Some(token.into());
        self
    }

    /// Sets the user for endpoints that accept user tokens only; see [`Client::login`](crate::Client::login).
    /// [`ClientBuilder::user_token`] takes precedence.
    pub fn login(mut self, user: impl Into<String>) -> Self {
        self.auth.user = Some(user.into());
        self
    }

    /// Sets the login store, such as [`FileLogins`](crate::store::FileLogins). By default logins are in memory, and users have
    /// to log in again after a restart of the program.
    pub fn logins(mut self, store: impl LoginStore) -> Self {
        self.auth.logins = Some(Arc::new(store));
        self
    }

    /// Sets the timeout for establishing a connection; default 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.transport.connect_timeout = Some(timeout);
        self
    }

    /// Adds a proxy (of reqwest 0.13), in place of the one in the environment. The first match of several is used. Unlike that
    /// of the environment, it is used for a loopback base URL too.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let proxy = reqwest::Proxy::https("http://proxy.example:3128")?.basic_auth("user", "password");
    /// let client = larkspur::Client::builder().tenant_token("t-xxx").proxy(proxy).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn proxy(mut self, proxy: reqwest::Proxy) -> Self {
        self.transport.proxies.push(proxy);
        self
    }

    /// Adds root certificates to those of the operating system: the content of a PEM file with one or more.
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.transport.roots.push(pem.into());
        self
    }

    /// Sets an HTTP client of your own (of reqwest 0.13). [`ClientBuilder::connect_timeout`], [`ClientBuilder::proxy`] and
    /// [`ClientBuilder::root_certificate`] have no effect on it.
    ///
    /// Disable its redirects (`redirect::Policy::none()`): a response from another host is rejected, but by then that host has
    /// received headers of the call, and after a 307 the body with the app's secret. Disable its retries (`retry::never()`):
    /// they bypass the retry budget.
    pub fn http(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// Sets the maximum size of a JSON response in bytes; default 64 MiB. A larger one is an error. Files are streamed without
    /// a limit.
    pub fn max_json_bytes(mut self, bytes: u64) -> Self {
        self.max_json_bytes = Some(bytes);
        self
    }

    /// Sets whether a value of a response that does not fit its documented type is always an error; default false.
    ///
    /// The platform's responses differ from its documentation in places. By default an optional field whose value does not fit
    /// is absent, and a list or map goes without elements that do not fit. Their raw values are in the field `unknown` of the
    /// object, under the name of the field or the path of the element, and a warning of `tracing` names endpoint and path. Only
    /// a required field makes the call fail.
    pub fn strict_decoding(mut self, strict: bool) -> Self {
        self.strict_decoding = strict;
        self
    }

    /// Sets the timeout for the response of one attempt; default 30 seconds. Waiting for a token or the endpoint's rate limit
    /// before sending does not count. For a download it applies to the start of the body and to each further chunk, not to the
    /// whole file.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the deadline of a whole call; default 15 minutes: all attempts, and all waits for a token, for the endpoint's rate
    /// limit, and between attempts. A call that would have to wait beyond it fails immediately. For a download it applies to
    /// the start of the body.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Sets the retry policy; see [`RetryPolicy::new`] for the default.
    pub fn retries(mut self, policy: RetryPolicy) -> Self {
        self.retries = policy;
        self
    }

    /// Sets what a call does at the endpoint's rate limit; by default it waits.
    pub fn rate_limits(mut self, mode: RateLimitMode) -> Self {
        self.rate_limits.mode = mode;
        self
    }

    /// Adds an interceptor, which observes and modifies requests and responses. Several run in the order of their
    /// registration.
    pub fn interceptor(mut self, hook: impl Interceptor) -> Self {
        self.interceptors.add(hook);
        self
    }

    /// Sets a store for tenant and app tokens that the processes of the app share; by default each fetches its own.
    pub fn token_store(mut self, store: impl TokenStore) -> Self {
        self.auth.store = Some(Arc::new(store));
        self
    }

    /// Sets a store for rate windows that the processes of the app share; by default each counts its own calls.
    pub fn window_store(mut self, store: impl WindowStore) -> Self {
        self.rate_limits.store = Some(Arc::new(store));
        self
    }

    /// Shares tokens and rate windows with all processes that use this Redis with the same prefix.
    #[cfg(feature = "redis")]
    pub fn redis(self, redis: crate::store::redis::Redis) -> Self {
        self.token_store(redis.clone()).window_store(redis)
    }

    /// Builds the client.
    ///
    /// # Errors
    ///
    /// Fails if a credential or the base URL is invalid, or TLS cannot be set up.
    pub fn build(self) -> Result<Client> {
        check_credentials(&self.auth)?;
        let base = BaseUrl::new(&self.host)?;
        #[cfg(feature = "drive")]
        let links = transport::LinkTransport::new(self.links, self.transport.clone(), base.is_loopback());
        let (http, transport) = match self.http {
            Some(http) => (http, None),
            None => {
                let http = self.transport.clone().http_client(base.is_loopback())?;
                (http, Some(self.transport))
            }
        };
        let options = CallOptions::new(self.timeout.unwrap_or(Self::DEFAULT_TIMEOUT));
        Ok(Client {
            core: Arc::new(Core {
                http,
                apart: OnceLock::new(),
                transport,
                www: base.for_host(PlatformHost::Www)?,
                accounts: base.for_host(PlatformHost::Accounts)?,
                base,
                rate_limiter: RateLimiter::new(self.rate_limits.clone()),
                auth: Authenticator::new(self.auth),
                retries: self.retries,
                budget: Budget::new(),
                interceptors: self.interceptors,
                #[cfg(feature = "drive")]
                links,
                max_json_bytes: self.max_json_bytes.unwrap_or(Self::DEFAULT_MAX_JSON_BYTES),
                strict_decoding: self.strict_decoding,
            }),
            options: CallOptions {
                limits: self.rate_limits.mode,
                deadline: self.deadline.unwrap_or(options.deadline),
                ..options
            },
        })
    }

    /// Creates a builder from environment variables.
    pub(super) fn from_variables(get: impl Fn(&str) -> Option<OsString>) -> Result<Self> {
        let id = required(&get, APP_ID)?;
        let secret = required(&get, APP_SECRET)?;
        let builder = Self::default().app(id, secret);
        Ok(match variable(&get, BASE_URL)? {
            Some(url) => builder.base_url(url),
            None => builder,
        })
    }

    /// Creates a builder from the process environment.
    pub(super) fn from_env() -> Result<Self> {
        Self::from_variables(|name| env::var_os(name))
    }
}

#[cfg(feature = "drive")]
impl ClientBuilder {
    /// Allows [`Client::download_link`](crate::Client::download_link) to follow links to addresses outside of the public
    /// internet, including plain HTTP: for a platform in your own network, and for mock servers. Not allowed by default.
    ///
    /// Links and redirects are untrusted, and a process often reaches internal hosts. So each address, including those that
    /// names resolve to, is checked before a connection is made. Links use the proxy of the client, whose own address may be
    /// private. A proxy resolves names itself: behind it, the host of a link is refused if it is a private address, or a name of
    /// a private network such as `localhost` or `files.internal`.
    pub fn allow_private_links(mut self, allow: bool) -> Self {
        self.links.allow_private = allow;
        self
    }

    /// Sets the resolver (of reqwest 0.13) for the hosts of temporary links and of the proxy to them; default that of the
    /// operating system.
    pub fn link_resolver(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.links.resolver = Some(resolver);
        self
    }
}

/// Without secrets.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("app", &self.auth.app)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

/// Rejects invalid credentials.
fn check_credentials(auth: &authentication::Settings) -> Result<(), ConfigError> {
    if let Some(app) = &auth.app {
        check_credential("the app id", &app.id)?;
        check_credential("the app secret", app.secret.expose_secret())?;
    }
    for (what, token) in [
        ("the tenant token", &auth.tenant_token),
        ("the user token", &auth.user_token),
    ] {
        if let Some(token) = token {
            check_credential(what, token.expose_secret())?;
        }
    }
    Ok(())
}

fn check_credential(what: &'static str, value: &str) -> Result<(), ConfigError> {
    let problem = if value.is_empty() {
        "is empty: copy it from the developer console"
    } else if value.chars().any(|c| c.is_control() || c.is_whitespace()) {
        "contains white space or a control character: remove it, for example a trailing line break"
    } else {
        return Ok(());
    };
    Err(ConfigError::Credential { what, problem })
}

fn required(get: &impl Fn(&str) -> Option<OsString>, name: &'static str) -> Result<String> {
    Ok(variable(get, name)?.ok_or(ConfigError::MissingVariable(name))?)
}

/// Reads a variable. An empty one counts as missing, as Compose files and CI leave them.
fn variable(get: &impl Fn(&str) -> Option<OsString>, name: &'static str) -> Result<Option<String>, ConfigError> {
    get(name)
        .filter(|value| !value.is_empty())
        .map(|value| value.into_string().map_err(|_| ConfigError::VariableNotText(name)))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(set: &'static [(&'static str, &'static str)]) -> String {
        message_from(|name| {
            let (_, value) = set.iter().find(|(key, _)| *key == name)?;
            Some(OsString::from(value))
        })
    }

    fn message_from(get: impl Fn(&str) -> Option<OsString>) -> String {
        match ClientBuilder::from_variables(get).and_then(ClientBuilder::build) {
            Ok(client) => format!("{client:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn names_missing_variables() {
        assert!(message(&[]).contains("LARKSPUR_APP_ID is not set"));
        assert!(message(&[(APP_ID, "cli_1")]).contains("LARKSPUR_APP_SECRET is not set"));
    }

    #[test]
    fn empty_variable_is_missing() {
        assert!(message(&[(APP_ID, "")]).contains("LARKSPUR_APP_ID is not set"));
        let set = &[(APP_ID, "cli_1"), (APP_SECRET, "s3cret"), (BASE_URL, "")];
        assert!(message(set).contains("https://open.feishu.cn"));
    }

    #[cfg(unix)]
    #[test]
    fn names_invalid_variables_without_value() {
        use std::os::unix::ffi::OsStringExt as _;
        let message = message_from(|name| match name {
            APP_ID => Some(OsString::from("cli_1")),
            _ => Some(OsString::from_vec(b"s3cret\xff".to_vec())),
        });
        assert!(message.contains("LARKSPUR_APP_SECRET is not valid UTF-8"), "{message}");
        assert!(!message.contains("s3cret"), "{message}");
    }

    #[test]
    fn variables_set_app_and_base_url() {
        let set = &[
            (APP_ID, "cli_1"),
            (APP_SECRET, "s3cret"),
            (BASE_URL, "http://127.0.0.1:9"),
        ];
        let client = message(set);
        assert!(
            client.contains("cli_1") && client.contains("http://127.0.0.1:9"),
            "{client}"
        );
        assert!(!client.contains("s3cret"), "{client}");
    }
}
