//! The path of every call: checks, then attempts until one succeeds or the retry policy gives up.

mod envelope;
mod extra;
mod request;
mod response;
mod retry_loop;
mod span;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::HeaderMap;

use crate::authentication::{Authenticator, Caller};
use crate::endpoint::{EndpointInfo, PlatformHost};
use crate::interceptor::Interceptors;
use crate::rate_limit::{RateLimitMode, RateLimiter};
use crate::retry::{Budget, RetryPolicy};
use crate::transport::{self, BaseUrl};

pub(crate) use envelope::clean;
pub(crate) use extra::Extra;
pub(crate) use request::NameHeader;
pub(crate) use response::Opened;
#[cfg(feature = "drive")]
pub(crate) use response::{Sniffed, sniff};

/// The state that clones and views of a client share.
pub(crate) struct Core {
    pub http: reqwest::Client,
    /// For calls with a connection of their own; created on first use.
    pub apart: OnceLock<reqwest::Client>,
    /// Its settings; `None` for an HTTP client of the user.
    pub transport: Option<transport::Settings>,
    pub base: BaseUrl,
    /// The base URLs of the other hosts of the platform.
    pub www: BaseUrl,
    pub accounts: BaseUrl,
    pub auth: Authenticator,
    pub rate_limiter: RateLimiter,
    /// The policy for views without one, and for token calls.
    pub retries: RetryPolicy,
    pub budget: Budget,
    pub interceptors: Interceptors,
    /// The transport for temporary links.
    #[cfg(feature = "drive")]
    pub links: transport::LinkTransport,
    /// Maximum size of a JSON response, in bytes.
    pub max_json_bytes: u64,
    /// Whether every value of a response that does not fit its type is an error.
    pub strict_decoding: bool,
}

impl Core {
    /// Returns the base URL of an endpoint.
    pub(crate) fn base_of(&self, endpoint: &EndpointInfo) -> &BaseUrl {
        match endpoint.host {
            PlatformHost::Open => &self.base,
            PlatformHost::Www => &self.www,
            PlatformHost::Accounts => &self.accounts,
        }
    }

    /// Returns the HTTP client; with `apart` one for HTTP/1, where concurrent calls do not share a connection.
    pub(crate) fn http(&self, apart: bool) -> &reqwest::Client {
        match &self.transport {
            Some(transport) if apart => self.apart.get_or_init(|| {
                let made = transport.clone().http1_client(self.base.is_loopback());
                // Building cannot fail: the same settings have worked before.
                made.unwrap_or_else(|_| self.http.clone())
            }),
            _ => &self.http,
        }
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").finish_non_exhaustive()
    }
}

/// Options of a call, in which the views of a client differ.
#[derive(Clone)]
pub(crate) struct CallOptions {
    pub caller: Caller,
    /// Timeout of one attempt.
    pub timeout: Duration,
    /// Maximum time of the call with all waits.
    pub deadline: Duration,
    pub limits: RateLimitMode,
    /// `None` for the policy of the builder.
    pub retries: Option<RetryPolicy>,
    /// Headers in addition to those of the request, such as a range.
    pub headers: HeaderMap,
    /// Whether the call has a connection of its own.
    pub apart: bool,
    /// Whether the call is sent although the spec would refuse it.
    pub allow_undocumented: bool,
    /// What is sent in addition to the request.
    pub extra: Option<Arc<Extra>>,
    /// For the calls of a download.
    pub name_header: Option<Arc<NameHeader>>,
}

impl CallOptions {
    /// Default of [`ClientBuilder::deadline`](crate::ClientBuilder::deadline).
    const DEFAULT_DEADLINE: Duration = Duration::from_secs(15 * 60);

    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            caller: Caller::default(),
            timeout,
            deadline: Self::DEFAULT_DEADLINE,
            limits: RateLimitMode::default(),
            retries: None,
            headers: HeaderMap::new(),
            apart: false,
            allow_undocumented: false,
            extra: None,
            name_header: None,
        }
    }
}
