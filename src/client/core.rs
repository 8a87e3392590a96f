//! What the clones and views of a client share.

use std::fmt;
use std::sync::OnceLock;

use super::host::BaseUrl;
use crate::authentication::Access;
use crate::interceptor::Hooks;
use crate::rate_limit::Limits;
use crate::retry::{Budget, RetryPolicy};
use crate::transport;

/// What the clones and views of a client share.
pub(crate) struct Core {
    pub http: reqwest::Client,
    /// For calls that are to have a connection each; made for the first of them.
    pub apart: OnceLock<reqwest::Client>,
    /// What that is made of; `None` where the HTTP client is the user's own.
    pub transport: Option<transport::Settings>,
    pub base: BaseUrl,
    pub access: Access,
    pub limits: Limits,
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
