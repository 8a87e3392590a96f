//! Configuration and start of a mock server.

use std::collections::HashMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use larkspur_codegen::model::{Api, AppKind, Field, Response, Type, TypeDef, TypeId, TypeKind};
use larkspur_codegen::{Findings, Source};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::call::Routes;
use crate::content::{Content, ContentError};
use crate::file::Links;
use crate::login::Logins;
use crate::mock::{App, Apps, Clock, Mock, State};
use crate::server;
use crate::stub::StubResponses;
use crate::task::Tasks;
use crate::token::{Tickets, Tokens};
use crate::upload::Uploads;

/// Default lifetime of access tokens, the maximum of the platform.
const DEFAULT_TOKEN_LIFETIME: Duration = Duration::from_secs(2 * 60 * 60);

/// Default lifetime of refresh tokens, as in the documentation's example.
const DEFAULT_REFRESH_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Default number of responses that report a task as pending, more than one so that clients have to poll.
const DEFAULT_POLLS: u32 = 2;

/// Default part size of multipart uploads, that of the platform.
const DEFAULT_BLOCK_SIZE: usize = 4 * 1024 * 1024;

/// Path and content of each spec file at build time, ordered by path.
static EMBEDDED_FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/spec.rs"));

/// Configures a mock server.
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    spec: Spec,
    added_specs: Vec<Source>,
    port: u16,
    token_lifetime: Duration,
    refresh_lifetime: Duration,
    ticket_grace: Duration,
    apps: Vec<(String, App)>,
    rate_limited: bool,
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

/// An error at the start of a mock server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The spec is invalid.
    #[error("invalid spec:\n{0}")]
    Spec(Findings),
    /// The content is invalid.
    #[error(transparent)]
    Content(ContentError),
    /// The port is unavailable.
    #[error("cannot listen on 127.0.0.1:{port}: {error}")]
    Listen {
        /// The requested port, 0 for any free one.
        port: u16,
        /// Error of the operating system.
        error: io::Error,
    },
}

impl Mock {
    /// Starts a mock server with the embedded spec on a free port.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Returns a builder for a mock server.
    pub fn builder() -> Builder {
        Builder {
            spec: Spec::Embedded,
            added_specs: Vec::new(),
            port: 0,
            token_lifetime: DEFAULT_TOKEN_LIFETIME,
            refresh_lifetime: DEFAULT_REFRESH_LIFETIME,
            ticket_grace: Duration::ZERO,
            apps: Vec::new(),
            rate_limited: true,
            stopped_clock: false,
            polls: DEFAULT_POLLS,
            content: Vec::new(),
            block_size: DEFAULT_BLOCK_SIZE,
        }
    }
}

impl Builder {
    /// Serves these spec files in place of the embedded ones.
    pub fn spec(mut self, source: Source) -> Self {
        self.spec = Spec::Source(source);
        self
    }

    /// Adds spec files, such as those of a crate with its own endpoints.
    ///
    /// An added endpoint replaces one with the same id or route. Files that are added together can share types.
    pub fn add_spec(mut self, source: Source) -> Self {
        self.added_specs.push(source);
        self
    }

    /// Serves a spec that is already loaded.
    pub fn api(mut self, api: impl Into<Arc<Api>>) -> Self {
        self.spec = Spec::Api(api.into());
        self
    }

    /// Sets the port. The default is 0, any free port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the lifetime of access tokens. The default is two hours.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// Sets the lifetime of refresh tokens. The default is seven days.
    pub fn refresh_lifetime(mut self, lifetime: Duration) -> Self {
        self.refresh_lifetime = lifetime;
        self
    }

    /// Sets how long the ticket of a store app stays valid after the next one was pushed. The default is zero.
    pub fn ticket_grace(mut self, grace: Duration) -> Self {
        self.ticket_grace = grace;
        self
    }

    /// Adds a custom app. The first one replaces the default app behind [`Mock::app_id`].
    pub fn app(self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.with_app(id.into(), secret.into(), AppKind::Custom)
    }

    /// Adds a store app, which every tenant has installed. It has no ticket before [`Mock::push_ticket`].
    pub fn store_app(self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.with_app(id.into(), secret.into(), AppKind::Store)
    }

    fn with_app(mut self, id: String, secret: String, kind: AppKind) -> Self {
        self.apps.push((id, App { secret, kind }));
        self
    }

    /// Sets whether rate limits are enforced. They are by default.
    pub fn rate_limits(mut self, enforced: bool) -> Self {
        self.rate_limited = enforced;
        self
    }

    /// Stops the clock of tokens, rate limits and links, which only [`Mock::advance`] then moves.
    ///
    /// With a stopped clock a test does not depend on the speed of its machine.
    pub fn stopped_clock(mut self) -> Self {
        self.stopped_clock = true;
        self
    }

    /// Sets how many responses report a task as pending before its outcome. The default is 2.
    pub fn polls(mut self, polls: u32) -> Self {
        self.polls = polls;
        self
    }

    /// Adds stub responses and files: a JSON object `{"responses": [...], "files": [...]}`.
    ///
    /// Responses have the format of `POST /_mock/response`, files that of
    /// `{"token": "boxcn1", "name": "a.png", "content_type": "image/png", "text": "its content"}`. Later content takes
    /// precedence. [`sample_documents`](crate::sample_documents) is an example.
    pub fn content(mut self, json: impl Into<String>) -> Self {
        self.content.push(json.into());
        self
    }

    /// Sets the part size of multipart uploads in bytes, at least 1. The default is 4 MiB.
    pub fn block_size(mut self, bytes: usize) -> Self {
        self.block_size = bytes.max(1);
        self
    }

    /// Starts the mock server.
    pub async fn start(self) -> Result<Mock, StartError> {
        let mut api = self.spec.load().map_err(StartError::Spec)?;
        for source in &self.added_specs {
            let added = larkspur_codegen::load(source).map_err(StartError::Spec)?;
            api = Arc::new(merge_specs(added, &api));
        }
        let content = parse_content(&self.content, &api).map_err(StartError::Content)?;
        let port = self.port;
        let listen_error = |error| StartError::Listen { port, error };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;

        let (app_id, app) = default_app(&self.apps);
        let app_secret = app.secret.clone();
        let mut apps: HashMap<_, _> = self.apps.into_iter().collect();
        apps.insert(app_id.clone(), app);
        let state = Arc::new(State {
            routes: Routes::new(&api),
            tasks: Mutex::new(Tasks::new(&api, self.polls)),
            uploads: Mutex::new(Uploads::new(&api, self.block_size)),
            api,
            base_url: format!("http://{address}"),
            clock: Clock::new(self.stopped_clock),
            apps: Apps::new(apps),
            rate_limited: self.rate_limited,
            tokens: Mutex::new(Tokens::new(self.token_lifetime)),
            tickets: Mutex::new(Tickets::new(self.ticket_grace)),
            logins: Mutex::new(Logins::new(self.refresh_lifetime)),
            limiter: Mutex::default(),
            failures: Mutex::default(),
            stub_responses: Mutex::new(StubResponses::new(content.responses)),
            files: Mutex::new(content.files.into_iter().collect()),
            links: Links::default(),
            requests: Mutex::default(),
            response_count: AtomicU64::new(0),
        });
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(server::serve(listener, Arc::clone(&state), stopped));
        Ok(Mock::new(state, (app_id, app_secret), stop, server))
    }
}

/// Parses content for the endpoints of a spec.
fn parse_content(texts: &[String], api: &Api) -> Result<Content, ContentError> {
    let mut all = Content::default();
    for text in texts {
        let content = Content::parse(text)?;
        for (index, (endpoint, _)) in content.responses.iter().enumerate() {
            if api.endpoint(endpoint).is_none() {
                let endpoint = endpoint.clone();
                return Err(ContentError::UnknownEndpoint { index, endpoint });
            }
        }
        all.extend(content);
    }
    Ok(all)
}

/// Returns the first custom app, or a predefined one.
fn default_app(apps: &[(String, App)]) -> (String, App) {
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
            Self::Embedded => load_embedded_spec(),
            Self::Source(source) => larkspur_codegen::load(&source).map(Arc::new),
            Self::Api(api) => Ok(api),
        }
    }
}

/// Loads the embedded spec, once per process.
fn load_embedded_spec() -> Result<Arc<Api>, Findings> {
    static LOADED: OnceLock<Arc<Api>> = OnceLock::new();
    if let Some(api) = LOADED.get() {
        return Ok(Arc::clone(api));
    }
    let api = Arc::new(larkspur_codegen::load(&embedded_spec())?);
    Ok(Arc::clone(LOADED.get_or_init(|| api)))
}

/// Returns the spec that was in the repository when this crate was built.
pub fn embedded_spec() -> Source {
    let mut source = Source::new();
    for (path, text) in EMBEDDED_FILES {
        source.add(*path, *text);
    }
    source
}

/// Merges two specs. For an id or route of both, the endpoint of `first` takes precedence.
///
/// Each spec was checked separately, so that neither can cause findings in the other.
fn merge_specs(first: Api, second: &Api) -> Api {
    let offset = Offset {
        modules: first.modules.len(),
        types: first.types.len(),
    };
    let Api { mut modules, mut types } = first;
    modules.extend(second.modules.iter().cloned().map(|mut module| {
        module.types.iter_mut().for_each(|id| offset.shift_id(id));
        for endpoint in &mut module.endpoints {
            endpoint.fields.iter_mut().for_each(|field| offset.shift_field(field));
            if let Response::Json { ty, .. } = &mut endpoint.response {
                offset.shift_id(ty);
            }
        }
        module
    }));
    types.extend(second.types.iter().cloned().map(|def| offset.shift_type_def(def)));
    Api { modules, types }
}

/// The offset of the second spec's indices in a merged spec.
struct Offset {
    modules: usize,
    types: usize,
}

impl Offset {
    fn shift_id(&self, id: &mut TypeId) {
        id.0 += self.types;
    }

    fn shift_type_def(&self, mut def: TypeDef) -> TypeDef {
        def.module += self.modules;
        if let TypeKind::Object(fields) = &mut def.kind {
            fields.iter_mut().for_each(|field| self.shift_field(field));
        }
        def
    }

    fn shift_field(&self, field: &mut Field) {
        self.shift_type(&mut field.ty);
    }

    fn shift_type(&self, ty: &mut Type) {
        match ty {
            Type::List(inner) | Type::Map(inner) => self.shift_type(inner),
            Type::Named(id) => self.shift_id(id),
            Type::String | Type::Int | Type::Float | Type::Bool | Type::Any | Type::File => {}
        }
    }
}
