//! The one error of the SDK.
//!
//! [`Error::kind`] tells what went wrong: the request was wrong and not sent, the platform answered
//! that the call failed, or something failed between here and there. What most programs ask for has
//! a method: [`Error::code`], [`Error::status`], [`Error::log_id`], [`Error::is_retryable`], and
//! [`Error::documented`] for the failures that the endpoint's page lists.
//!
//! No error holds a token, a secret or the query of a URL.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::endpoint::{Documented, EndpointInfo, Request};

mod api;
mod attempts;
mod auth;
mod config;
mod display;
mod download;
mod kind;
mod login;
mod pagination;
mod polling;
mod rate_limit;
mod store;
mod temporary_link;
mod transport;
mod upload;

pub use crate::wire::Violation;
pub use api::{ApiError, FieldViolation, Help, PermissionViolation};
pub(crate) use attempts::{Stopped, Tries};
pub use auth::AuthError;
pub use config::ConfigError;
pub use download::DownloadError;
pub use kind::{DecodeError, ErrorKind, RangeError};
pub use login::LoginError;
pub use pagination::PaginationError;
pub use polling::PollingError;
pub(crate) use polling::TaskRequest;
pub use rate_limit::RateLimitError;
pub use store::StoreError;
pub use temporary_link::TemporaryLinkError;
#[cfg(feature = "drive")]
pub(crate) use transport::find_cause;
pub use transport::{TransportError, TransportKind};
pub use upload::UploadError;

/// `Result` with the error of the SDK.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
///
/// Cheap to clone: callers that wait for one token share the error if it cannot be had.
///
/// ```
/// # fn example(error: larkspur::Error) {
/// use larkspur::im::v1::file::GetError;
///
/// match error.documented() {
///     Some(GetError::Deleted) => println!("nothing to download any more"),
///     _ if error.is_retryable() => println!("later, perhaps"),
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
    /// What asks for the task that is under way meanwhile; beside the cause, which others may share.
    task: Option<TaskRequest>,
}

struct Cause {
    endpoint: Option<&'static EndpointInfo>,
    problem: ErrorKind,
    tries: Tries,
}

impl Error {
    pub(crate) fn new(problem: ErrorKind) -> Self {
        Self::made(None, problem)
    }

    /// An error in a call of this endpoint.
    pub(crate) fn at(endpoint: &'static EndpointInfo, problem: ErrorKind) -> Self {
        Self::made(Some(endpoint), problem)
    }

    fn made(endpoint: Option<&'static EndpointInfo>, problem: ErrorKind) -> Self {
        let cause = Arc::new(Cause {
            endpoint,
            problem,
            tries: Tries::default(),
        });
        Self::of(cause, None)
    }

    fn of(cause: Arc<Cause>, task: Option<TaskRequest>) -> Self {
        let inner = Arc::new(Inner { cause, task });
        Self { inner }
    }

    /// The cause, where nobody shares it.
    fn own_cause(&mut self) -> Option<&mut Cause> {
        Arc::get_mut(&mut Arc::get_mut(&mut self.inner)?.cause)
    }

    /// Adds what asks for the task that the call was about.
    pub(crate) fn with_task_request(self, task: TaskRequest) -> Self {
        Self::of(self.inner.cause.clone(), Some(task))
    }

    /// Adds what was tried. An error that others have too, that of a token fetch, tells of its own call already.
    pub(crate) fn after(mut self, tries: Tries) -> Self {
        if let Some(cause) = self.own_cause()
            && cause.tries.attempts == 0
        {
            cause.tries = tries;
        }
        self
    }

    /// Says what was tried in all, where that was more than the one call that this is the error of.
    pub(crate) fn after_all(mut self, tries: Tries) -> Self {
        if let Some(cause) = self.own_cause() {
            cause.tries = tries;
        }
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.inner.cause.problem
    }

    /// The endpoint that was called. Where the client could not get its token, that is the endpoint
    /// for tokens.
    pub fn endpoint(&self) -> Option<&'static EndpointInfo> {
        self.inner.cause.endpoint
    }

    /// What the platform answered, if it answered that the call failed.
    pub fn api_error(&self) -> Option<&ApiError> {
        match self.kind() {
            ErrorKind::Api(answer) => Some(answer),
            _ => None,
        }
    }

    /// HTTP status of the answer.
    pub fn status(&self) -> Option<u16> {
        match self.kind() {
            ErrorKind::Api(answer) => Some(answer.status),
            ErrorKind::TemporaryLink(TemporaryLinkError::Refused { status, .. }) => Some(*status),
            ErrorKind::Decode(unreadable) => Some(unreadable.status),
            _ => None,
        }
    }

    /// Code of the envelope.
    pub fn code(&self) -> Option<i64> {
        self.api_error()?.code
    }

    /// Message of the envelope.
    pub fn msg(&self) -> Option<&str> {
        let answer = self.api_error()?;
        answer.code.map(|_| answer.msg.as_str())
    }

    /// Id under which the platform's support finds the call.
    pub fn log_id(&self) -> Option<&str> {
        match self.kind() {
            ErrorKind::Api(answer) => answer.log_id.as_deref(),
            ErrorKind::Decode(unreadable) => unreadable.log_id.as_deref(),
            _ => None,
        }
    }

    /// How many times the request was sent; 0 where it was not. Where the client could not get its token, that is the
    /// request for the token.
    pub fn attempts(&self) -> u32 {
        self.inner.cause.tries.attempts
    }

    /// How long the call waited before each attempt but the first.
    pub fn waits(&self) -> &[Duration] {
        &self.inner.cause.tries.waits
    }

    /// The request that asks for the task that was waited for, such as `export_task::Get`; `None` where the error is not
    /// one of waiting, the task was not started, or its request is of another type.
    ///
    /// Its fields are what to keep for another process; `wait` of it goes on waiting, see [`waiting`](crate::polling).
    pub fn task<R: Request + Clone + 'static>(&self) -> Option<R> {
        self.inner.task.as_ref()?.request()
    }

    /// What is wrong with the request, if it was not sent; empty otherwise.
    pub fn violations(&self) -> &[Violation] {
        match self.kind() {
            ErrorKind::Validation(violations) => violations,
            _ => &[],
        }
    }

    /// Cause and way out of a refusal, as the spec or the platform's list of common codes has them.
    pub fn hint(&self) -> Option<String> {
        display::hint(self.api_error()?, self.endpoint())
    }

    /// How long to wait before the next try, as the platform or the endpoint's limit says.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.kind() {
            ErrorKind::RateLimited(limited) => Some(limited.wait),
            ErrorKind::TemporaryLink(TemporaryLinkError::Refused { retry_after, .. }) => *retry_after,
            _ => self.api_error()?.retry_after,
        }
    }

    /// The failure as the endpoint's page lists it; `None` where it does not, or where the error is
    /// one of another endpoint.
    pub fn documented<E: Documented>(&self) -> Option<E> {
        let answer = self.api_error()?;
        let same = self.endpoint()?.id == E::ENDPOINT.id;
        same.then(|| E::from_answer(answer.code, answer.status)).flatten()
    }

    /// Whether trying again may help. It says nothing on whether the first try took effect.
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Api(answer) => answer.is_retryable(self.endpoint()),
            ErrorKind::Transport(fault) => fault.kind.is_retryable(),
            ErrorKind::RateLimited(_) | ErrorKind::Store(_) => true,
            ErrorKind::Download(fault) => fault.is_retryable(),
            ErrorKind::TemporaryLink(fault) => fault.is_retryable(),
            ErrorKind::Polling(PollingError::Unfinished { .. }) => true,
            ErrorKind::Upload(fault) => fault.is_retryable(),
            _ => false,
        }
    }
}

/// What `Display` says, for that is what a `main` that returns an error prints; with `{:#?}` the structure.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return fmt::Display::fmt(self, f);
        }
        f.debug_struct("Error")
            .field("endpoint", &self.endpoint().map(|endpoint| endpoint.id))
            .field("problem", self.kind())
            .field("attempts", &self.attempts())
            .field("waits", &self.waits())
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.kind() {
            ErrorKind::Store(error) => Some(error),
            ErrorKind::Io { source, .. } | ErrorKind::Download(DownloadError::Writer { source }) => Some(source),
            ErrorKind::Download(DownloadError::Store { source }) => Some(&**source),
            ErrorKind::Upload(UploadError::DecodeError { source, .. }) => Some(source),
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
