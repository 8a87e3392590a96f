//! A running mock server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use larkspur_codegen::model::TokenKind;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::file::File;
use crate::login::Login;
use crate::record::Recorded;
use crate::state::{State, lock};
use crate::stub::{Failure, StubResponse};
use crate::task::{Task, TaskError};
use crate::token::Holder;

/// A mock server that runs in this process and listens on loopback.
///
/// It stops when dropped. All its state is in memory.
pub struct Mock {
    state: Arc<State>,
    app: (String, String),
    /// Dropping it stops the server.
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

/// An endpoint id that is not in the spec.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown endpoint {0:?}: expected an id such as drive.v1.media.download")]
pub struct UnknownEndpoint(String);

impl Mock {
    pub(crate) fn new(
        state: Arc<State>,
        app: (String, String),
        stop: oneshot::Sender<()>,
        server: JoinHandle<()>,
    ) -> Self {
        Self {
            state,
            app,
            stop: Some(stop),
            server,
        }
    }

    /// Returns the base URL, such as `http://127.0.0.1:40000`.
    pub fn base_url(&self) -> &str {
        &self.state.base_url
    }

    /// Returns the id of the default app.
    pub fn app_id(&self) -> &str {
        &self.app.0
    }

    /// Returns the secret of the default app, which only this mock server accepts.
    pub fn app_secret(&self) -> &str {
        &self.app.1
    }

    /// Issues a user token.
    pub fn user_token(&self) -> String {
        self.issue_token(TokenKind::User)
    }

    /// Issues a tenant token.
    pub fn tenant_token(&self) -> String {
        self.issue_token(TokenKind::Tenant)
    }

    /// Issues an app token.
    pub fn app_token(&self) -> String {
        self.issue_token(TokenKind::App)
    }

    fn issue_token(&self, kind: TokenKind) -> String {
        lock(&self.state.tokens)
            .issue(kind, Holder::for_app(&self.app.0), self.state.clock.now())
            .text
    }

    /// Revokes an access token or a refresh token. Returns whether the mock server issued it.
    pub fn revoke(&self, token: &str) -> bool {
        lock(&self.state.logins).revoke_refresh_token(token) || lock(&self.state.tokens).revoke(token)
    }

    /// Creates a new ticket for a store app, as the platform would push it, and returns it.
    ///
    /// The previous ticket stays valid for [`Builder::ticket_grace`](crate::Builder::ticket_grace).
    pub fn push_ticket(&self, app: &str) -> String {
        lock(&self.state.tickets).push(app, self.state.clock.now())
    }

    /// Returns how often a store app has requested that its ticket be pushed again. The request itself pushes none.
    pub fn ticket_requests(&self, app: &str) -> usize {
        lock(&self.state.tickets).request_count(app)
    }

    /// Returns the authorization code that the redirect after this login carries. It expires after five minutes and works
    /// once.
    pub fn login_code(&self, login: Login) -> String {
        let app = login.app.clone().unwrap_or_else(|| self.app.0.clone());
        lock(&self.state.logins).create_code(&app, login, self.state.clock.now())
    }

    /// Returns how many of [`Mock::requests`] exchanged a refresh token, successfully or not.
    pub fn refresh_count(&self) -> usize {
        self.count_grants("refresh_token")
    }

    /// Returns how many of [`Mock::requests`] exchanged an authorization code, successfully or not.
    pub fn exchange_count(&self) -> usize {
        self.count_grants("authorization_code")
    }

    fn count_grants(&self, grant_type: &str) -> usize {
        let has_grant_type = |recorded: &&Recorded| {
            let body: serde_json::Value = serde_json::from_slice(&recorded.body).unwrap_or_default();
            body["grant_type"] == grant_type
        };
        let requests = lock(&self.state.requests);
        let token_requests = requests
            .iter()
            .filter(|recorded| recorded.endpoint.as_deref() == Some("authen.v2.oauth.token"));
        token_requests.filter(has_grant_type).count()
    }

    /// Expires all access tokens issued so far.
    pub fn expire_tokens(&self) {
        lock(&self.state.tokens).expire_all();
    }

    /// Advances the clock of tokens, rate limits and links.
    pub fn advance(&self, by: Duration) {
        self.state.clock.advance(by);
    }

    /// Stores a file that every binary endpoint serves for `token`.
    pub fn put_file(
        &self,
        token: impl Into<String>,
        name: impl Into<String>,
        content_type: impl Into<String>,
        bytes: impl Into<Bytes>,
    ) {
        lock(&self.state.files).insert(token.into(), File::new(name, content_type, bytes));
    }

    /// Returns the file that a binary endpoint serves for a token: the stored file, else the sample file.
    pub fn file(&self, endpoint: &str, token: &str) -> File {
        self.state.file(endpoint, token)
    }

    /// Sets a response of an endpoint for the calls that it matches.
    ///
    /// If several responses match a call, the last one applies. Tokens, rate limits and fields are checked before.
    pub fn put_response(&self, endpoint: &str, response: StubResponse) -> Result<(), UnknownEndpoint> {
        self.check_endpoint(endpoint)?;
        lock(&self.state.stub_responses).add(endpoint, response);
        Ok(())
    }

    /// Makes the next call of an endpoint fail, after failures that are already pending.
    pub fn fail_next(&self, endpoint: &str, failure: Failure) -> Result<(), UnknownEndpoint> {
        self.check_endpoint(endpoint)?;
        lock(&self.state.failures).push(endpoint, failure);
        Ok(())
    }

    fn check_endpoint(&self, endpoint: &str) -> Result<(), UnknownEndpoint> {
        match self.state.api.endpoint(endpoint) {
            Some(_) => Ok(()),
            None => Err(UnknownEndpoint(endpoint.to_owned())),
        }
    }

    /// Sets the outcome of the next task that an endpoint with `poll` starts, after those that are already pending.
    pub fn next_task(&self, endpoint: &str, task: Task) -> Result<(), TaskError> {
        lock(&self.state.tasks).enqueue(&self.state.api, endpoint, task)
    }

    /// Returns the recorded requests in order: the last 100,000, and at most 256 MB of them.
    pub fn requests(&self) -> Vec<Recorded> {
        lock(&self.state.requests).iter().cloned().collect()
    }

    /// Returns how many of [`Mock::requests`] an endpoint has received.
    pub fn calls(&self, endpoint: &str) -> usize {
        let requests = lock(&self.state.requests);
        requests
            .iter()
            .filter(|recorded| recorded.endpoint.as_deref() == Some(endpoint))
            .count()
    }

    /// Stops the mock server and waits for in-flight calls.
    pub async fn shut_down(mut self) {
        self.stop = None;
        // An error means that the task panicked or the runtime shuts down: the server has stopped in both cases.
        let _ = (&mut self.server).await;
    }
}

/// Omits the app secret.
impl fmt::Debug for Mock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Mock")
            .field("base_url", &self.state.base_url)
            .field("app_id", &self.app.0)
            .finish_non_exhaustive()
    }
}
