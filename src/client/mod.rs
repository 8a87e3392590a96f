//! The client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::Download;
use crate::access::Caller;
use crate::endpoint::Request;
use crate::error::Result;
use crate::limit::LimitMode;
use crate::retry::RetryPolicy;
use crate::transfer::{EndpointSource, Transfer};
use crate::wire::FieldsMut;

mod builder;
mod call;
mod console;
mod core;
mod fetch;
mod host;
mod incoming;
mod json;
mod open;
mod outgoing;
mod view;
mod watch;

pub use builder::ClientBuilder;
pub use host::Host;

pub(crate) use self::core::Core;
#[cfg(feature = "drive")]
pub(crate) use fetch::{is_an_error, is_json};
pub(crate) use open::Opened;
pub(crate) use view::View;

/// Sends requests to the platform.
///
/// A client is cheap to clone, and its clones share connections and tokens: make one and pass it
/// around. [`Client::as_user`], [`Client::with_deadline`] and their like give views of it, which share them too.
///
/// Every call is checked against the spec before it is sent, gets the token that its endpoint takes,
/// and is sent to the platform's host alone. Redirects are not followed.
#[derive(Clone)]
pub struct Client {
    core: Arc<Core>,
    view: View,
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

    /// A view of this client that calls in the name of a user who logged in.
    pub fn as_user(&self, token: impl Into<SecretString>) -> Self {
        self.called_by(Caller::User(token.into()))
    }

    /// A view of this client that calls in the name of the app itself, as a client does at first.
    pub fn as_tenant(&self) -> Self {
        self.called_by(Caller::Tenant)
    }

    /// A view of this client that waits so long for the answer of one attempt, as [`ClientBuilder::timeout`] has it.
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        self.with(|view| view.timeout = timeout)
    }

    /// A view of this client whose calls take no longer than this, as [`ClientBuilder::deadline`] has it.
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        self.with(|view| view.deadline = deadline)
    }

    /// A view of this client that tries again so often, as [`ClientBuilder::retries`] has it.
    pub fn with_retries(&self, policy: RetryPolicy) -> Self {
        self.with(|view| view.retries = Some(policy))
    }

    /// A view of this client that does this where an endpoint's limit is reached, as [`ClientBuilder::limits`] has it.
    pub fn with_limits(&self, mode: LimitMode) -> Self {
        self.with(|view| view.limits = mode)
    }

    fn called_by(&self, caller: Caller) -> Self {
        self.with(|view| view.caller = caller)
    }

    fn with(&self, change: impl FnOnce(&mut View)) -> Self {
        let mut client = self.clone();
        change(&mut client.view);
        client
    }

    /// Sends a request and decodes its JSON answer. Generated `send` methods are this; so can be the
    /// method of a request type of your own.
    ///
    /// # Errors
    ///
    /// Where the request is wrong, the platform refuses it, or it fails on its way.
    pub async fn call(&self, request: &dyn Request, into: &mut (dyn FieldsMut + Send)) -> Result<()> {
        Core::call(&self.core, request, Some(into), &self.view).await
    }

    /// Sends a request whose answer has nothing to decode.
    ///
    /// # Errors
    ///
    /// Those of [`Client::call`].
    pub async fn call_empty(&self, request: &dyn Request) -> Result<()> {
        Core::call(&self.core, request, None, &self.view).await
    }

    /// A download of the file that this request is for, which goes on after a fault; see [`Transfer`].
    pub fn download(&self, request: impl Request + 'static) -> Transfer {
        Transfer::new(EndpointSource::new(self.clone(), request))
    }

    /// Sends a request whose answer is a stream of bytes.
    ///
    /// # Errors
    ///
    /// Those of [`Client::call`], and where other bytes come than were asked for.
    pub async fn fetch(&self, request: &dyn Request) -> Result<Download> {
        Core::fetch(&self.core, request, &self.view).await
    }
}

/// Without secrets.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.core.base.as_str())
            .field("access", &self.core.access)
            .field("caller", &self.view.caller)
            .field("timeout", &self.view.timeout)
            .finish_non_exhaustive()
    }
}
