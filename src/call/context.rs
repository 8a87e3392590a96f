//! What the clones and views of a client share.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::HeaderMap;

use crate::authentication::{Authenticator, Caller};
use crate::interceptor::Hooks;
use crate::rate_limit::{RateLimitMode, RateLimiter};
use crate::retry::{Budget, RetryPolicy};
use crate::transport::{self, BaseUrl};

/// What the clones and views of a client share.
pub(crate) struct Core {
    pub http: reqwest::Client,
    /// For calls that are to have a connection each; made for the first of them.
    pub apart: OnceLock<reqwest::Client>,
    /// What that is made of; `None` where the HTTP client is the user's own.
    pub transport: Option<transport::Settings>,
    pub base: BaseUrl,
    pub auth: Authenticator,
    pub rate_limiter: RateLimiter,
    /// For calls whose view has none of its own, those for tokens included.
    pub retries: RetryPolicy,
    pub budget: Budget,
    pub hooks: Hooks,
    /// How temporary links are followed.
    #[cfg(feature = "drive")]
    pub links: transport::LinkTransport,
    /// Largest JSON answer, in bytes.
    pub max_json_bytes: u64,
}

impl Core {
    /// The HTTP client; `apart`, one that shares no connection between calls under way, which HTTP/2 would.
    pub(crate) fn http(&self, apart: bool) -> &reqwest::Client {
        match &self.transport {
            Some(transport) if apart => self.apart.get_or_init(|| {
                let made = transport.clone().http1_client(self.base.is_loopback());
                // Of the same settings one has been made already.
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

/// Options of a call: what the views of one client differ in.
#[derive(Clone)]
pub(crate) struct CallOptions {
    pub caller: Caller,
    /// Longest wait for the answer of one attempt.
    pub timeout: Duration,
    /// Longest time of the call with all that it waits for.
    pub deadline: Duration,
    pub limits: RateLimitMode,
    /// `None` for what the builder was told.
    pub retries: Option<RetryPolicy>,
    /// Headers on top of those of the request: which part of a file is asked for.
    pub headers: HeaderMap,
    /// Whether the call has a connection to itself.
    pub apart: bool,
}

impl CallOptions {
    /// Longest time of a call unless something else is set.
    const DEADLINE: Duration = Duration::from_secs(15 * 60);

    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            caller: Caller::default(),
            timeout,
            deadline: Self::DEADLINE,
            limits: RateLimitMode::default(),
            retries: None,
            headers: HeaderMap::new(),
            apart: false,
        }
    }
}
