//! A running mock server and its state.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use larkspur_codegen::model::{Api, AppKind, TokenKind};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::call::Routes;
use crate::error_code;
use crate::file::{File, Links, sample};
use crate::login::{Login, Logins};
use crate::rate_limit::RateLimiter;
use crate::record::{Recorded, Records};
use crate::response::ErrorResponse;
use crate::stub::{Failure, Failures, StubResponse, StubResponses};
use crate::task::{Task, TaskError, Tasks};
use crate::token::{Holder, Tickets, Tokens};
use crate::upload::Uploads;

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

/// The configuration of a mock server and everything that its calls change.
pub(crate) struct State {
    pub(crate) api: Arc<Api>,
    pub(crate) routes: Routes,
    /// `http://127.0.0.1:port`.
    pub(crate) base_url: String,
    pub(crate) clock: Clock,
    pub(crate) apps: Apps,
    /// Whether rate limits are enforced.
    pub(crate) rate_limited: bool,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) tickets: Mutex<Tickets>,
    /// Locked before `tokens` where both are locked.
    pub(crate) logins: Mutex<Logins>,
    pub(crate) limiter: Mutex<RateLimiter>,
    pub(crate) failures: Mutex<Failures>,
    pub(crate) stub_responses: Mutex<StubResponses>,
    pub(crate) files: Mutex<HashMap<String, File>>,
    pub(crate) links: Links,
    pub(crate) tasks: Mutex<Tasks>,
    pub(crate) uploads: Mutex<Uploads>,
    pub(crate) requests: Mutex<Records>,
    pub(crate) response_count: AtomicU64,
}

impl State {
    /// Returns the file stored for a token, else its sample file.
    pub(crate) fn file(&self, endpoint: &str, token: &str) -> File {
        let stored = lock(&self.files).get(token).cloned();
        stored.unwrap_or_else(|| sample(endpoint, token))
    }

    /// Returns a new log id in the platform's format.
    pub(crate) fn next_log_id(&self) -> String {
        let number = self.response_count.fetch_add(1, Ordering::Relaxed);
        format!("20260101000000{number:020X}")
    }
}

/// Locks a mutex, also if a thread panicked while holding it.
///
/// The data behind every lock of this crate is consistent at each step, so a poisoned lock is safe to use.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The clock of tokens, rate limits and links, as time since the start of the mock server.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    stopped: bool,
    advanced: Mutex<Duration>,
}

impl Clock {
    /// Creates a clock that runs, or one that only [`Clock::advance`] moves.
    pub(crate) fn new(stopped: bool) -> Self {
        Self {
            started: Instant::now(),
            stopped,
            advanced: Mutex::new(Duration::ZERO),
        }
    }

    /// Returns the time since the start of the mock server.
    pub(crate) fn now(&self) -> Duration {
        let elapsed = if self.stopped {
            Duration::ZERO
        } else {
            self.started.elapsed()
        };
        elapsed.saturating_add(*lock(&self.advanced))
    }

    /// Advances the clock.
    pub(crate) fn advance(&self, by: Duration) {
        let mut advanced = lock(&self.advanced);
        *advanced = advanced.saturating_add(by);
    }
}

/// An app that the mock server accepts.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) secret: String,
    pub(crate) kind: AppKind,
}

/// The apps by id.
pub(crate) struct Apps(HashMap<String, App>);

impl Apps {
    /// Creates the set of accepted apps.
    pub(crate) fn new(apps: HashMap<String, App>) -> Self {
        Self(apps)
    }

    /// Returns the app with this id, of any kind.
    pub(crate) fn get(&self, id: &str) -> Option<&App> {
        self.0.get(id)
    }

    /// Checks id, secret and kind of an app. An app of another kind is refused with `wrong_kind_code`.
    pub(crate) fn authenticate(
        &self,
        id: &str,
        secret: &str,
        kind: AppKind,
        wrong_kind_code: i64,
    ) -> Result<(), ErrorResponse> {
        match self.get(id) {
            None => Err(ErrorResponse::common(error_code::APP_PARAMETER)),
            Some(app) if app.secret != secret => Err(ErrorResponse::common(error_code::APP_SECRET)),
            Some(app) if app.kind != kind => Err(ErrorResponse::common(wrong_kind_code)),
            Some(_) => Ok(()),
        }
    }
}
