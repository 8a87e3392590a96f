//! How a mock is started.

use std::collections::HashMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use larkspur_codegen::model::{Api, AppKind};
use larkspur_codegen::{Findings, Source};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::app::{App, Apps};
use crate::clock::Clock;
use crate::content::{Content, ContentError};
use crate::embed::embedded_spec;
use crate::link::Links;
use crate::logins::Logins;
use crate::merge::merge;
use crate::mock::Mock;
use crate::progress::Progress;
use crate::reply::Replies;
use crate::route::Routes;
use crate::server;
use crate::state::State;
use crate::ticket::Tickets;
use crate::token::Tokens;
use crate::uploads::Uploads;

/// Tokens live as long as the platform's do at most.
const TOKEN_LIFETIME: Duration = Duration::from_secs(2 * 60 * 60);

/// Refresh tokens live as long as in the documentation's example.
const REFRESH_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A task has to be asked for more than once.
const POLLS: u32 = 2;

/// Parts are as large as the platform's.
const BLOCK_SIZE: usize = 4 * 1024 * 1024;

/// A mock that is about to start.
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    spec: Spec,
    added: Vec<Source>,
    port: u16,
    token_lifetime: Duration,
    refresh_lifetime: Duration,
    ticket_grace: Duration,
    apps: Vec<(String, App)>,
    limited: bool,
    stopped_clock: bool,
    polls: u32,
    content: Vec<String>,
    block_size: usize,
}

enum Spec {
    Embedded,
    Source(Source),
    Api(Arc<Api>),
}

/// Why a mock did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The spec is wrong.
    #[error("the spec is wrong:\n{0}")]
    Spec(Findings),
    /// The content cannot be read.
    #[error(transparent)]
    Content(ContentError),
    /// The port could not be had.
    #[error("cannot listen on 127.0.0.1:{port}: {error}")]
    Listen {
        /// The port that was asked for; 0 for any free one.
        port: u16,
        /// What the operating system says.
        error: io::Error,
    },
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            spec: Spec::Embedded,
            added: Vec::new(),
            port: 0,
            token_lifetime: TOKEN_LIFETIME,
            refresh_lifetime: REFRESH_LIFETIME,
            ticket_grace: Duration::ZERO,
            apps: Vec::new(),
            limited: true,
            stopped_clock: false,
            polls: POLLS,
            content: Vec::new(),
            block_size: BLOCK_SIZE,
        }
    }

    /// Serves these spec files instead of those that the crate carries.
    pub fn spec(mut self, source: Source) -> Self {
        self.spec = Spec::Source(source);
        self
    }

    /// Serves these spec files too, such as those of a crate with endpoints of its own.
    ///
    /// An endpoint with an id or a route that is there already takes its place. Types are shared only among files
    /// that are added together.
    pub fn add_spec(mut self, source: Source) -> Self {
        self.added.push(source);
        self
    }

    /// Serves a spec that has been loaded already.
    pub fn api(mut self, api: impl Into<Arc<Api>>) -> Self {
        self.spec = Spec::Api(api.into());
        self
    }

    /// Listens on this port instead of a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Lets tokens live so long instead of two hours.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// Lets refresh tokens live so long instead of seven days.
    pub fn refresh_lifetime(mut self, lifetime: Duration) -> Self {
        self.refresh_lifetime = lifetime;
        self
    }

    /// Lets the ticket of a store app hold so long after the next one has been pushed; not at all
    /// unless this says otherwise.
    pub fn ticket_grace(mut self, grace: Duration) -> Self {
        self.ticket_grace = grace;
        self
    }

    /// Knows a custom app of this id and secret. The first one is the mock's [`Mock::app_id`]; without
    /// any, the mock has an app of its own.
    pub fn app(self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.with_app(id.into(), secret.into(), AppKind::Custom)
    }

    /// Knows a store app of this id and secret, beside the custom ones. It has no ticket until
    /// [`Mock::push_ticket`] makes one, and every tenant has installed it.
    pub fn store_app(self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.with_app(id.into(), secret.into(), AppKind::Store)
    }

    fn with_app(mut self, id: String, secret: String, kind: AppKind) -> Self {
        self.apps.push((id, App { secret, kind }));
        self
    }

    /// Whether rate windows are enforced, as they are unless this says otherwise.
    pub fn limits(mut self, enforced: bool) -> Self {
        self.limited = enforced;
        self
    }

    /// Stops the clock of tokens, limits and links: it moves with [`Mock::advance`] alone, so that a
    /// test does not depend on the speed of its machine.
    pub fn stopped_clock(mut self) -> Self {
        self.stopped_clock = true;
        self
    }

    /// So many answers say that a task is under way before one tells its outcome; 2 otherwise.
    pub fn polls(mut self, polls: u32) -> Self {
        self.polls = polls;
        self
    }

    /// Has replies and files from the beginning: a JSON object `{"replies": [...], "files": [...]}`, the ones as `POST /_mock/reply`
    /// takes them, the others `{"token": "boxcn1", "name": "a.png", "content_type": "image/png", "text": "its content"}`.
    /// [`sample_documents`](crate::sample_documents) is one. Of several the later ones count where both have something.
    pub fn content(mut self, json: impl Into<String>) -> Self {
        self.content.push(json.into());
        self
    }

    /// Wants files that come in parts in parts of so many bytes, at least one; 4 MiB otherwise.
    pub fn block_size(mut self, bytes: usize) -> Self {
        self.block_size = bytes.max(1);
        self
    }

    /// Starts the mock.
    pub async fn start(self) -> Result<Mock, StartError> {
        let mut api = self.spec.load().map_err(StartError::Spec)?;
        for source in &self.added {
            let added = larkspur_codegen::load(source).map_err(StartError::Spec)?;
            api = Arc::new(merge(added, &api));
        }
        let content = read(&self.content, &api).map_err(StartError::Content)?;
        let port = self.port;
        let listen = |error| StartError::Listen { port, error };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;

        let (app_id, app) = first_custom(&self.apps);
        let app_secret = app.secret.clone();
        let mut apps: HashMap<_, _> = self.apps.into_iter().collect();
        apps.insert(app_id.clone(), app);
        let state = Arc::new(State {
            routes: Routes::new(&api),
            progress: Mutex::new(Progress::new(&api, self.polls)),
            uploads: Mutex::new(Uploads::new(&api, self.block_size)),
            api,
            base_url: format!("http://{address}"),
            clock: Clock::new(self.stopped_clock),
            apps: Apps::new(apps),
            limited: self.limited,
            tokens: Mutex::new(Tokens::new(self.token_lifetime)),
            tickets: Mutex::new(Tickets::new(self.ticket_grace)),
            logins: Mutex::new(Logins::new(self.refresh_lifetime)),
            limiter: Mutex::default(),
            failures: Mutex::default(),
            replies: Mutex::new(Replies::new(content.replies)),
            files: Mutex::new(content.files.into_iter().collect()),
            links: Links::default(),
            requests: Mutex::default(),
            answered: AtomicU64::new(0),
        });
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(server::serve(listener, Arc::clone(&state), stopped));
        Ok(Mock::new(state, (app_id, app_secret), stop, server))
    }
}

/// All that these texts hold, for endpoints of this spec.
fn read(texts: &[String], api: &Api) -> Result<Content, ContentError> {
    let mut all = Content::default();
    for text in texts {
        let content = Content::read(text)?;
        for (index, (endpoint, _)) in content.replies.iter().enumerate() {
            if api.endpoint(endpoint).is_none() {
                let endpoint = endpoint.clone();
                return Err(ContentError::UnknownEndpoint { index, endpoint });
            }
        }
        all.extend(content);
    }
    Ok(all)
}

/// The first custom app, else one of the mock's own.
fn first_custom(apps: &[(String, App)]) -> (String, App) {
    let custom = apps.iter().find(|(_, app)| app.kind == AppKind::Custom);
    custom.cloned().unwrap_or_else(|| {
        let app = App {
            secret: "mock-secret-of-no-value".to_owned(),
            kind: AppKind::Custom,
        };
        ("cli_mock0123456789".to_owned(), app)
    })
}

impl Spec {
    fn load(self) -> Result<Arc<Api>, Findings> {
        match self {
            Self::Embedded => embedded_api(),
            Self::Source(source) => larkspur_codegen::load(&source).map(Arc::new),
            Self::Api(api) => Ok(api),
        }
    }
}

/// The spec that this crate carries, loaded once however many mocks are started.
fn embedded_api() -> Result<Arc<Api>, Findings> {
    static LOADED: OnceLock<Arc<Api>> = OnceLock::new();
    if let Some(api) = LOADED.get() {
        return Ok(Arc::clone(api));
    }
    let api = Arc::new(larkspur_codegen::load(&embedded_spec())?);
    Ok(Arc::clone(LOADED.get_or_init(|| api)))
}
