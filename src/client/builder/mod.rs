//! Setting up a client.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::Client;
use super::core::Core;
use super::host::{BaseUrl, Host};
use super::view::View;
use crate::authentication::{self, Access};
use crate::error::{ConfigError, Result};
use crate::interceptor::Hooks;
use crate::rate_limit::{self, Limits};
use crate::retry::{Budget, RetryPolicy};
use crate::transport;

mod credentials;
mod hooks;
mod http;
mod limits;
#[cfg(feature = "drive")]
mod links;
mod retries;
mod shared;

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
    access: authentication::Settings,
    limits: rate_limit::Settings,
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

    /// The client.
    ///
    /// # Errors
    ///
    /// Where the id, the secret or a token cannot be one, the base URL cannot be used, or TLS cannot
    /// be set up.
    pub fn build(self) -> Result<Client> {
        credentials::check(&self.access)?;
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
        let view = View::new(self.timeout.unwrap_or(Self::TIMEOUT));
        Ok(Client {
            core: Arc::new(Core {
                http,
                apart: OnceLock::new(),
                transport,
                base,
                limits: Limits::new(self.limits.clone()),
                access: Access::new(self.access),
                retries: self.retries,
                budget: Budget::new(),
                hooks: self.hooks,
                #[cfg(feature = "drive")]
                links,
                max_json_bytes: self.max_json_bytes.unwrap_or(Self::LARGEST_JSON),
            }),
            view: View {
                limits: self.limits.mode,
                deadline: self.deadline.unwrap_or(view.deadline),
                ..view
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

/// Without secrets.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("app", &self.access.app)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
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
