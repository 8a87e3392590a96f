//! The tenant token: fetched once for all who wait for it, kept, and renewed before it expires.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::client::{Core, View};
use crate::endpoint::{AppKind, Endpoint};
use crate::error::{CallerError, Error, Problem, Result, TransportFault, Unreadable};
use crate::secret;
use crate::wire::Decode;
// The one place in which the runtime itself uses a generated request.
use crate::auth::v3::tenant_access_token::{Internal, InternalResponse};

/// How long before it expires a token is renewed.
const MARGIN: Duration = Duration::from_secs(5 * 60);
/// How long before it expires a token is no longer sent while it is renewed: it could expire on its way.
const RESERVE: Duration = Duration::from_secs(30);
/// Longest wait for a token. Callers wait only as long as their own timeouts allow.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Longest life that a token is credited with, in seconds: an absurd answer must not overflow a clock.
const LONGEST_LIFETIME: i64 = 24 * 60 * 60;

/// Id and secret of a custom app.
#[derive(Clone)]
pub(crate) struct App {
    pub id: String,
    pub secret: SecretString,
}

/// Where the tenant tokens of a client come from.
pub(crate) enum Tokens {
    /// Nowhere: the client calls as users, or endpoints that take no token.
    None,
    /// Something else renews it.
    Fixed(SecretString),
    /// The platform gives them to this app.
    App(App, Arc<Mutex<Held>>),
}

/// The token that is held, and the fetch that is under way.
#[derive(Default)]
pub(crate) struct Held {
    token: Option<Token>,
    fetch: Option<Fetch>,
}

/// Where the result of a fetch will be.
type Fetch = watch::Receiver<Option<Result<SecretString>>>;

struct Token {
    text: SecretString,
    renew_at: Instant,
    expires_at: Instant,
}

impl Tokens {
    pub(crate) fn new(app: Option<App>, fixed: Option<SecretString>) -> Self {
        match (fixed, app) {
            (Some(token), _) => Self::Fixed(token),
            (None, Some(app)) => Self::App(app, Arc::default()),
            (None, None) => Self::None,
        }
    }

    /// A tenant token for a call of this endpoint.
    pub(crate) async fn tenant(&self, core: &Arc<Core>, endpoint: &'static Endpoint) -> Result<SecretString> {
        let refuse = |error| Err(Error::at(endpoint, Problem::Caller(error)));
        match self {
            Self::None => refuse(CallerError::NoCredentials),
            Self::Fixed(token) => Ok(token.clone()),
            Self::App(..) if !takes_custom_apps(endpoint) => refuse(CallerError::AppKind { allowed: endpoint.apps }),
            Self::App(app, held) => current(app, held, core).await,
        }
    }

    /// Forgets a token that the platform refused: the next call asks for another instead of sending it
    /// until it expires. One that has taken its place meanwhile stays.
    pub(crate) fn forget(&self, refused: &SecretString) {
        if let Self::App(_, held) = self {
            let mut held = lock(held);
            held.token = held
                .token
                .take()
                .filter(|token| token.text.expose_secret() != refused.expose_secret());
        }
    }
}

fn takes_custom_apps(endpoint: &Endpoint) -> bool {
    endpoint.apps.is_empty() || endpoint.apps.contains(&AppKind::Custom)
}

/// The token that is held, or the one that the fetch under way will give. A renewal keeps nobody waiting
/// while the old token is good for the call.
async fn current(app: &App, held: &Arc<Mutex<Held>>, core: &Arc<Core>) -> Result<SecretString> {
    let now = Instant::now();
    let (good, mut fetch, task) = {
        let mut held_now = lock(held);
        let good = match &held_now.token {
            Some(token) if now < token.renew_at => return Ok(token.text.clone()),
            Some(token) if now + RESERVE < token.expires_at => Some(token.text.clone()),
            _ => None,
        };
        match &held_now.fetch {
            Some(fetch) => (good, fetch.clone(), None),
            None => {
                let (fetch, task) = prepare(app.clone(), Arc::clone(held), Arc::clone(core));
                held_now.fetch = Some(fetch.clone());
                (good, fetch, Some(task))
            }
        }
    };
    if let Some(task) = task {
        // With the lock open again: a runtime that is shutting down drops the task at once, which locks.
        tokio::spawn(task.in_current_span());
    }
    if let Some(token) = good {
        return Ok(token);
    }
    let result = fetch.wait_for(Option::is_some).await;
    match result.as_deref() {
        Ok(Some(result)) => result.clone(),
        // The runtime that ran the fetch has shut down.
        _ => Err(Error::at(
            &Internal::ENDPOINT,
            Problem::Transport(TransportFault::other("the fetch of the token was interrupted")),
        )),
    }
}

/// The fetch of a token, for a task of its own: a caller that gives up does not take it from the others.
fn prepare(app: App, held: Arc<Mutex<Held>>, core: Arc<Core>) -> (Fetch, impl Future<Output = ()> + Send + 'static) {
    let (sender, receiver) = watch::channel(None);
    let mut under_way = UnderWay { held, finished: false };
    let task = async move {
        let result = fetch(app, core).await;
        let result = under_way.finish(result);
        sender.send_replace(Some(result));
    };
    (receiver, task)
}

/// Boxed, for the fetch is itself a call, and calls fetch tokens.
fn fetch(app: App, core: Arc<Core>) -> Pin<Box<dyn Future<Output = Result<Token>> + Send>> {
    Box::pin(async move {
        // A token lives from before it was asked for, whatever the way back took.
        let asked_at = Instant::now();
        let request = Internal::new(app.id, app.secret);
        let mut response = InternalResponse::blank();
        core.call(&request, Some(&mut response), &View::new(TIMEOUT)).await?;
        if !secret::is_token(&response.tenant_access_token) {
            return Err(Error::at(&Internal::ENDPOINT, Problem::Unreadable(no_token())));
        }
        let seconds = response.expire.clamp(0, LONGEST_LIFETIME);
        let lifetime = Duration::from_secs(seconds.unsigned_abs());
        let margin = MARGIN.min(lifetime / 2);
        Ok(Token {
            text: response.tenant_access_token,
            renew_at: asked_at + (lifetime - margin),
            expires_at: asked_at + lifetime,
        })
    })
}

/// What comes must be fit to be sent, or every call would fail until it expires.
fn no_token() -> Unreadable {
    Unreadable {
        status: 200,
        path: "tenant_access_token".to_owned(),
        problem: "expected a token, found text that cannot be one".to_owned(),
        log_id: None,
    }
}

/// A fetch under way. However it ends, even with the runtime, the next caller can start another.
struct UnderWay {
    held: Arc<Mutex<Held>>,
    finished: bool,
}

impl UnderWay {
    /// Keeps a new token. If there is none, the old one does while it is valid.
    fn finish(&mut self, result: Result<Token>) -> Result<SecretString> {
        self.finished = true;
        let mut held = lock(&self.held);
        held.fetch = None;
        match result {
            Ok(token) => {
                let text = token.text.clone();
                held.token = Some(token);
                Ok(text)
            }
            Err(error) => match &held.token {
                Some(token) if Instant::now() < token.expires_at => Ok(token.text.clone()),
                _ => Err(error),
            },
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if !self.finished {
            lock(&self.held).fetch = None;
        }
    }
}

/// Nothing in here panics with the lock held; if something did, what is held would still be sound.
fn lock(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Without the secret.
impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "App({})", self.id)
    }
}

/// Without tokens.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Fixed(_) => f.write_str("Fixed"),
            Self::App(app, _) => app.fmt(f),
        }
    }
}
