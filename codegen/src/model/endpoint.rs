//! Endpoints: request, response, errors, pagination, polling and upload.

use serde::Serialize;

use super::{Field, Origin, Place, TypeId};

/// One endpoint of the platform.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Endpoint {
    /// `project.version.resource.method`, such as `drive.v1.media.batch_get_tmp_download_url`.
    pub id: String,
    /// The last part of the id: the key in the YAML file.
    pub name: String,
    /// The request type in Rust: `BatchGetTmpDownloadUrl`.
    pub rust: String,
    /// A one-line description.
    pub summary: Option<String>,
    /// The platform's page.
    pub docs: Option<String>,
    /// Date of the page that the entry was transcribed from, `YYYY-MM-DD`.
    pub updated: Option<String>,
    /// HTTP method.
    pub method: Method,
    /// Path with parameters in the platform's notation: `/open-apis/drive/v1/medias/:file_token/download`.
    pub path: String,
    /// Where it is documented, if the platform has no page of it.
    pub source: Option<SecondSource>,
    /// Token kinds that the page does not document, each with its source.
    pub token_sources: Vec<(TokenKind, SecondSource)>,
    /// The host of the platform that serves it.
    pub host: PlatformHost,
    /// Token kinds that the endpoint takes; `None` if the spec does not state them, empty if it takes no token.
    pub tokens: Option<Vec<TokenKind>>,
    /// App kinds that may call it; empty if the spec does not state them.
    pub apps: Vec<AppKind>,
    /// Scopes, any one of which suffices; `None` if the spec does not state them, empty if no scope is required.
    pub scopes: Option<Vec<String>>,
    /// Additional scopes that some response fields require.
    pub field_scopes: Vec<String>,
    /// Abilities that the app must enable.
    pub abilities: Vec<Ability>,
    /// Rate limits, all of which apply; `None` if the spec does not state them.
    pub limits: Option<Limits>,
    /// Headers with constant values, sent with every request.
    pub fixed_headers: Vec<FixedHeader>,
    /// Query parameters and body fields with constant values, sent with every request.
    pub fixed_fields: Vec<FixedField>,
    /// Request fields: path, query, headers and body, each in file order.
    pub fields: Vec<Field>,
    /// Encoding of the body fields.
    pub body: Body,
    /// Wire name of the query or body field with the idempotency key.
    pub idempotency: Option<String>,
    /// Whether the request is idempotent although its method is not GET.
    pub repeatable: bool,
    /// The response.
    pub response: Response,
    /// Whether a flat response follows OAuth 2.0: without `msg`, with `error` and `error_description` in errors.
    pub oauth: bool,
    /// Documented errors, by code or by HTTP status alone.
    pub errors: Vec<ErrorEntry>,
    /// The fields for pagination, if the response is paginated.
    pub pagination: Option<Pagination>,
    /// How to poll the task that the request starts.
    pub poll: Option<Poll>,
    /// How the response reports the state of a task, if [`Poll::endpoint`] of other endpoints names this one.
    pub task_state: Option<PollState>,
    /// How to upload a file in parts that is too large for one request.
    pub upload: Option<Upload>,
    /// How long the result stays available.
    pub lifetime: Option<Lifetime>,
    /// Set if the endpoint is deprecated.
    pub deprecated: Option<Deprecation>,
    /// Restrictions that types cannot express.
    pub notes: Vec<String>,
    /// The position of the entry.
    #[serde(skip)]
    pub origin: Origin,
    /// The positions of its keys.
    #[serde(skip)]
    pub keys: Vec<(String, Origin)>,
}

impl Endpoint {
    /// Returns the position of a key of the entry, or of the entry if it does not have the key.
    pub fn origin_of(&self, key: &str) -> Origin {
        let mut keys = self.keys.iter();
        keys.find(|(name, _)| name == key)
            .map_or(self.origin, |(_, origin)| *origin)
    }
}

/// A source of facts other than the platform's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum SecondSource {
    /// The platform's own SDK.
    Sdk,
}

impl SecondSource {
    /// Returns the word in the spec.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sdk => "sdk",
        }
    }

    /// Returns the name in sentences.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Sdk => "the platform's own SDK",
        }
    }
}

/// A host of the platform. The domain depends on the region: `feishu.cn` or `larksuite.com`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum PlatformHost {
    /// `open`, the default.
    #[default]
    Open,
    /// `www`.
    Www,
    /// `accounts`.
    Accounts,
}

impl PlatformHost {
    /// Returns the host name without the domain, as in the spec.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Www => "www",
            Self::Accounts => "accounts",
        }
    }
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
    /// Returns the method in upper case.
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
    /// `tenant_access_token`: the app in one tenant.
    Tenant,
    /// `user_access_token`: a logged-in user.
    User,
    /// `app_access_token`: the app without a tenant.
    App,
}

impl TokenKind {
    /// Returns the word in the spec.
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
    /// An app for one tenant.
    Custom,
    /// An app distributed through the platform's store.
    Store,
}

impl AppKind {
    /// Returns the word in the spec.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Store => "store",
        }
    }
}

/// A feature that the app must enable in addition to its scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Ability {
    /// The bot ability.
    Bot,
}

impl Ability {
    /// Returns the word in the spec.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bot => "bot",
        }
    }
}

/// The rate limits of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Limits {
    /// Whether the page states a "special" limit without a number.
    pub special: bool,
    /// The documented windows.
    pub windows: Vec<Window>,
}

/// A rate limit over a fixed period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Number of calls.
    pub calls: u32,
    /// Period in seconds: 1, 60, 3600 or 86400.
    pub seconds: u32,
}

/// A header with a constant value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FixedHeader {
    /// Name as spelled on the page.
    pub name: String,
    /// Value.
    pub value: String,
    /// Whether the platform rejects requests without it.
    pub required: bool,
    /// Why it is sent.
    pub doc: Option<String>,
}

/// A query parameter or body field with a constant value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FixedField {
    /// The wire name.
    pub key: String,
    /// The query or the body.
    pub place: Place,
    /// The value: a string, an integer or a boolean.
    #[serde(serialize_with = "super::as_json")]
    pub value: serde_json::Value,
    /// Why it is sent.
    pub doc: Option<String>,
    /// The position in the spec.
    #[serde(skip)]
    pub origin: Origin,
}

impl FixedField {
    /// Returns the value as text, as a query contains it.
    pub fn text(&self) -> String {
        self.value
            .as_str()
            .map_or_else(|| self.value.to_string(), str::to_owned)
    }
}

/// Returns whether no request matches both endpoints: a fixed field has another value in each.
pub fn have_different_fixed_fields(one: &Endpoint, other: &Endpoint) -> bool {
    one.fixed_fields.iter().any(|field| {
        let mut others = other.fixed_fields.iter();
        others.any(|other| (field.place, &field.key) == (other.place, &other.key) && field.value != other.value)
    })
}

/// The encoding of the body fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Body {
    /// No body.
    None,
    /// One JSON object.
    Json,
    /// `multipart/form-data`, one part per field.
    Multipart,
}

/// The response of a successful call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Response {
    /// An envelope without data.
    Empty,
    /// An object, in the `data` of the envelope or next to `code` and `msg`.
    Json {
        /// The response type.
        ty: TypeId,
        /// Whether the fields are next to `code` and `msg` instead of in `data`.
        flat: bool,
    },
    /// A stream of bytes.
    Binary(Binary),
}

/// A binary response.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Binary {
    /// Whether the platform supports `Range` requests.
    pub ranges: bool,
    /// Maximum body size in bytes.
    pub max_bytes: Option<u64>,
    /// Documented response headers.
    pub headers: Vec<ResponseHeader>,
}

/// A documented header of a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResponseHeader {
    /// Name, in lower case.
    pub name: String,
    /// A one-line description.
    pub doc: Option<String>,
    /// Name of the fixed request header that it requires.
    pub needs: Option<String>,
}

/// A documented error of an endpoint: the definition of its code, with the differences at this endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorEntry {
    /// HTTP status.
    pub http: u16,
    /// The `code` of the envelope; `None` if the page documents only the HTTP status.
    pub code: Option<i64>,
    /// The `msg` as documented.
    pub msg: Option<String>,
    /// Variant of the error code of the project version; `None` without a code.
    pub rust: Option<String>,
    /// Cause and fix.
    pub doc: Option<String>,
    /// Whether the request can be retried.
    pub retry: bool,
    /// Whether a property differs from the definition of the code in `errors.yaml`; always set without a code.
    pub differs: bool,
    /// The position of the entry.
    #[serde(skip)]
    pub origin: Origin,
}

/// The definition of an error code, in the `errors.yaml` of its project version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorCode {
    /// The `code` of the envelope.
    pub code: i64,
    /// Variant of the generated `ErrorCode`.
    pub rust: String,
    /// HTTP status.
    pub http: u16,
    /// The `msg` as documented.
    pub msg: Option<String>,
    /// Cause and fix.
    pub doc: Option<String>,
    /// Whether the request can be retried.
    pub retry: bool,
    /// The position of its key.
    #[serde(skip)]
    pub origin: Origin,
}

/// The fields for pagination. All of them exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pagination {
    /// Wire name of the request field for the page token.
    pub token: String,
    /// Wire name of the response field with the next page token.
    pub next: String,
    /// Wire name of the boolean response field that indicates more pages.
    pub more: String,
    /// Wire name of the response field with the items.
    pub items: String,
    /// Wire name of the request field for the page size.
    pub size: Option<String>,
}

/// How long a result stays available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lifetime {
    /// What expires: `link`, `file`.
    pub of: String,
    /// Lifetime in seconds.
    pub seconds: u64,
    /// Start of the lifetime; `None` if it starts with the response.
    pub since: Option<String>,
}

/// The deprecation of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deprecation {
    /// Id of the endpoint to use instead.
    pub successor: Option<String>,
    /// The reason.
    pub reason: Option<String>,
}

/// How to poll the state of a task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Poll {
    /// Id of the endpoint to poll.
    pub endpoint: String,
    /// The fields of its request; every required field is set.
    pub feeds: Vec<Feed>,
    /// How its response reports the state.
    pub state: PollState,
    /// The position of `endpoint:`.
    #[serde(skip)]
    pub origin: Origin,
}

/// A field of the poll request and the source of its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Feed {
    /// Wire name of the path or query field of the poll request.
    pub field: String,
    /// Where the value is taken from.
    pub source: FeedSource,
    /// Wire name of the field with the value.
    pub from: String,
    /// The position in the spec.
    #[serde(skip)]
    pub origin: Origin,
}

/// The source of a field of the poll request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum FeedSource {
    /// The response to the request that started the task.
    Response,
    /// The request that started the task.
    Request,
}

/// How a poll response reports the state of a task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PollState {
    /// Wire names of the path to the state field, through objects.
    pub path: Vec<String>,
    /// Values of a completed task.
    #[serde(serialize_with = "super::as_json")]
    pub done: Vec<serde_json::Value>,
    /// Values of a failed task.
    #[serde(serialize_with = "super::as_json")]
    pub failed: Vec<serde_json::Value>,
    /// Wire names of the path to the failure reason; empty if absent.
    pub reason: Vec<String>,
    /// The position in the spec.
    #[serde(skip)]
    pub origin: Origin,
}

/// How to upload a file in parts. The fields of `prepare` are taken from the request by key, those of `part` and `finish` from
/// the response of `prepare`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Upload {
    /// The endpoint that starts the upload and returns the part size.
    pub prepare: Step,
    /// The endpoint that receives a part.
    pub part: Step,
    /// The endpoint that assembles the parts; its response contains that of the single-call endpoint.
    pub finish: Step,
    /// Wire name of the field of the `prepare` response with the part size in bytes.
    pub block_size: String,
    /// Wire name of the field of the `prepare` response with the number of parts.
    pub block_count: String,
    /// Wire name of the field of `part` with the zero-based part number.
    pub number: String,
    /// Codes for an expired or unknown upload, after which it restarts.
    pub restart: Vec<i64>,
    /// The position in the spec.
    #[serde(skip)]
    pub origin: Origin,
}

impl Upload {
    /// Returns the steps in order, each with its key in the spec.
    pub fn steps(&self) -> [(&'static str, &Step); 3] {
        [
            ("prepare", &self.prepare),
            ("part", &self.part),
            ("finish", &self.finish),
        ]
    }
}

/// A step of an upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Id of its endpoint.
    pub endpoint: String,
    /// The position of the id.
    #[serde(skip)]
    pub origin: Origin,
}
