//! Metadata of endpoints from the spec, as constants.
//!
//! Every generated request has an `ENDPOINT`. The client uses it to select a token, build the URL and explain failures; a
//! program can use it too, for example to list required scopes.

use std::fmt;
use std::time::Duration;

use crate::wire::Fields;

/// A request that [`crate::Client`] can send: its fields and its endpoint.
pub trait Request: Fields + Send + Sync {
    /// Returns the metadata of the endpoint.
    fn endpoint(&self) -> &'static EndpointInfo;
}

/// The metadata of an endpoint.
///
/// It may gain fields: write a value as [`EndpointInfo::new`] with setters, or as a literal that ends in
/// `..EndpointInfo::DEFAULT`, as generated code does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointInfo {
    /// The id: `drive.v1.media.download`.
    pub id: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path with `:name` for each path parameter.
    pub path: &'static str,
    /// The host of the platform that serves it.
    pub host: PlatformHost,
    /// Accepted token kinds; empty for none.
    pub tokens: &'static [TokenKind],
    /// App kinds that may call it; empty if undocumented.
    pub apps: &'static [AppKind],
    /// Scopes, of which any one suffices; may be empty.
    pub scopes: &'static [&'static str],
    /// Additional scopes for some fields of the response.
    pub field_scopes: &'static [&'static str],
    /// Abilities that the app must have enabled.
    pub abilities: &'static [Ability],
    /// Documented rate windows, which all apply, each for one app in one tenant.
    pub limits: &'static [Window],
    /// Headers sent with every call.
    pub headers: &'static [FixedHeader],
    /// Query parameters and body fields sent with every call.
    pub fixed_fields: &'static [FixedField],
    /// Encoding of the body fields.
    pub body: BodyKind,
    /// Wire name of the idempotency key, a string in the query or body: a call with it can be retried safely.
    pub idempotency: Option<&'static str>,
    /// Whether a call other than GET is idempotent.
    pub repeatable: bool,
    /// Kind of the response.
    pub response: ResponseKind,
    /// Documented failures without a code, and those that differ from the definition of their code;
    /// [`EndpointInfo::documented_errors`] has all.
    pub errors: &'static [DocumentedError],
    /// The definitions of the error codes of its project version, sorted by code.
    pub catalog: &'static [DocumentedError],
    /// Documented codes whose definition in `catalog` holds.
    pub codes: &'static [i64],
    /// Lifetime of what the response contains.
    pub lifetime: Option<Lifetime>,
    /// URL of the platform's page.
    pub docs: &'static str,
    /// Id of the successor of a deprecated endpoint, or `""` without one; `None` if not deprecated.
    pub deprecated: Option<&'static str>,
}

impl EndpointInfo {
    /// An endpoint without metadata.
    pub const DEFAULT: Self = Self::new("", Method::Get, "");

    /// Creates an endpoint without further metadata, whose response is an empty envelope.
    pub const fn new(id: &'static str, method: Method, path: &'static str) -> Self {
        Self {
            id,
            method,
            path,
            host: PlatformHost::Open,
            tokens: &[],
            apps: &[],
            scopes: &[],
            field_scopes: &[],
            abilities: &[],
            limits: &[],
            headers: &[],
            fixed_fields: &[],
            body: BodyKind::None,
            idempotency: None,
            repeatable: false,
            response: ResponseKind::Json { flat: false },
            errors: &[],
            catalog: &[],
            codes: &[],
            lifetime: None,
            docs: "",
            deprecated: None,
        }
    }

    /// Sets [`EndpointInfo::host`].
    pub const fn host(mut self, host: PlatformHost) -> Self {
        self.host = host;
        self
    }

    /// Sets [`EndpointInfo::tokens`].
    pub const fn tokens(mut self, tokens: &'static [TokenKind]) -> Self {
        self.tokens = tokens;
        self
    }

    /// Sets [`EndpointInfo::apps`].
    pub const fn apps(mut self, apps: &'static [AppKind]) -> Self {
        self.apps = apps;
        self
    }

    /// Sets [`EndpointInfo::scopes`].
    pub const fn scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = scopes;
        self
    }

    /// Sets [`EndpointInfo::field_scopes`].
    pub const fn field_scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.field_scopes = scopes;
        self
    }

    /// Sets [`EndpointInfo::abilities`].
    pub const fn abilities(mut self, abilities: &'static [Ability]) -> Self {
        self.abilities = abilities;
        self
    }

    /// Sets [`EndpointInfo::limits`].
    pub const fn limits(mut self, limits: &'static [Window]) -> Self {
        self.limits = limits;
        self
    }

    /// Sets [`EndpointInfo::headers`].
    pub const fn headers(mut self, headers: &'static [FixedHeader]) -> Self {
        self.headers = headers;
        self
    }

    /// Sets [`EndpointInfo::fixed_fields`].
    pub const fn fixed_fields(mut self, fields: &'static [FixedField]) -> Self {
        self.fixed_fields = fields;
        self
    }

    /// Sets [`EndpointInfo::body`].
    pub const fn body(mut self, body: BodyKind) -> Self {
        self.body = body;
        self
    }

    /// Sets [`EndpointInfo::idempotency`].
    pub const fn idempotency(mut self, field: &'static str) -> Self {
        self.idempotency = Some(field);
        self
    }

    /// Sets [`EndpointInfo::repeatable`].
    pub const fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Sets [`EndpointInfo::response`].
    pub const fn response(mut self, response: ResponseKind) -> Self {
        self.response = response;
        self
    }

    /// Sets [`EndpointInfo::errors`].
    pub const fn errors(mut self, errors: &'static [DocumentedError]) -> Self {
        self.errors = errors;
        self
    }

    /// Sets the documented codes whose definition is in `catalog`, which is sorted by code.
    pub const fn codes(mut self, catalog: &'static [DocumentedError], codes: &'static [i64]) -> Self {
        self.catalog = catalog;
        self.codes = codes;
        self
    }

    /// Sets [`EndpointInfo::lifetime`].
    pub const fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// Sets [`EndpointInfo::docs`].
    pub const fn docs(mut self, docs: &'static str) -> Self {
        self.docs = docs;
        self
    }

    /// Sets [`EndpointInfo::deprecated`].
    pub const fn deprecated(mut self, successor: &'static str) -> Self {
        self.deprecated = Some(successor);
        self
    }

    /// Returns the fixed header that only makes the platform name the file in `Content-Disposition`, if there is one.
    ///
    /// It is the fixed `Content-Type` of a GET without a body whose response is a file: such a header describes no body. The
    /// spec has it as `needs` of the response header `content-disposition`. Some proxies respond with HTTP 502 to it, so a call
    /// whose response is HTTP 5xx without an envelope and without the platform's log id is retried once without it, in addition
    /// to the attempts of the [`RetryPolicy`](crate::RetryPolicy). The file then has no name from the platform.
    pub fn name_header(&self) -> Option<&'static FixedHeader> {
        let is_file = matches!(self.response, ResponseKind::Binary { .. });
        if !is_file || self.method != Method::Get || self.body != BodyKind::None {
            return None;
        }
        self.headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case("content-type"))
    }

    /// Iterates over all documented failures.
    ///
    /// ```
    /// # #[cfg(feature = "drive")] {
    /// use larkspur::drive::v1::{ErrorCode, media};
    ///
    /// let info = &media::BatchGetTmpDownloadUrl::ENDPOINT;
    /// let mut codes = info.documented_errors().filter_map(|error| error.code);
    /// assert!(codes.any(|code| code == ErrorCode::InvalidParams.code()));
    /// # }
    /// ```
    pub fn documented_errors(&self) -> impl Iterator<Item = &'static DocumentedError> {
        let defined = self.codes.iter().filter_map(|code| self.defined(*code));
        self.errors.iter().chain(defined)
    }

    /// Returns the definition of a code.
    fn defined(&self, code: i64) -> Option<&'static DocumentedError> {
        let index = self.catalog.binary_search_by_key(&Some(code), |error| error.code);
        self.catalog.get(index.ok()?)
    }

    /// Returns the documented failure for a code and HTTP status: the one with the code, otherwise the one documented by its
    /// status only.
    ///
    /// A code that every endpoint may return, such as 99991672 for a missing scope, is never a failure documented by its
    /// status only.
    pub fn documented(&self, code: Option<i64>, http: u16) -> Option<&'static DocumentedError> {
        let by_code = |error: &&DocumentedError| code.is_some() && error.code == code;
        let by_status = |error: &&DocumentedError| error.code.is_none() && error.http == http;
        let defined = || self.defined(code.filter(|code| self.codes.contains(code))?);
        self.errors.iter().find(by_code).or_else(defined).or_else(|| {
            let is_common = code.is_some_and(is_common_code);
            self.errors.iter().filter(|_| !is_common).find(by_status)
        })
    }
}

/// Returns whether every endpoint may return this code: a code of the platform's gateway, or one of its rate limits and
/// overload.
pub(crate) fn is_common_code(code: i64) -> bool {
    matches!(code, 99_991_000..=99_991_999 | 11_232 | 230_020 | 2_200)
}

impl Method {
    /// Returns the name on the wire: `GET`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A host of the platform. Tokens are sent to these only, or to the base URL of a private deployment, gateway or mock server,
/// which serves the endpoints of all hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PlatformHost {
    /// `open.feishu.cn` or `open.larksuite.com`, the default.
    Open,
    /// `www.feishu.cn` or `www.larksuite.com`.
    Www,
    /// `accounts.feishu.cn` or `accounts.larksuite.com`.
    Accounts,
}

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// The kind of an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// `tenant_access_token`: the app itself, in one tenant.
    Tenant,
    /// `user_access_token`: a user who logged in.
    User,
    /// `app_access_token`: the app itself, in no tenant.
    App,
}

/// The kind of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AppKind {
    /// Built by the company that uses it.
    Custom,
    /// Distributed through the platform's store.
    Store,
}

/// A feature that must be enabled for the app, in addition to scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ability {
    /// The bot ability.
    Bot,
}

/// A rate window: a number of calls per duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Window {
    /// Number of calls.
    pub calls: u32,
    /// Length of the window.
    pub per: Duration,
}

impl Window {
    /// Creates a window of `calls` per `seconds`.
    pub const fn new(calls: u32, seconds: u64) -> Self {
        Self {
            calls,
            per: Duration::from_secs(seconds),
        }
    }

    /// Returns how long the client counts a call: `per` plus 4 %, at most 100 ms, because calls may arrive at shorter intervals
    /// than they were sent. A [`WindowStore`](crate::store::WindowStore) uses this instead of `per`.
    pub const fn counting_period(&self) -> Duration {
        let margin = match self.per.as_nanos() / 25 {
            // Smaller than 100 million, so it is a `u64`.
            margin @ ..100_000_000 => Duration::from_nanos(margin as u64),
            _ => Duration::from_millis(100),
        };
        self.per.saturating_add(margin)
    }
}

/// A header with a fixed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FixedHeader {
    /// Name.
    pub name: &'static str,
    /// Value.
    pub value: &'static str,
}

impl FixedHeader {
    /// Creates a header.
    pub const fn new(name: &'static str, value: &'static str) -> Self {
        Self { name, value }
    }
}

/// A query parameter or body field with a fixed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FixedField {
    /// Wire name.
    pub key: &'static str,
    /// Whether it is in the query instead of the body.
    pub in_query: bool,
    /// Value.
    pub value: FixedValue,
}

impl FixedField {
    /// Creates a query parameter.
    pub const fn query(key: &'static str, value: FixedValue) -> Self {
        Self {
            key,
            in_query: true,
            value,
        }
    }

    /// Creates a field of the JSON body.
    pub const fn body(key: &'static str, value: FixedValue) -> Self {
        Self {
            key,
            in_query: false,
            value,
        }
    }
}

/// The value of a [`FixedField`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FixedValue {
    Str(&'static str),
    Int(i64),
    Bool(bool),
}

/// As in a query.
impl fmt::Display for FixedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Str(text) => f.write_str(text),
            Self::Int(number) => number.fmt(f),
            Self::Bool(flag) => flag.fmt(f),
        }
    }
}

/// The encoding of the body fields of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyKind {
    /// No body.
    None,
    /// One JSON object.
    Json,
    /// `multipart/form-data`, one part for each field.
    Multipart,
}

/// The kind of a successful response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseKind {
    /// The platform's envelope.
    Json {
        /// Whether the fields are next to `code` and `msg` instead of in `data`.
        flat: bool,
    },
    /// A stream of bytes.
    Binary {
        /// Whether `Range` is supported.
        ranges: bool,
        /// Maximum size of the body in bytes, if documented.
        max_bytes: Option<u64>,
    },
}

/// A documented failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentedError {
    /// HTTP status.
    pub http: u16,
    /// Code of the envelope; `None` for a failure documented by its status only.
    pub code: Option<i64>,
    /// The platform's message, as documented.
    pub msg: &'static str,
    /// Cause and fix; may be empty.
    pub hint: &'static str,
    /// Whether a retry may succeed.
    pub retry: bool,
}

impl DocumentedError {
    /// Creates a failure with a code.
    pub const fn code(http: u16, code: i64, msg: &'static str, hint: &'static str) -> Self {
        Self {
            http,
            code: Some(code),
            msg,
            hint,
            retry: false,
        }
    }

    /// Creates a failure that is documented by its HTTP status only.
    pub const fn status(http: u16, hint: &'static str) -> Self {
        Self {
            http,
            code: None,
            msg: "",
            hint,
            retry: false,
        }
    }

    /// Marks the failure as retryable.
    pub const fn retry(mut self) -> Self {
        self.retry = true;
        self
    }
}

/// The lifetime of something in a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lifetime {
    /// What expires: `link`, `file`.
    pub of: &'static str,
    /// The lifetime.
    pub duration: Duration,
    /// Start of the lifetime; `""` for the time of the response.
    pub since: &'static str,
}

impl Lifetime {
    /// Creates a lifetime of `seconds` since `since`.
    pub const fn new(of: &'static str, seconds: u64, since: &'static str) -> Self {
        Self {
            of,
            duration: Duration::from_secs(seconds),
            since,
        }
    }
}

/// The documented error codes of a project version, as an enum.
///
/// Generated as `ErrorCode` for every project version with documented codes, such as `drive::v1::ErrorCode`; see
/// [`crate::Error::code_as`].
pub trait DocumentedCode: Sized {
    /// Project and version, such as `drive.v1`: the prefix of the ids of their endpoints.
    const VERSION: &'static str;

    /// Returns the variant of a code.
    fn from_code(code: i64) -> Option<Self>;
}
