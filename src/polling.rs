//! Tasks that take their time.
//!
//! Some calls only start a task, and another endpoint tells how far it is. The request of the first has `wait`, which
//! sends it and asks the other until the task is done; the request of the second has `wait` too, for a task that was
//! started before, perhaps by another process.
//!
//! ```no_run
//! # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
//! use larkspur::drive::v1::export_task::{self, DocumentType, Extension};
//!
//! let task = export_task::Create::new(Extension::Pdf, "doxcn1", DocumentType::Docx);
//! match task.wait(&client).await {
//!     Ok(answer) => println!("{answer:?}"),
//!     // It was not done in time, or could not be asked for: the request with which to go on is in the error.
//!     Err(error) => match error.task::<export_task::Get>() {
//!         Some(get) => println!("{error}; go on with ticket {} and token {}", get.ticket, get.token),
//!         None => return Err(error),
//!     },
//! }
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Client;
use crate::call::clean;
use crate::endpoint::{EndpointInfo, Request};
use crate::error::TaskRequest;
use crate::error::{Error, ErrorKind, PollingError, Result};
use crate::wire::{Decode, Fields, FieldsMut, View};

/// A request that asks how far a task is; generated for every endpoint that others name in `poll:`.
///
/// Nobody has to name it to use `wait`, which is a method of the request.
pub trait Asks: Request + Clone + 'static {
    /// What tells of the task.
    type Response: FieldsMut + Decode + Send + 'static;

    /// The endpoint that is asked.
    const ENDPOINT: &'static EndpointInfo;

    /// Where the answer tells how far the task is, and how it says so.
    const TASK: Task;
}

/// A future in a box, which any task can poll.
type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Waits for a task to end: what `wait` of a request gives. Nothing is sent before it is awaited.
///
/// After a call that started the task, the first question comes a second later; then the time between two
/// questions grows by half each time up to 10 s, and after 10 minutes in all it gives up: [`Poller::every`] and
/// [`Poller::at_most`] say otherwise. A task that was started before is asked for at once. Each question is a call like
/// any other, under the endpoint's limits, with the client's tokens and retries.
///
/// It gives the answer that said that the task is done.
///
/// # Errors
///
/// Those of the calls, and [`ErrorKind::Polling`] where the task failed or was not done in time.
/// Once the task has been started, every error has the request that asks for it: [`Error::task`].
///
/// If the future is dropped, nothing is asked any more; the platform does not hear of it and goes on with the task.
#[must_use = "nothing is sent before it is awaited"]
pub struct Poller<A: Asks> {
    client: Client,
    start: Start<A>,
    pace: Pace,
}

enum Start<A> {
    /// A call that starts the task and gives the request that asks for it; not sent yet.
    Call(Boxed<Result<A>>),
    /// The task was started before.
    Before(A),
}

impl<A: Asks> Poller<A> {
    /// Waits for a task that was started before.
    pub fn new(client: &Client, request: A) -> Self {
        Self::from(client, Start::Before(request))
    }

    /// Starts a task by this request and waits for it; `poll` makes the request that asks for it.
    pub fn starting<R, P>(client: &Client, request: R, poll: fn(&R, &P) -> Option<A>) -> Self
    where
        R: Request + 'static,
        P: FieldsMut + Decode + Send + 'static,
    {
        let sender = client.clone();
        let call = async move {
            let mut answer = P::blank();
            sender.call(&request, &mut answer).await?;
            let lost = PollingError::Lost { by: A::ENDPOINT.id };
            poll(&request, &answer).ok_or_else(|| Error::at(request.endpoint(), ErrorKind::Polling(lost)))
        };
        Self::from(client, Start::Call(Box::pin(call)))
    }

    fn from(client: &Client, start: Start<A>) -> Self {
        Self {
            client: client.clone(),
            start,
            pace: Pace::default(),
        }
    }

    /// Always waits so long between two questions. The endpoint's limit may make it longer.
    pub fn every(mut self, delay: Duration) -> Self {
        self.pace.every = Some(delay);
        self
    }

    /// Gives up once so much time has passed since the task was started, or since it was first asked for where it was
    /// started before. The last question comes at the end of it, and its answer is waited for.
    pub fn at_most(mut self, time: Duration) -> Self {
        self.pace.at_most = time;
        self
    }

    async fn run(self) -> Result<A::Response> {
        let (request, at_once) = match self.start {
            Start::Call(call) => (call.await?, false),
            Start::Before(request) => (request, true),
        };
        let mut course = Course::new(self.client, A::TASK, self.pace, at_once);
        loop {
            let mut answer = A::Response::blank();
            match course.ask(&request, &mut answer).await {
                Ok(true) => return Ok(answer),
                Ok(false) => {}
                Err(error) => return Err(error.about_task(TaskRequest::new(request))),
            }
        }
    }
}

impl<A: Asks> IntoFuture for Poller<A> {
    type Output = Result<A::Response>;
    type IntoFuture = Boxed<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<A: Asks> fmt::Debug for Poller<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller")
            .field("by", &A::ENDPOINT.id)
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}

/// The course of a task that is waited for. Written once for all types of requests.
pub(super) struct Course {
    client: Client,
    task: Task,
    pace: Pace,
    begun: Instant,
    asked: u32,
    /// Whether nothing is waited for before the first time.
    at_once: bool,
}

impl Course {
    /// From now on; one that was started before is asked for `at_once`.
    pub(super) fn new(client: Client, task: Task, pace: Pace, at_once: bool) -> Self {
        Self {
            client,
            task,
            pace,
            begun: Instant::now(),
            asked: 0,
            at_once,
        }
    }

    /// Waits until it is time to ask, and asks. Gives whether the task is done.
    pub(super) async fn ask(&mut self, request: &dyn Request, answer: &mut (dyn FieldsMut + Send)) -> Result<bool> {
        if self.asked > 0 || !self.at_once {
            sleep(self.pace.delay(self.asked).min(self.left())).await;
        }
        self.client.call(request, answer).await?;
        self.asked += 1;
        let fault = match self.task.told(answer) {
            Told::Done => return Ok(true),
            Told::UnderWay(_) if !self.left().is_zero() => return Ok(false),
            Told::UnderWay(state) => PollingError::Unfinished {
                state: state.as_deref().map(clean),
                waited: self.begun.elapsed(),
                asked: self.asked,
            },
            Told::Failed { state, meaning, reason } => PollingError::Failed {
                state: state.to_string(),
                meaning,
                reason: reason.as_deref().map(clean),
            },
        };
        Err(Error::at(request.endpoint(), ErrorKind::Polling(fault)))
    }

    /// How much of its time is left.
    fn left(&self) -> Duration {
        self.pace.at_most.saturating_sub(self.begun.elapsed())
    }
}

/// Before it is asked for the first time after it was started.
const FIRST: Duration = Duration::from_secs(1);
/// The longest that is waited between two times.
const LONGEST: Duration = Duration::from_secs(10);
/// How long it may take in all.
const AT_MOST: Duration = Duration::from_secs(10 * 60);

/// How patiently a task is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Always the same between two times; `None`: more and more.
    pub every: Option<Duration>,
    pub at_most: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            every: None,
            at_most: AT_MOST,
        }
    }
}

impl Pace {
    /// How long to wait before the task is asked for again, after it was asked for so many times.
    pub(super) fn delay(&self, asked: u32) -> Duration {
        match self.every {
            Some(every) => every,
            // Half as much more each time; by the power at which the longest is reached it stays there.
            None => FIRST.mul_f64(1.5_f64.powi(asked.min(8) as i32)).min(LONGEST),
        }
    }
}

/// How an answer tells how far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Task {
    /// Keys that lead through objects to the state.
    pub state: &'static [&'static str],
    /// The states of a task that is done.
    pub done: &'static [State],
    /// The states of one that has failed, each with what it means; `""` where the spec does not say. In every other
    /// state, the task is under way.
    pub failed: &'static [(State, &'static str)],
    /// Keys that lead to the platform's reason for a failure; empty where there is none.
    pub reason: &'static [&'static str],
}

/// How far a task is, as the platform says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum State {
    Int(i64),
    Text(&'static str),
    Bool(bool),
}

/// What an answer says of a task.
pub(super) enum Told {
    Done,
    /// With the state as it came; `None` where none came.
    UnderWay(Option<String>),
    Failed {
        state: State,
        meaning: &'static str,
        reason: Option<String>,
    },
}

impl Task {
    /// A task whose state is found so, and is one of these once the task is done.
    pub const fn new(state: &'static [&'static str], done: &'static [State]) -> Self {
        Self {
            state,
            done,
            failed: &[],
            reason: &[],
        }
    }

    /// Sets [`Task::failed`].
    pub const fn failed(mut self, failed: &'static [(State, &'static str)]) -> Self {
        self.failed = failed;
        self
    }

    /// Sets [`Task::reason`].
    pub const fn reason(mut self, reason: &'static [&'static str]) -> Self {
        self.reason = reason;
        self
    }

    /// What this answer says of the task.
    pub(super) fn told(&self, answer: &dyn Fields) -> Told {
        let view = find(answer, self.state);
        let is = |state: &State| view.as_ref().is_some_and(|view| state.is(view));
        if self.done.iter().any(is) {
            return Told::Done;
        }
        match self.failed.iter().find(|(state, _)| is(state)) {
            Some((state, meaning)) => Told::Failed {
                state: *state,
                meaning,
                reason: find(answer, self.reason).and_then(|view| text(&view)),
            },
            None => Told::UnderWay(view.and_then(|view| text(&view))),
        }
    }
}

impl State {
    fn is(&self, view: &View<'_>) -> bool {
        match (self, view) {
            (Self::Int(state), View::Int(value)) => state == value,
            (Self::Text(state), View::Str(value)) => state == value,
            (Self::Bool(state), View::Bool(value)) => state == value,
            _ => false,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
            Self::Bool(value) => value.fmt(f),
        }
    }
}

/// What is found at the end of these keys.
fn find<'a>(object: &'a dyn Fields, path: &[&str]) -> Option<View<'a>> {
    let (key, rest) = path.split_first()?;
    let index = object.fields().iter().position(|field| field.key == *key)?;
    match (object.value(index)?.view(), rest) {
        (View::Absent, _) => None,
        (view, []) => Some(view),
        (View::Object(inner), rest) => find(inner, rest),
        _ => None,
    }
}

/// A scalar as text; `None` for all else, for what is empty, and for a secret.
fn text(view: &View<'_>) -> Option<String> {
    match view {
        View::Bool(value) => Some(value.to_string()),
        View::Int(value) => Some(value.to_string()),
        View::Float(value) => Some(value.to_string()),
        View::Str(value) if !value.is_empty() => Some((*value).to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_longer_each_time_and_never_longer_than_ten_seconds() {
        let delays: Vec<f64> = (0..8).map(|asked| Pace::default().delay(asked).as_secs_f64()).collect();
        assert_eq!(delays, [1.0, 1.5, 2.25, 3.375, 5.0625, 7.59375, 10.0, 10.0]);
        assert_eq!(Pace::default().delay(u32::MAX), LONGEST);
    }

    #[test]
    fn a_pace_that_was_asked_for_is_kept() {
        let pace = Pace {
            every: Some(Duration::from_secs(60)),
            ..Pace::default()
        };
        assert_eq!(
            (pace.delay(0), pace.delay(100)),
            (Duration::from_secs(60), Duration::from_secs(60))
        );
    }
}
