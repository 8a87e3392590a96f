//! The error of the SDK.
//!
//! [`Error::kind`] returns what failed: the request was invalid and not sent, the platform rejected the call, or the
//! connection failed. Predicates and methods cover the common questions: [`Error::is_timeout`], [`Error::is_not_found`],
//! [`Error::is_rate_limited`], [`Error::is_auth`], [`Error::is_retryable`], [`Error::status`], [`Error::code`],
//! [`Error::msg`], [`Error::log_id`], and [`Error::code_as`] for the documented codes of a project version.
//!
//! `Display` is one line. [`Error::hint`] and [`Error::report`] have the details for people, `Debug` the structure.
//!
//! No error contains a token, a secret or the query of a URL.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::endpoint::{DocumentedCode, EndpointInfo, Request};

mod api;
mod auth;
mod display;
mod kind;
mod transfer;
mod transport;

pub use crate::wire::Violation;
pub use api::{ApiError, FieldViolation, Help, PermissionViolation};
pub use auth::{AuthError, LoginError, StoreError};
pub(crate) use kind::TaskRequest;
pub use kind::{ConfigError, DecodeError, ErrorKind, PaginationError, PollingError, RangeError, RateLimitError};
pub use transfer::{DownloadError, TemporaryLinkError, UploadError};
#[cfg(feature = "drive")]
pub(crate) use transport::find_cause;
pub use transport::{TransportError, TransportKind};

/// Codes of `authen.v2.oauth.token` for an unusable refresh token. 20074 is absent: there the app may not refresh, and
/// once it may, the login works again.
const UNUSABLE_REFRESH_TOKEN: [i64; 4] = [20026, 20037, 20064, 20073];

/// Id of the endpoint that exchanges and refreshes the tokens of a user.
const TOKEN_ENDPOINT: &str = "authen.v2.oauth.token";

/// `Result` with the error of the SDK.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The error of a call.
///
/// Cheap to clone: callers that share a token fetch share its error.
///
/// ```
/// # fn example(error: larkspur::Error) {
/// use larkspur::im::v1::ErrorCode;
///
/// match error.code_as() {
///     Some(ErrorCode::FileDeleted) => println!("the file was deleted"),
///     _ if error.is_retryable() => println!("retry later"),
///     _ => eprintln!("{error}"),
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Error {
    inner: Arc<Inner>,
}

struct Inner {
    cause: Arc<Cause>,
    /// The request that polls the running task; not in the cause, which other errors may share.
    task: Option<TaskRequest>,
}

struct Cause {
    endpoint: Option<&'static EndpointInfo>,
    kind: ErrorKind,
    tries: Tries,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self::with_endpoint(None, kind)
    }

    /// Creates an error of a call to this endpoint.
    pub(crate) fn at(endpoint: &'static EndpointInfo, kind: ErrorKind) -> Self {
        Self::with_endpoint(Some(endpoint), kind)
    }

    fn with_endpoint(endpoint: Option<&'static EndpointInfo>, kind: ErrorKind) -> Self {
        let cause = Arc::new(Cause {
            endpoint,
            kind,
            tries: Tries::default(),
        });
        Self::from_cause(cause, None)
    }

    fn from_cause(cause: Arc<Cause>, task: Option<TaskRequest>) -> Self {
        let inner = Arc::new(Inner { cause, task });
        Self { inner }
    }

    /// Returns the cause if it is not shared.
    fn cause_mut(&mut self) -> Option<&mut Cause> {
        Arc::get_mut(&mut Arc::get_mut(&mut self.inner)?.cause)
    }

    /// Adds the request that polls the task.
    pub(crate) fn with_task_request(self, task: TaskRequest) -> Self {
        Self::from_cause(self.inner.cause.clone(), Some(task))
    }

    /// Adds the attempts. A shared error, that of a token fetch, has those of its own call already.
    pub(crate) fn after(mut self, tries: Tries) -> Self {
        if let Some(cause) = self.cause_mut()
            && cause.tries.attempts == 0
        {
            cause.tries = tries;
        }
        self
    }

    /// Replaces the attempts by those of several calls.
    pub(crate) fn after_all(mut self, tries: Tries) -> Self {
        if let Some(cause) = self.cause_mut() {
            cause.tries = tries;
        }
        self
    }

    /// Returns what failed.
    pub fn kind(&self) -> &ErrorKind {
        &self.inner.cause.kind
    }

    /// Returns the called endpoint. If the client could not fetch a token, this is the token endpoint.
    pub fn endpoint(&self) -> Option<&'static EndpointInfo> {
        self.inner.cause.endpoint
    }

    /// Returns the response of the platform if it rejected the call.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self.kind() {
            ErrorKind::Api(response) => Some(response),
            _ => None,
        }
    }

    /// Returns whether a timeout expired: for the connection, the response, a token, or a polled task.
    ///
    /// ```
    /// # fn example(error: larkspur::Error) {
    /// if error.is_timeout() {
    ///     eprintln!("slow network: {error}");
    /// }
    /// # }
    /// ```
    pub fn is_timeout(&self) -> bool {
        match self.kind() {
            ErrorKind::Transport(error) => error.kind == TransportKind::Timeout,
            ErrorKind::Polling(error) => matches!(error, PollingError::Unfinished { .. }),
            _ => false,
        }
    }

    /// Returns whether the requested resource does not exist: HTTP 404, a failure that the endpoint documents with HTTP 404,
    /// or a media without a temporary link.
    ///
    /// ```
    /// # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
    /// use larkspur::drive::v1::media;
    ///
    /// match media::Download::new("boxcn1").send(&client).await {
    ///     Ok(file) => drop(file.save("cover.png").await?),
    ///     Err(error) if error.is_not_found() => println!("no such media"),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_not_found(&self) -> bool {
        match self.kind() {
            ErrorKind::Api(response) => response.is_not_found(self.endpoint()),
            ErrorKind::TemporaryLink(error) => matches!(
                error,
                TemporaryLinkError::Missing | TemporaryLinkError::Refused { status: 404, .. }
            ),
            _ => false,
        }
    }

    /// Returns whether a rate limit was exceeded: by the platform's response, or before sending
    /// ([`RateLimitMode`](crate::RateLimitMode)). [`Error::retry_after`] returns the delay.
    ///
    /// ```
    /// # fn example(error: larkspur::Error) {
    /// if error.is_rate_limited() {
    ///     println!("retry in {:?}", error.retry_after());
    /// }
    /// # }
    /// ```
    pub fn is_rate_limited(&self) -> bool {
        match self.kind() {
            ErrorKind::RateLimited(_) => true,
            ErrorKind::Api(response) => response.is_rate_limited(),
            ErrorKind::TemporaryLink(error) => matches!(error, TemporaryLinkError::Refused { status: 429, .. }),
            _ => false,
        }
    }

    /// Returns whether the user has to log in again: nothing else helps.
    pub fn needs_login(&self) -> bool {
        match self.kind() {
            ErrorKind::Login(error) => matches!(error, LoginError::None | LoginError::NoRefreshToken),
            ErrorKind::Api(answer) => {
                let here = self.endpoint().is_some_and(|endpoint| endpoint.id == TOKEN_ENDPOINT);
                here && answer.code.is_some_and(|code| UNUSABLE_REFRESH_TOKEN.contains(&code))
            }
            _ => false,
        }
    }

    /// Returns whether credentials, a token, a login or a scope is missing or was rejected.
    /// [`Error::needs_login`] returns whether the user has to log in again.
    ///
    /// ```
    /// # fn example(error: larkspur::Error) {
    /// if error.is_auth() {
    ///     eprintln!("{error}\n{}", error.hint().unwrap_or_default());
    /// }
    /// # }
    /// ```
    pub fn is_auth(&self) -> bool {
        match self.kind() {
            ErrorKind::Auth(_) | ErrorKind::Login(_) => true,
            ErrorKind::Api(response) => response.is_auth(),
            _ => false,
        }
    }

    /// Returns the HTTP status of the response.
    pub fn status(&self) -> Option<u16> {
        match self.kind() {
            ErrorKind::Api(response) => Some(response.status),
            ErrorKind::TemporaryLink(TemporaryLinkError::Refused { status, .. })
            | ErrorKind::Download(DownloadError::ForeignPage { status }) => Some(*status),
            ErrorKind::Decode(error) => Some(error.status),
            _ => None,
        }
    }

    /// Returns the code of the envelope.
    ///
    /// ```
    /// # fn example(error: larkspur::Error) {
    /// println!("HTTP {:?}, code {:?}: {:?}", error.status(), error.code(), error.msg());
    /// # }
    /// ```
    pub fn code(&self) -> Option<i64> {
        self.api_error()?.code
    }

    /// Returns the message of the envelope.
    pub fn msg(&self) -> Option<&str> {
        let response = self.api_error()?;
        response.code.map(|_| response.msg.as_str())
    }

    /// Returns the log id of the call, for the platform's support.
    pub fn log_id(&self) -> Option<&str> {
        match self.kind() {
            ErrorKind::Api(response) => response.log_id.as_deref(),
            ErrorKind::Decode(error) => error.log_id.as_deref(),
            _ => None,
        }
    }

    /// Returns how many times the request was sent; 0 if it was not. If the client could not fetch a token, this counts the
    /// token request.
    pub fn attempts(&self) -> u32 {
        self.inner.cause.tries.attempts
    }

    /// Returns the delay before each attempt but the first.
    pub fn waits(&self) -> &[Duration] {
        &self.inner.cause.tries.waits
    }

    /// Returns the request that polls the task, such as `export_task::Get`; `None` if the error is not from
    /// [`polling`](crate::polling), the task was not started, or its request has another type.
    ///
    /// Save its fields to continue in another process; its `wait` continues polling.
    pub fn task<R: Request + Clone + 'static>(&self) -> Option<R> {
        self.inner.task.as_ref()?.request()
    }

    /// Returns what is wrong with a request that was not sent; empty for other errors.
    pub fn violations(&self) -> &[Violation] {
        match self.kind() {
            ErrorKind::Validation(violations) => violations,
            _ => &[],
        }
    }

    /// Returns cause and fix of a rejected call, from the spec or the platform's list of common codes.
    ///
    /// ```
    /// # fn example(error: larkspur::Error) {
    /// if let Some(hint) = error.hint() {
    ///     eprintln!("hint: {hint}");
    /// }
    /// # }
    /// ```
    pub fn hint(&self) -> Option<String> {
        display::hint(self)
    }

    /// Returns the error for people, in several lines: the line of `Display`, the hint, all violations, attempts, links to
    /// documentation, and the log id.
    ///
    /// ```
    /// # fn example(error: larkspur::Error) {
    /// eprintln!("error: {}", error.report());
    /// # }
    /// ```
    pub fn report(&self) -> impl fmt::Display + '_ {
        display::Report(self)
    }

    /// Returns the delay before the next attempt that the platform or the endpoint's rate limit imposes.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.kind() {
            ErrorKind::RateLimited(limited) => Some(limited.wait),
            ErrorKind::TemporaryLink(TemporaryLinkError::Refused { retry_after, .. }) => *retry_after,
            _ => self.api_error()?.retry_after,
        }
    }

    /// Returns the platform's code as the `ErrorCode` of the endpoint's project version, such as `drive::v1::ErrorCode`.
    ///
    /// It is `None` for codes that no page of the project version documents, for errors of other project versions, whose codes
    /// may have other meanings, and for errors without a code. A failure that is documented by its status alone is recognized by
    /// [`Error::status`].
    ///
    /// ```
    /// # fn example(error: larkspur::Error) {
    /// use larkspur::drive::v1::ErrorCode;
    ///
    /// if error.code_as() == Some(ErrorCode::InvalidParams) {
    ///     println!("a parameter is invalid: {error}");
    /// }
    /// # }
    /// ```
    pub fn code_as<E: DocumentedCode>(&self) -> Option<E> {
        let code = self.api_error()?.code?;
        let of_version = self.endpoint()?.id.strip_prefix(E::VERSION)?.starts_with('.');
        of_version.then(|| E::from_code(code)).flatten()
    }

    /// Returns whether a retry may succeed. The first attempt may still have been processed.
    ///
    /// ```
    /// # fn example(error: larkspur::Error) {
    /// if error.is_retryable() {
    ///     println!("retry later: {error}");
    /// }
    /// # }
    /// ```
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Api(response) => response.is_retryable(self.endpoint()),
            ErrorKind::Transport(error) => error.kind.is_retryable(),
            ErrorKind::RateLimited(_) | ErrorKind::Store(_) => true,
            ErrorKind::Download(error) => error.is_retryable(),
            ErrorKind::TemporaryLink(error) => error.is_retryable(),
            ErrorKind::Polling(PollingError::Unfinished { .. }) => true,
            ErrorKind::Upload(error) => error.is_retryable(),
            _ => false,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tries = &self.inner.cause.tries;
        f.debug_struct("Error")
            .field("endpoint", &self.endpoint().map(|endpoint| endpoint.id))
            .field("kind", self.kind())
            .field("hint", &self.hint())
            .field("attempts", &tries.attempts)
            .field("waits", &tries.waits)
            .field("stopped", &tries.stopped)
            .field("task", &self.inner.task.as_ref().map(ToString::to_string))
            .finish()
    }
}

/// The source of a transport failure is the error of the HTTP client, without its URL.
///
/// ```
/// # fn example(error: larkspur::Error) {
/// let mut source = std::error::Error::source(&error);
/// while let Some(cause) = source {
///     eprintln!("caused by: {cause}");
///     source = cause.source();
/// }
/// # }
/// ```
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.kind() {
            ErrorKind::Store(error) => Some(error),
            ErrorKind::Transport(error) => error.source(),
            ErrorKind::Io { source, .. } | ErrorKind::Download(DownloadError::Writer { source }) => Some(source),
            ErrorKind::Download(DownloadError::Store { source }) => Some(&**source),
            ErrorKind::Upload(UploadError::Read { source, .. }) => Some(source),
            ErrorKind::Upload(UploadError::Stream { source }) => Some(&**source),
            _ => None,
        }
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::new(ErrorKind::Config(error))
    }
}

/// The attempts of a failed call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tries {
    pub attempts: u32,
    /// The delay before each attempt but the first.
    pub waits: Vec<Duration>,
    /// Why the last failure was not retried, although a retry might have succeeded.
    pub stopped: Option<Stopped>,
    /// The number of other requests for the same file, which were refused too.
    pub fallbacks: u32,
}

/// Why a retryable failure was not retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// The retry policy allows no further attempt.
    Attempts,
    /// The delay would exceed the deadline.
    Deadline,
    /// The client's retry budget is exhausted.
    Budget,
    /// The request may have been processed; with the field for an idempotency key, if the endpoint has one.
    Effect(Option<&'static str>),
    /// The request body can be read only once.
    Body,
    /// The platform issued the rejected token again.
    SameToken,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attempts => f.write_str("the retry policy allows no further attempt"),
            Self::Deadline => f.write_str("the delay would exceed the deadline of the call"),
            Self::Budget => f.write_str("too many calls of this client fail, and its retry budget is exhausted"),
            Self::Effect(Some(key)) => write!(
                f,
                "the request may have been processed; set `{key}` to make the call idempotent"
            ),
            Self::Effect(None) => f.write_str("the request may have been processed; check before retrying"),
            Self::SameToken => {
                f.write_str("the platform issued the same token again, so the endpoint does not accept this token")
            }
            Self::Body => f.write_str("its file is a stream, which can be read only once"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_endpoint_has_the_generated_id() {
        assert_eq!(crate::authen::v2::oauth::Token::ENDPOINT.id, TOKEN_ENDPOINT);
    }
}
