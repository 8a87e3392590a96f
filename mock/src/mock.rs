//! A running mock, as a test holds it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use larkspur_codegen::model::TokenKind;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::builder::{Builder, StartError};
use crate::failure::Failure;
use crate::file::File;
use crate::login::Login;
use crate::record::Recorded;
use crate::reply::Reply;
use crate::state::State;
use crate::sync::lock;
use crate::task::{Task, TaskError};
use crate::token::Holder;

/// A stand-in for the platform that runs in this process and listens on loopback.
///
/// It stops when it is dropped. All that it holds is in memory.
pub struct Mock {
    state: Arc<State>,
    app: (String, String),
    /// Dropping it stops the server.
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

/// An endpoint was named that the spec does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the spec has no endpoint {0:?}; ids are written like drive.v1.media.download")]
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

    /// Starts a mock of the spec that the crate carries, on a free port.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// A mock to be set up before it starts.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Where it listens: `http://127.0.0.1:40000`.
    pub fn base_url(&self) -> &str {
        &self.state.base_url
    }

    /// Id of the app that it knows.
    pub fn app_id(&self) -> &str {
        &self.app.0
    }

    /// Secret of that app. It opens nothing but this mock.
    pub fn app_secret(&self) -> &str {
        &self.app.1
    }

    /// A user token that holds, for endpoints that take one.
    pub fn user_token(&self) -> String {
        self.issue(TokenKind::User)
    }

    /// A new tenant token that holds.
    pub fn tenant_token(&self) -> String {
        self.issue(TokenKind::Tenant)
    }

    /// A new app token that holds.
    pub fn app_token(&self) -> String {
        self.issue(TokenKind::App)
    }

    fn issue(&self, kind: TokenKind) -> String {
        lock(&self.state.tokens)
            .issue(kind, Holder::of_app(&self.app.0), self.state.clock.now())
            .text
    }

    /// Makes the platform answer "token invalid" to an access token from now on, and "revoked" to a refresh token.
    /// Gives whether the mock handed it out.
    pub fn revoke(&self, token: &str) -> bool {
        lock(&self.state.logins).revoke(token) || lock(&self.state.tokens).revoke(token)
    }

    /// Makes a new ticket for a store app, as the platform pushes it, and gives it. The one of before holds for
    /// [`Builder::ticket_grace`] yet.
    pub fn push_ticket(&self, app: &str) -> String {
        lock(&self.state.tickets).push(app, self.state.clock.now())
    }

    /// How often a store app has asked for its ticket to be pushed again. Nothing is pushed by that: the test does it.
    pub fn tickets_asked(&self, app: &str) -> usize {
        lock(&self.state.tickets).asked(app)
    }

    /// The code that comes to the app's address once a user has agreed to this login. It lives five minutes and
    /// works once.
    pub fn login_code(&self, login: Login) -> String {
        let app = login.app.clone().unwrap_or_else(|| self.app.0.clone());
        lock(&self.state.logins).begin(&app, login, self.state.clock.now())
    }

    /// How many of [`Mock::requests`] asked for a user token by a refresh token, whatever came of it.
    pub fn refresh_count(&self) -> usize {
        self.count_grants("refresh_token")
    }

    /// How many of [`Mock::requests`] asked for a user token by the code of a login, whatever came of it.
    pub fn exchange_count(&self) -> usize {
        self.count_grants("authorization_code")
    }

    fn count_grants(&self, grant_type: &str) -> usize {
        let asked = |recorded: &&Recorded| {
            let body: serde_json::Value = serde_json::from_slice(&recorded.body).unwrap_or_default();
            body["grant_type"] == grant_type
        };
        let requests = lock(&self.state.requests);
        let of_oauth = requests
            .iter()
            .filter(|recorded| recorded.endpoint.as_deref() == Some("authen.v2.oauth.token"));
        of_oauth.filter(asked).count()
    }

    /// Lets every token that was handed out so far expire.
    pub fn expire_tokens(&self) {
        lock(&self.state.tokens).expire();
    }

    /// Moves the clock on that tokens, limits and links go by.
    pub fn advance(&self, by: Duration) {
        self.state.clock.advance(by);
    }

    /// Keeps a file: every binary endpoint gives it to whoever asks for `token`.
    pub fn put_file(
        &self,
        token: impl Into<String>,
        name: impl Into<String>,
        content_type: impl Into<String>,
        bytes: impl Into<Bytes>,
    ) {
        lock(&self.state.files).insert(token.into(), File::new(name, content_type, bytes));
    }

    /// The file that a binary endpoint gives for a token: what was put, else the sample.
    pub fn file(&self, endpoint: &str, token: &str) -> File {
        self.state.file(endpoint, token)
    }

    /// Gives an endpoint a content of the test's own, for the calls that the reply is for. Of several that fit a call
    /// the last one counts; calls that none fits are answered as without any. All else stays as it is: tokens, windows and
    /// fields are checked before.
    pub fn put_reply(&self, endpoint: &str, reply: Reply) -> Result<(), UnknownEndpoint> {
        if self.state.api.endpoint(endpoint).is_none() {
            return Err(UnknownEndpoint(endpoint.to_owned()));
        }
        lock(&self.state.replies).put(endpoint, reply);
        Ok(())
    }

    /// Lets the next call of an endpoint fail. Failures that wait already come first.
    pub fn fail_next(&self, endpoint: &str, failure: Failure) -> Result<(), UnknownEndpoint> {
        if self.state.api.endpoint(endpoint).is_none() {
            return Err(UnknownEndpoint(endpoint.to_owned()));
        }
        lock(&self.state.failures).push(endpoint, failure);
        Ok(())
    }

    /// Says what becomes of the next task that an endpoint with `poll` starts. Tasks that wait already come first.
    pub fn next_task(&self, endpoint: &str, task: Task) -> Result<(), TaskError> {
        lock(&self.state.progress).want(&self.state.api, endpoint, task)
    }

    /// What has been answered so far, in its order; of very many requests the last 100,000, and of
    /// large ones the last 256 MB.
    pub fn requests(&self) -> Vec<Recorded> {
        lock(&self.state.requests).iter().cloned().collect()
    }

    /// How many of [`Mock::requests`] an endpoint has answered.
    pub fn calls(&self, endpoint: &str) -> usize {
        let requests = lock(&self.state.requests);
        requests
            .iter()
            .filter(|recorded| recorded.endpoint.as_deref() == Some(endpoint))
            .count()
    }

    /// Stops the mock, and waits until the calls under way have ended.
    pub async fn shut_down(mut self) {
        self.stop = None;
        // It ends in an error only if it panicked or the runtime is going down: stopped either way.
        let _ = (&mut self.server).await;
    }
}

/// Without the app's secret.
impl fmt::Debug for Mock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Mock")
            .field("base_url", &self.state.base_url)
            .field("app_id", &self.app.0)
            .finish_non_exhaustive()
    }
}
