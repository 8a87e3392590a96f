//! Endpoints.

use serde::Serialize;

use super::types::{Field, Origin, TypeId};

/// One endpoint of the platform.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Endpoint {
    /// `project.version.resource.method`, such as `drive.v1.media.batch_get_tmp_download_url`.
    pub id: String,
    /// The last part of the id: the key in the YAML file.
    pub name: String,
    /// The request type in Rust: `BatchGetTmpDownloadUrl`.
    pub rust: String,
    /// One line of our own.
    pub summary: Option<String>,
    /// The platform's page.
    pub docs: Option<String>,
    /// Date of the page that the entry was transcribed from, `YYYY-MM-DD`.
    pub updated: Option<String>,
    /// HTTP method.
    pub method: Method,
    /// Path with its parameters as the platform writes them: `/open-apis/drive/v1/medias/:file_token/download`.
    pub path: String,
    /// Kinds of token that the endpoint takes; `None` where the spec does not say, empty where it
    /// takes no token at all.
    pub tokens: Option<Vec<TokenKind>>,
    /// Kinds of app that may call it; empty where the spec does not say.
    pub apps: Vec<AppKind>,
    /// Scopes of which any one suffices; `None` where the spec does not say, empty where none is needed.
    pub scopes: Option<Vec<String>>,
    /// Scopes that some fields of the answer need on top.
    pub field_scopes: Vec<String>,
    /// Abilities that the app must have switched on.
    pub abilities: Vec<Ability>,
    /// Rate windows, all of them in force at once; `None` where the spec does not say.
    pub limits: Option<Limits>,
    /// Headers that are sent as they stand with every call.
    pub fixed_headers: Vec<FixedHeader>,
    /// Everything that a caller can set, in the order of the file: path, query, headers, body.
    pub fields: Vec<Field>,
    /// How the body fields travel.
    pub body: Body,
    /// Wire name of the query or body field by which the platform recognises a repeated call.
    pub idempotency: Option<String>,
    /// Whether a call that is no GET does the same however often it is sent.
    pub repeatable: bool,
    /// What comes back.
    pub response: Response,
    /// Whether a flat answer has the form of OAuth 2.0: no `msg`, and a failure says `error` and `error_description`.
    pub oauth: bool,
    /// Documented failures, by code or by HTTP status alone.
    pub errors: Vec<ErrorEntry>,
    /// How the results are paged, if they are.
    pub pagination: Option<Pagination>,
    /// How the outcome is asked for, where the call only starts a task.
    pub poll: Option<Poll>,
    /// How the answer tells the outcome of a task, where [`Poll::endpoint`] of others names this one.
    pub tells: Option<PollState>,
    /// How a file is sent that is too large for this call.
    pub upload: Option<Upload>,
    /// How long what the answer holds stays available.
    pub lifetime: Option<Lifetime>,
    /// Set where the endpoint should no longer be used.
    pub deprecated: Option<Deprecation>,
    /// Restrictions that no type can carry, each a line of our own.
    pub notes: Vec<String>,
    /// Where the entry stands.
    #[serde(skip)]
    pub origin: Origin,
}

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// As HTTP writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Kind of access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum TokenKind {
    /// `tenant_access_token`: the app itself, in one tenant.
    Tenant,
    /// `user_access_token`: a user who logged in.
    User,
    /// `app_access_token`: the app itself, in no tenant.
    App,
}

impl TokenKind {
    /// As a spec writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::User => "user",
            Self::App => "app",
        }
    }
}

/// Kind of app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum AppKind {
    /// Built by the company that uses it.
    Custom,
    /// Distributed through the platform's store.
    Store,
}

impl AppKind {
    /// As a spec writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Store => "store",
        }
    }
}

/// Something that has to be switched on for the app, apart from its scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Ability {
    /// The bot ability.
    Bot,
}

impl Ability {
    /// As a spec writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bot => "bot",
        }
    }
}

/// What the spec says of an endpoint's rate limits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Limits {
    /// The documentation calls the limit "special": there is one, and the page's table does not say what.
    pub special: bool,
    /// The stated windows.
    pub windows: Vec<Window>,
}

/// So many calls in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Window {
    /// How many calls.
    pub calls: u32,
    /// In how many seconds: 1, 60, 3600 or 86400.
    pub seconds: u32,
}

/// A header with one value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FixedHeader {
    /// Name as the page spells it.
    pub name: String,
    /// Value.
    pub value: String,
    /// Whether the platform refuses the call without it.
    pub required: bool,
    /// Why it is sent, in a line of our own.
    pub doc: Option<String>,
}

/// How the fields whose place is the body travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Body {
    /// There is none.
    None,
    /// One JSON object.
    Json,
    /// `multipart/form-data`, one part for each field.
    Multipart,
}

/// What comes back from a call that succeeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Response {
    /// The envelope and nothing in it.
    Empty,
    /// An object, in the envelope's `data` or beside `code` and `msg`.
    Json {
        /// The response type.
        ty: TypeId,
        /// Whether the fields stand beside `code` and `msg` instead of in `data`.
        flat: bool,
    },
    /// A stream of bytes.
    Binary(Binary),
}

/// A stream of bytes that comes back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Binary {
    /// Whether `Range` is honoured with 206.
    pub ranges: bool,
    /// The largest body that the platform sends, in bytes.
    pub max_bytes: Option<u64>,
    /// Documented response headers.
    pub headers: Vec<ResponseHeader>,
}

/// A documented header of a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResponseHeader {
    /// Name, in lower case.
    pub name: String,
    /// What it says.
    pub doc: Option<String>,
    /// Name of the fixed request header without which the platform leaves it out.
    pub needs: Option<String>,
}

/// A documented failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorEntry {
    /// HTTP status.
    pub http: u16,
    /// The `code` of the envelope; `None` where the page tells the failure by its HTTP status alone.
    pub code: Option<i64>,
    /// The `msg` as the page has it.
    pub msg: Option<String>,
    /// Variant of the error enum.
    pub rust: String,
    /// Cause and way out, in a line of our own.
    pub doc: Option<String>,
    /// Whether trying again may help.
    pub retry: bool,
    /// Where the entry stands.
    #[serde(skip)]
    pub origin: Origin,
}

/// Which fields carry the pages. Each is the index or name of a field that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pagination {
    /// Wire name of the request field that takes the next page's token.
    pub token: String,
    /// Wire name of the response field that holds it.
    pub next: String,
    /// Wire name of the boolean response field that says whether there is more.
    pub more: String,
    /// Wire name of the list in the response.
    pub items: String,
    /// Wire name of the request field for the size of a page.
    pub size: Option<String>,
}

/// How long something stays available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lifetime {
    /// What expires: `link`, `file`.
    pub of: String,
    /// For how long, in seconds.
    pub seconds: u64,
    /// Since when, in words of our own; `None` where it is counted from the answer.
    pub since: Option<String>,
}

/// That, and in favour of what, an endpoint is deprecated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deprecation {
    /// Id of the endpoint to use instead.
    pub successor: Option<String>,
    /// Why, in a line of our own.
    pub reason: Option<String>,
}

/// How the outcome of a task is asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Poll {
    /// Id of the endpoint that tells how far the task is.
    pub endpoint: String,
    /// What its request is made of; all that it requires is there.
    pub feeds: Vec<Feed>,
    /// How its answer tells the outcome.
    pub state: PollState,
    /// Where the endpoint is named.
    #[serde(skip)]
    pub origin: Origin,
}

/// One field of the poll's request, and where its value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Feed {
    /// Wire name of the field of the poll's path or query.
    pub field: String,
    /// Whose field gives the value.
    pub source: FeedSource,
    /// Wire name of the field that gives it.
    pub from: String,
    /// Where this is said.
    #[serde(skip)]
    pub origin: Origin,
}

/// Whose field gives a value to the poll's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum FeedSource {
    /// The answer to the request that started the task.
    Response,
    /// The request that started the task.
    Request,
}

/// How the poll's answer tells the outcome of the task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PollState {
    /// Wire names from the answer to the field that tells it, through objects.
    pub path: Vec<String>,
    /// Its values once the task is done.
    #[serde(serialize_with = "super::types::as_json")]
    pub done: Vec<serde_json::Value>,
    /// Its values once the task has failed.
    #[serde(serialize_with = "super::types::as_json")]
    pub failed: Vec<serde_json::Value>,
    /// Wire names from the answer to the field that tells why it failed; empty where none does.
    pub reason: Vec<String>,
    /// Where this is said.
    #[serde(skip)]
    pub origin: Origin,
}

/// How a file is sent in parts. A field of `prepare` has the value of the request's field of the same key; a field of `part`
/// and `finish` that of the answer to `prepare`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Upload {
    /// The endpoint that begins the upload and says how large a part is.
    pub prepare: Step,
    /// The endpoint that takes a part.
    pub part: Step,
    /// The endpoint that makes a file of the parts; it answers as the endpoint does that takes the whole.
    pub finish: Step,
    /// Wire name of the field of the answer to `prepare` that says how many bytes a part has.
    pub block_size: String,
    /// Wire name of the field of the answer to `prepare` that says how many parts there are.
    pub block_count: String,
    /// Wire name of the field of `part` that says which part it is, counted from 0.
    pub number: String,
    /// Codes of a platform that no longer knows the upload.
    pub restart: Vec<i64>,
    /// Where this is said.
    #[serde(skip)]
    pub origin: Origin,
}

impl Upload {
    /// The steps in their order, each with its key in a spec.
    pub fn steps(&self) -> [(&'static str, &Step); 3] {
        [
            ("prepare", &self.prepare),
            ("part", &self.part),
            ("finish", &self.finish),
        ]
    }
}

/// One of the endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its id.
    pub endpoint: String,
    /// Where it is named.
    #[serde(skip)]
    pub origin: Origin,
}
