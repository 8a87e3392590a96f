//! The one error of the SDK.
//!
//! [`Error::problem`] tells what went wrong: the request was wrong and not sent, the platform answered
//! that the call failed, or something failed between here and there. What most programs ask for has
//! a method: [`Error::code`], [`Error::status`], [`Error::log_id`], [`Error::is_retryable`], and
//! [`Error::documented`] for the failures that the endpoint's page lists.
//!
//! No error holds a token, a secret or the query of a URL.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::endpoint::{Documented, Endpoint, Request};
use crate::waiting::Question;

mod answer;
mod caller;
mod display;
mod limited;
mod link;
mod login;
mod page;
mod problem;
mod setup;
mod task;
mod transfer;
mod transport;
mod tries;
mod upload;
mod violation;

pub use answer::{Answer, FieldViolation, Help, PermissionViolation};
pub use caller::CallerError;
pub use limited::Limited;
pub use link::LinkFault;
pub use login::LoginError;
pub use page::PageFault;
pub use problem::{Problem, RangeFault, Unreadable};
pub use setup::SetupError;
pub use task::TaskFault;
pub use transfer::TransferFault;
#[cfg(feature = "drive")]
pub(crate) use transport::find_cause;
pub use transport::{TransportFault, TransportKind};
pub(crate) use tries::{Stopped, Tries};
pub use upload::UploadFault;
pub use violation::Violation;

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
    task: Option<Question>,
}

struct Cause {
    endpoint: Option<&'static Endpoint>,
    problem: Problem,
    tries: Tries,
}

impl Error {
    pub(crate) fn new(problem: Problem) -> Self {
        Self::made(None, problem)
    }

    /// An error in a call of this endpoint.
    pub(crate) fn at(endpoint: &'static Endpoint, problem: Problem) -> Self {
        Self::made(Some(endpoint), problem)
    }

    fn made(endpoint: Option<&'static Endpoint>, problem: Problem) -> Self {
        let cause = Arc::new(Cause {
            endpoint,
            problem,
            tries: Tries::default(),
        });
        Self::of(cause, None)
    }

    fn of(cause: Arc<Cause>, task: Option<Question>) -> Self {
        let inner = Arc::new(Inner { cause, task });
        Self { inner }
    }

    /// The cause, where nobody shares it.
    fn own_cause(&mut self) -> Option<&mut Cause> {
        Arc::get_mut(&mut Arc::get_mut(&mut self.inner)?.cause)
    }

    /// Adds what asks for the task that the call was about.
    pub(crate) fn about_task(self, task: Question) -> Self {
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
    pub fn problem(&self) -> &Problem {
        &self.inner.cause.problem
    }

    /// The endpoint that was called. Where the client could not get its token, that is the endpoint
    /// for tokens.
    pub fn endpoint(&self) -> Option<&'static Endpoint> {
        self.inner.cause.endpoint
    }

    /// What the platform answered, if it answered that the call failed.
    pub fn answer(&self) -> Option<&Answer> {
        match self.problem() {
            Problem::Answered(answer) => Some(answer),
            _ => None,
        }
    }

    /// HTTP status of the answer.
    pub fn status(&self) -> Option<u16> {
        match self.problem() {
            Problem::Answered(answer) => Some(answer.status),
            Problem::Link(LinkFault::Refused { status, .. }) => Some(*status),
            Problem::Unreadable(unreadable) => Some(unreadable.status),
            _ => None,
        }
    }

    /// Code of the envelope.
    pub fn code(&self) -> Option<i64> {
        self.answer()?.code
    }

    /// Message of the envelope.
    pub fn msg(&self) -> Option<&str> {
        let answer = self.answer()?;
        answer.code.map(|_| answer.msg.as_str())
    }

    /// Id under which the platform's support finds the call.
    pub fn log_id(&self) -> Option<&str> {
        match self.problem() {
            Problem::Answered(answer) => answer.log_id.as_deref(),
            Problem::Unreadable(unreadable) => unreadable.log_id.as_deref(),
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
    /// Its fields are what to keep for another process; `wait` of it goes on waiting, see [`waiting`](crate::waiting).
    pub fn task<R: Request + Clone + 'static>(&self) -> Option<R> {
        self.inner.task.as_ref()?.request()
    }

    /// What is wrong with the request, if it was not sent; empty otherwise.
    pub fn violations(&self) -> &[Violation] {
        match self.problem() {
            Problem::Invalid(violations) => violations,
            _ => &[],
        }
    }

    /// Cause and way out of a refusal, as the spec or the platform's list of common codes has them.
    pub fn hint(&self) -> Option<String> {
        display::hint(self.answer()?, self.endpoint())
    }

    /// How long to wait before the next try, as the platform or the endpoint's limit says.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.problem() {
            Problem::Limited(limited) => Some(limited.wait),
            Problem::Link(LinkFault::Refused { retry_after, .. }) => *retry_after,
            _ => self.answer()?.retry_after,
        }
    }

    /// The failure as the endpoint's page lists it; `None` where it does not, or where the error is
    /// one of another endpoint.
    pub fn documented<E: Documented>(&self) -> Option<E> {
        let answer = self.answer()?;
        let same = self.endpoint()?.id == E::ENDPOINT.id;
        same.then(|| E::from_answer(answer.code, answer.status)).flatten()
    }

    /// Whether trying again may help. It says nothing on whether the first try took effect.
    pub fn is_retryable(&self) -> bool {
        match self.problem() {
            Problem::Answered(answer) => answer.is_retryable(self.endpoint()),
            Problem::Transport(fault) => fault.kind.is_retryable(),
            Problem::Limited(_) | Problem::Store(_) => true,
            Problem::Transfer(fault) => fault.is_retryable(),
            Problem::Link(fault) => fault.is_retryable(),
            Problem::Task(TaskFault::Unfinished { .. }) => true,
            Problem::Upload(fault) => fault.is_retryable(),
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
            .field("problem", self.problem())
            .field("attempts", &self.attempts())
            .field("waits", &self.waits())
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.problem() {
            Problem::Store(error) => Some(error),
            Problem::Local { source, .. } | Problem::Transfer(TransferFault::Writer { source }) => Some(source),
            Problem::Transfer(TransferFault::Store { source }) => Some(&**source),
            Problem::Upload(UploadFault::Unreadable { source, .. }) => Some(source),
            Problem::Upload(UploadFault::Stream { source }) => Some(&**source),
            _ => None,
        }
    }
}

impl From<SetupError> for Error {
    fn from(error: SetupError) -> Self {
        Self::new(Problem::Setup(error))
    }
}
