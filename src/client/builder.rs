//! Setting up a client.

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
use crate::error::{ConfigError, Result};
use crate::interceptor::{Hooks, Interceptor};
use crate::rate_limit::{self, RateLimitMode, RateLimiter};
use crate::retry::{Budget, RetryPolicy};
use crate::store::{LoginStore, TokenStore, WindowStore};
use crate::transport::{self, BaseUrl, Host};

const APP_ID: &str = "LARKSPUR_APP_ID";
const APP_SECRET: &str = "LARKSPUR_APP_SECRET";
const BASE_URL: &str = "LARKSPUR_BASE_URL";

/// Sets up a [`Client`].
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
    hooks: Hooks,
    #[cfg(feature = "drive")]
    links: transport::LinkSettings,
}

impl ClientBuilder {
    /// Longest wait for an answer unless [`ClientBuilder::timeout`] says otherwise.
    const TIMEOUT: Duration = Duration::from_secs(30);
    /// Largest JSON answer unless [`ClientBuilder::max_json_bytes`] says otherwise.
    const LARGEST_JSON: u64 = 64 * 1024 * 1024;

    /// Where the platform is; Feishu unless set.
    pub fn host(mut self, host: Host) -> Self {
        self.host = host;
        self
    }

    /// Base URL of a private deployment, a gateway or a stand-in: the same as [`Host::Custom`].
    pub fn base_url(self, url: impl Into<String>) -> Self {
        self.host(Host::Custom(url.into()))
    }

    /// Id and secret of a custom app; the client gets and renews its tokens.
    pub fn app(mut self, id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        self.auth.app = Some(App {
            id: id.into(),
            secret: secret.into(),
            tickets: None,
        });
        self
    }

    /// Id and secret of a store app, and where its tickets come from, such as
    /// [`Tickets`](crate::tickets::Tickets). The client gets and renews its tokens: the app token for a ticket, and
    /// with it the tenant token of each tenant that [`Client::for_tenant`](crate::Client::for_tenant) names. Where
    /// there is no ticket, or the platform refuses it, the client asks the platform to push one and calls wait for it.
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

    /// A tenant token that something else gets and renews. It goes before those that the client gets for
    /// [`ClientBuilder::app`].
    pub fn tenant_token(mut self, token: impl Into<SecretString>) -> Self {
        self.auth.tenant_token = Some(token.into());
        self
    }

    /// A user token that something else gets and renews, for endpoints that take nothing else.
    /// [`Client::as_user`](crate::Client::as_user) is for one call or some.
    pub fn user_token(mut self, token: impl Into<SecretString>) -> Self {
        self.auth.user_token = Some(token.into());
        self
    }

    /// The user in whose name the client calls endpoints that take user tokens alone, as
    /// [`Client::login`](crate::Client::login) has it. [`ClientBuilder::user_token`] goes before it.
    pub fn login(mut self, user: impl Into<String>) -> Self {
        self.auth.user = Some(user.into());
        self
    }

    /// Where the logins of users are kept, such as [`FileLogins`](crate::store::FileLogins). Unless set they are
    /// kept in memory, and users have to log in again when the program has been restarted.
    pub fn logins(mut self, store: impl LoginStore) -> Self {
        self.auth.logins = Some(Arc::new(store));
        self
    }

    /// Longest wait for a connection, 10 seconds unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.transport.connect_timeout = Some(timeout);
        self
    }

    /// A proxy (of reqwest 0.13) to go through, in place of the one that the environment names. There may be several;
    /// the first that fits is taken. Unlike that of the environment, it is used for a base URL on this machine too.
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

    /// Root certificates to trust beside those of the operating system: the content of a PEM file, which may hold
    /// several.
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.transport.roots.push(pem.into());
        self
    }

    /// An HTTP client of your own (of reqwest 0.13). It is taken as it is; [`ClientBuilder::connect_timeout`],
    /// [`ClientBuilder::proxy`] and [`ClientBuilder::root_certificate`] have no effect on it.
    ///
    /// Switch its redirects off (`redirect::Policy::none()`): an answer from another host than the
    /// platform's is refused, but by then that host has had headers of the call, and after a 307 the
    /// body with the app's secret. Switch its retries off as well (`retry::never()`): they know no budget.
    pub fn http(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// Largest JSON answer that is taken into memory, in bytes; 64 MiB unless set. A larger one is an error. Files have
    /// no such limit: they are streamed.
    pub fn max_json_bytes(mut self, bytes: u64) -> Self {
        self.max_json_bytes = Some(bytes);
        self
    }

    /// Longest wait for the answer of one attempt, 30 seconds unless set. What the attempt waits for before it is sent,
    /// a token or its turn within the endpoint's limit, is not part of it. For a download it is the longest wait until
    /// it begins, and then for each further chunk: a large file takes as long as it takes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Longest time of a whole call, 15 minutes unless set: its attempts, and all waits for a token, for its turn within
    /// the endpoint's limit, and between attempts. A wait that could not end in time is not begun; the call fails at
    /// once. For a download it is the longest time until it begins.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How often a call is tried again; see [`RetryPolicy`] for what holds unless this is set.
    pub fn retries(mut self, policy: RetryPolicy) -> Self {
        self.retries = policy;
        self
    }

    /// What a call does where the endpoint's limit is reached; it waits unless set.
    pub fn rate_limits(mut self, mode: RateLimitMode) -> Self {
        self.rate_limits.mode = mode;
        self
    }

    /// Code of your own that sees and changes what is sent and what comes. There may be several; they run in the order
    /// in which they were given.
    pub fn interceptor(mut self, hook: impl Interceptor) -> Self {
        self.hooks.add(hook);
        self
    }

    /// Where the processes of the app share tenant and app tokens; unless set, each gets its own.
    pub fn token_store(mut self, store: impl TokenStore) -> Self {
        self.auth.store = Some(Arc::new(store));
        self
    }

    /// Where the processes of the app count calls together; unless set, each counts for itself.
    pub fn window_store(mut self, store: impl WindowStore) -> Self {
        self.rate_limits.store = Some(Arc::new(store));
        self
    }

    /// Shares tokens and rate windows with all processes that use this Redis with the same prefix.
    #[cfg(feature = "redis")]
    pub fn redis(self, redis: crate::store::redis::Redis) -> Self {
        self.token_store(redis.clone()).window_store(redis)
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// Where the id, the secret or a token cannot be one, the base URL cannot be used, or TLS cannot
    /// be set up.
    pub fn build(self) -> Result<Client> {
        check_credentials(&self.auth)?;
        let base = BaseUrl::new(&self.host)?;
        #[cfg(feature = "drive")]
        let links = transport::LinkTransport::new(self.links, self.transport.clone());
        let (http, transport) = match self.http {
            Some(http) => (http, None),
            None => {
                let http = self.transport.clone().http_client(base.is_loopback())?;
                (http, Some(self.transport))
            }
        };
        let options = CallOptions::new(self.timeout.unwrap_or(Self::TIMEOUT));
        Ok(Client {
            core: Arc::new(Core {
                http,
                apart: OnceLock::new(),
                transport,
                base,
                rate_limiter: RateLimiter::new(self.rate_limits.clone()),
                auth: Authenticator::new(self.auth),
                retries: self.retries,
                budget: Budget::new(),
                hooks: self.hooks,
                #[cfg(feature = "drive")]
                links,
                max_json_bytes: self.max_json_bytes.unwrap_or(Self::LARGEST_JSON),
            }),
            options: CallOptions {
                limits: self.rate_limits.mode,
                deadline: self.deadline.unwrap_or(options.deadline),
                ..options
            },
        })
    }

    /// A builder with what these variables say.
    pub(super) fn from_variables(get: impl Fn(&str) -> Option<OsString>) -> Result<Self> {
        let id = required(&get, APP_ID)?;
        let secret = required(&get, APP_SECRET)?;
        let builder = Self::default().app(id, secret);
        Ok(match variable(&get, BASE_URL)? {
            Some(url) => builder.base_url(url),
            None => builder,
        })
    }

    /// A builder with what the environment says.
    pub(super) fn from_env() -> Result<Self> {
        Self::from_variables(|name| env::var_os(name))
    }
}

#[cfg(feature = "drive")]
impl ClientBuilder {
    /// Lets [`Client::download_link`](crate::Client::download_link) follow links to addresses that are not on the public
    /// internet, in clear text too: for a platform in your own network, and for stand-ins. Not allowed unless set.
    ///
    /// A link and its redirects come from outside, and a process often reaches what nobody outside does. So each address is
    /// looked at before something connects to it, those that names have included. It is not so behind a proxy that
    /// [`ClientBuilder::proxy`] was given, which resolves names itself; that of the environment is not used for links.
    pub fn allow_private_links(mut self, allow: bool) -> Self {
        self.links.allow_private = allow;
        self
    }

    /// What tells the addresses of the hosts that links lead to (a resolver of reqwest 0.13); that of the operating system
    /// unless set.
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

/// Refuses what cannot be a credential.
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
        "is empty: give the one that the developer console shows"
    } else if value.chars().any(|c| c.is_control() || c.is_whitespace()) {
        "holds white space or a control character: give it without a line break at its end"
    } else {
        return Ok(());
    };
    Err(ConfigError::Credential { what, problem })
}

fn required(get: &impl Fn(&str) -> Option<OsString>, name: &'static str) -> Result<String> {
    Ok(variable(get, name)?.ok_or(ConfigError::MissingVariable(name))?)
}

/// A variable that is empty is as good as not set: so do Compose files and CI leave it.
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
            let (_, value) = set.iter().find(|(known, _)| *known == name)?;
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
    fn a_missing_variable_is_named() {
        assert!(message(&[]).contains("LARKSPUR_APP_ID is not set"));
        assert!(message(&[(APP_ID, "cli_1")]).contains("LARKSPUR_APP_SECRET is not set"));
    }

    #[test]
    fn an_empty_variable_is_a_missing_one() {
        assert!(message(&[(APP_ID, "")]).contains("LARKSPUR_APP_ID is not set"));
        let set = &[(APP_ID, "cli_1"), (APP_SECRET, "s3cret"), (BASE_URL, "")];
        assert!(message(set).contains("https://open.feishu.cn"));
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_no_text_is_named_and_not_shown() {
        use std::os::unix::ffi::OsStringExt as _;
        let message = message_from(|name| match name {
            APP_ID => Some(OsString::from("cli_1")),
            _ => Some(OsString::from_vec(b"s3cret\xff".to_vec())),
        });
        assert!(message.contains("LARKSPUR_APP_SECRET holds bytes"), "{message}");
        assert!(!message.contains("s3cret"), "{message}");
    }

    #[test]
    fn the_variables_set_the_app_and_the_base_url() {
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
