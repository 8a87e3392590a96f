//! What the SDK knows of an endpoint: facts of the spec as constant data.
//!
//! Every generated request has an `ENDPOINT`. The client reads it to choose a token, to build the URL
//! and to explain a failure; a program can read it too, for example to list the scopes it needs.

use std::time::Duration;

use crate::wire::Fields;

/// A request that [`crate::Client`] can send: its fields, and the endpoint that they are for.
pub trait Request: Fields + Send + Sync {
    /// The facts of the endpoint.
    fn endpoint(&self) -> &'static EndpointInfo;
}

/// The facts of one endpoint.
///
/// Generated code builds it with [`EndpointInfo::new`] and the methods that follow; the fields are for reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndpointInfo {
    /// The platform's name: `drive.v1.media.download`.
    pub id: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path with `:name` for each path parameter.
    pub path: &'static str,
    /// Kinds of token that it takes; empty where it takes none.
    pub tokens: &'static [TokenKind],
    /// Kinds of app that may call it; empty where the documentation does not say.
    pub apps: &'static [AppKind],
    /// Scopes of which any one suffices; empty where none is needed.
    pub scopes: &'static [&'static str],
    /// Scopes that some fields of the answer need on top.
    pub field_scopes: &'static [&'static str],
    /// Abilities that the app must have switched on.
    pub abilities: &'static [Ability],
    /// Documented rate windows, all in force at once, each for one app in one tenant.
    pub limits: &'static [Window],
    /// Headers sent with every call.
    pub headers: &'static [FixedHeader],
    /// How the body fields travel.
    pub body: BodyKind,
    /// Wire name of the string in the query or body by which the platform recognises a repeated call:
    /// whoever sets it may send the call again without its being done twice.
    pub idempotency: Option<&'static str>,
    /// Whether a call that is no GET does the same however often it is sent.
    pub repeatable: bool,
    /// What comes back.
    pub response: ResponseKind,
    /// Documented failures.
    pub errors: &'static [DocumentedError],
    /// How long what the answer holds stays available.
    pub lifetime: Option<Lifetime>,
    /// The platform's page.
    pub docs: &'static str,
    /// Id of the endpoint to use instead, or `""` where there is none; `None` where this one is current.
    pub deprecated: Option<&'static str>,
}

impl EndpointInfo {
    /// An endpoint of which nothing else is known; it answers with an empty envelope.
    pub const fn new(id: &'static str, method: Method, path: &'static str) -> Self {
        Self {
            id,
            method,
            path,
            tokens: &[],
            apps: &[],
            scopes: &[],
            field_scopes: &[],
            abilities: &[],
            limits: &[],
            headers: &[],
            body: BodyKind::None,
            idempotency: None,
            repeatable: false,
            response: ResponseKind::Json { flat: false },
            errors: &[],
            lifetime: None,
            docs: "",
            deprecated: None,
        }
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

    /// The documented failure that this code and HTTP status stand for: the one with the code, else
    /// the one that the documentation tells by its status alone.
    pub fn documented(&self, code: Option<i64>, http: u16) -> Option<&'static DocumentedError> {
        let by_code = |error: &&DocumentedError| code.is_some() && error.code == code;
        let by_status = |error: &&DocumentedError| error.code.is_none() && error.http == http;
        self.errors
            .iter()
            .find(by_code)
            .or_else(|| self.errors.iter().find(by_status))
    }
}

impl Method {
    /// The name on the wire: `GET`.
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

/// Kind of access token.
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

/// Kind of app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AppKind {
    /// Built by the company that uses it.
    Custom,
    /// Distributed through the platform's store.
    Store,
}

/// Something that has to be switched on for the app, apart from its scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ability {
    /// The bot ability.
    Bot,
}

/// So many calls in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Window {
    /// How many calls.
    pub calls: u32,
    /// In how much time.
    pub per: Duration,
}

impl Window {
    /// `calls` in `seconds`.
    pub const fn new(calls: u32, seconds: u64) -> Self {
        Self {
            calls,
            per: Duration::from_secs(seconds),
        }
    }

    /// How long the client counts a call: `per` and 4 % of it, 100 ms at most, because calls may arrive closer
    /// together than they were sent. A [`WindowStore`](crate::store::WindowStore) keeps to this, not to `per`.
    pub const fn counting_period(&self) -> Duration {
        let margin = match self.per.as_nanos() / 25 {
            // Smaller than 100 million, so it is a `u64`.
            margin @ ..100_000_000 => Duration::from_nanos(margin as u64),
            _ => Duration::from_millis(100),
        };
        self.per.saturating_add(margin)
    }
}

/// A header that is sent as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FixedHeader {
    /// Name.
    pub name: &'static str,
    /// Value.
    pub value: &'static str,
}

impl FixedHeader {
    /// `name: value`.
    pub const fn new(name: &'static str, value: &'static str) -> Self {
        Self { name, value }
    }
}

/// How the body fields of a request travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyKind {
    /// There is no body.
    None,
    /// One JSON object.
    Json,
    /// `multipart/form-data`, one part for each field.
    Multipart,
}

/// What comes back from a call that succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseKind {
    /// The platform's envelope.
    Json {
        /// Whether the fields stand beside `code` and `msg` instead of in `data`.
        flat: bool,
    },
    /// A stream of bytes.
    Binary {
        /// Whether a `Range` is honoured.
        ranges: bool,
        /// The largest body that the platform sends, in bytes, where the documentation says.
        max_bytes: Option<u64>,
    },
}

/// A failure that the documentation lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentedError {
    /// HTTP status.
    pub http: u16,
    /// Code of the envelope; `None` where the documentation tells the failure by its status alone.
    pub code: Option<i64>,
    /// The platform's message, as documented.
    pub msg: &'static str,
    /// Cause and way out; `""` where the spec has none.
    pub hint: &'static str,
    /// Whether trying again may help.
    pub retry: bool,
}

impl DocumentedError {
    /// A failure with a code of its own.
    pub const fn code(http: u16, code: i64, msg: &'static str, hint: &'static str) -> Self {
        Self {
            http,
            code: Some(code),
            msg,
            hint,
            retry: false,
        }
    }

    /// A failure told by its HTTP status alone.
    pub const fn status(http: u16, hint: &'static str) -> Self {
        Self {
            http,
            code: None,
            msg: "",
            hint,
            retry: false,
        }
    }

    /// Marks the failure as one that another try may not meet.
    pub const fn retry(mut self) -> Self {
        self.retry = true;
        self
    }
}

/// How long what an answer holds stays available.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lifetime {
    /// What expires: `link`, `file`.
    pub of: &'static str,
    /// For how long.
    pub duration: Duration,
    /// Since when; `""` where it is counted from the answer.
    pub since: &'static str,
}

impl Lifetime {
    /// `of` lives for `seconds` since `since`.
    pub const fn new(of: &'static str, seconds: u64, since: &'static str) -> Self {
        Self {
            of,
            duration: Duration::from_secs(seconds),
            since,
        }
    }
}

/// The documented failures of one endpoint, as an enum to match on.
///
/// Generated for every endpoint that documents any, and used through [`crate::Error::documented`].
pub trait Documented: Sized {
    /// The endpoint whose failures these are.
    const ENDPOINT: &'static EndpointInfo;

    /// The failure that this code and HTTP status stand for. A code decides where there is one;
    /// the status alone decides for failures without.
    fn from_answer(code: Option<i64>, http: u16) -> Option<Self>;
}
