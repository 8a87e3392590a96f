//! Polling of long-running operations (tasks).
//!
//! Some calls only start a task, whose state another endpoint returns. The request of the first endpoint has the method
//! `wait`, which sends it and polls the second until the task is done. The request of the second endpoint has `wait`
//! too, for a task that was started before, possibly by another process.
//!
//! ```no_run
//! # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
//! use larkspur::drive::v1::export_task::{self, DocumentType, Extension};
//!
//! let task = export_task::Create::new(Extension::Pdf, "doxcn1", DocumentType::Docx);
//! match task.wait(&client).await {
//!     Ok(response) => println!("{response:?}"),
//!     // The task timed out or a poll failed: the error contains the request that polls it.
//!     Err(error) => match error.task::<export_task::Get>() {
//!         Some(get) => println!("{error}; resume with ticket {} and token {}", get.ticket, get.token),
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
use crate::error::{Error, ErrorKind, PollingError, Result, TaskRequest};
use crate::wire::{Decode, Fields, FieldsMut, View};

/// A request that returns the state of a task; implemented by generated code for the endpoints named in `poll:`.
///
/// Callers use the method `wait` of the request and need not import this trait.
pub trait PollRequest: Request + Clone + 'static {
    /// The response with the state of the task.
    type Response: FieldsMut + Decode + Send + 'static;

    /// The polled endpoint.
    const ENDPOINT: &'static EndpointInfo;

    /// How the response encodes the state of the task.
    const TASK: Task;
}

/// Maximum number of characters of a value in a description.
const MAX_SHOWN_CHARS: usize = 100;

/// A boxed future.
type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Waits until a task is done; returned by `wait` of a request. Nothing is sent until it is awaited.
///
/// After the call that starts the task, the first poll follows after one second; the interval then grows by half up to
/// 10 s, and polling times out after 10 minutes. [`Poller::interval`] and [`Poller::timeout`] change this. A task that
/// was started before is polled immediately. Each poll is an ordinary call with the client's tokens, rate limits and
/// retries.
///
/// Returns the response that reports the task as done.
///
/// # Errors
///
/// Those of the calls, and [`ErrorKind::Polling`] if the task failed or timed out. Once the task has been started, each
/// error contains the request that polls it: [`Error::task`].
///
/// If the future is dropped, polling stops; the platform is not notified and the task continues.
#[must_use = "nothing is sent until the poller is awaited"]
pub struct Poller<A: PollRequest> {
    client: Client,
    start: Start<A>,
    schedule: PollSchedule,
}

enum Start<A> {
    /// A call that starts the task and returns the request that polls it; not sent yet.
    Call(Boxed<Result<A>>),
    /// A task that was started before.
    Before(A),
}

impl<A: PollRequest> Poller<A> {
    /// Creates a poller for a task that was started before.
    pub fn new(client: &Client, request: A) -> Self {
        Self::from(client, Start::Before(request))
    }

    /// Creates a poller that starts a task with this request; `poll` returns the request that polls it.
    pub fn start<R, P>(client: &Client, request: R, poll: fn(&R, &P) -> Option<A>) -> Self
    where
        R: Request + 'static,
        P: FieldsMut + Decode + Send + 'static,
    {
        let sender = client.clone();
        let call = async move {
            let mut response = P::blank();
            sender.call(&request, &mut response).await?;
            let lost = PollingError::MissingTask { by: A::ENDPOINT.id };
            poll(&request, &response).ok_or_else(|| Error::at(request.endpoint(), ErrorKind::Polling(lost)))
        };
        Self::from(client, Start::Call(Box::pin(call)))
    }

    fn from(client: &Client, start: Start<A>) -> Self {
        Self {
            client: client.clone(),
            start,
            schedule: PollSchedule::default(),
        }
    }

    /// Sets a fixed interval between polls. The rate limit of the endpoint may extend it.
    pub fn interval(mut self, delay: Duration) -> Self {
        self.schedule.interval = Some(delay);
        self
    }

    /// Sets the timeout, measured from the start of the task or, for a task that was started before, from the first
    /// poll. The last poll is sent when it elapses, and its response is awaited.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.schedule.timeout = time;
        self
    }

    async fn run(self) -> Result<A::Response> {
        let (request, immediate) = match self.start {
            Start::Call(call) => (call.await?, false),
            Start::Before(request) => (request, true),
        };
        let mut poll_loop = PollLoop::new(self.client, A::TASK, self.schedule, immediate);
        loop {
            let mut response = A::Response::blank();
            match poll_loop.poll(&request, &mut response).await {
                Ok(true) => return Ok(response),
                Ok(false) => {}
                Err(error) => {
                    let description = describe(&request);
                    return Err(error.with_task_request(TaskRequest::new(request, description)));
                }
            }
        }
    }
}

impl<A: PollRequest> IntoFuture for Poller<A> {
    type Output = Result<A::Response>;
    type IntoFuture = Boxed<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<A: PollRequest> fmt::Debug for Poller<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller")
            .field("by", &A::ENDPOINT.id)
            .field("schedule", &self.schedule)
            .finish_non_exhaustive()
    }
}

/// The state of polling, independent of the request type.
pub(super) struct PollLoop {
    client: Client,
    task: Task,
    schedule: PollSchedule,
    started_at: Instant,
    polls: u32,
    /// Whether the first poll is sent without a delay.
    immediate: bool,
}

impl PollLoop {
    /// Starts the clock. A task that was started before is polled immediately.
    pub(super) fn new(client: Client, task: Task, schedule: PollSchedule, immediate: bool) -> Self {
        Self {
            client,
            task,
            schedule,
            started_at: Instant::now(),
            polls: 0,
            immediate,
        }
    }

    /// Sleeps until the next poll is due and sends it. Returns whether the task is done.
    pub(super) async fn poll(&mut self, request: &dyn Request, response: &mut (dyn FieldsMut + Send)) -> Result<bool> {
        if self.polls > 0 || !self.immediate {
            sleep(self.schedule.delay(self.polls).min(self.remaining())).await;
        }
        self.client.call(request, response).await?;
        self.polls += 1;
        let error = match self.task.status(response) {
            TaskStatus::Done => return Ok(true),
            TaskStatus::Running(_) if !self.remaining().is_zero() => return Ok(false),
            TaskStatus::Running(state) => PollingError::Unfinished {
                state: state.as_deref().map(clean),
                waited: self.started_at.elapsed(),
                polls: self.polls,
            },
            TaskStatus::Failed { state, meaning, reason } => PollingError::Failed {
                state: state.to_string(),
                meaning,
                reason: reason.as_deref().map(clean),
            },
        };
        Err(Error::at(request.endpoint(), ErrorKind::Polling(error)))
    }

    /// Returns the time until the timeout.
    fn remaining(&self) -> Duration {
        self.schedule.timeout.saturating_sub(self.started_at.elapsed())
    }
}

/// Delay before the first poll of a started task.
const INITIAL_DELAY: Duration = Duration::from_secs(1);
/// Maximum delay between polls.
const MAX_DELAY: Duration = Duration::from_secs(10);
/// Default of [`Poller::timeout`].
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10 * 60);

/// Intervals and timeout of polling.
#[derive(Debug, Clone, Copy)]
pub(super) struct PollSchedule {
    /// A fixed interval; `None` for growing intervals.
    pub interval: Option<Duration>,
    pub timeout: Duration,
}

impl Default for PollSchedule {
    fn default() -> Self {
        Self {
            interval: None,
            timeout: DEFAULT_TIMEOUT,
        }
    }
}

impl PollSchedule {
    /// Returns the delay before the next poll after a number of polls.
    pub(super) fn delay(&self, polls: u32) -> Duration {
        match self.interval {
            Some(interval) => interval,
            // The maximum is reached before the exponent is capped.
            None => INITIAL_DELAY.mul_f64(1.5_f64.powi(polls.min(8) as i32)).min(MAX_DELAY),
        }
    }
}

/// How a response encodes the state of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Task {
    /// Keys of the path to the state.
    pub state: &'static [&'static str],
    /// States of a completed task.
    pub done: &'static [State],
    /// States of a failed task with their meanings, empty if undocumented. Any other state means that the task is
    /// running.
    pub failed: &'static [(State, &'static str)],
    /// Keys of the path to the platform's reason for a failure; empty without one.
    pub reason: &'static [&'static str],
}

/// A state as the platform encodes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum State {
    Int(i64),
    Text(&'static str),
    Bool(bool),
}

/// The state of a task in a response.
pub(super) enum TaskStatus {
    Done,
    /// With the state in the response, if any.
    Running(Option<String>),
    Failed {
        state: State,
        meaning: &'static str,
        reason: Option<String>,
    },
}

impl Task {
    /// Creates a description from the path to the state and the states of a completed task.
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

    /// Returns the state of the task in this response.
    pub(super) fn status(&self, response: &dyn Fields) -> TaskStatus {
        let view = find_value(response, self.state);
        let is = |state: &State| view.as_ref().is_some_and(|view| state.matches(view));
        if self.done.iter().any(is) {
            return TaskStatus::Done;
        }
        match self.failed.iter().find(|(state, _)| is(state)) {
            Some((state, meaning)) => TaskStatus::Failed {
                state: *state,
                meaning,
                reason: find_value(response, self.reason).and_then(|view| scalar_text(&view)),
            },
            None => TaskStatus::Running(view.and_then(|view| scalar_text(&view))),
        }
    }
}

impl State {
    fn matches(&self, view: &View<'_>) -> bool {
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

/// Returns the value at the end of a path.
fn find_value<'a>(object: &'a dyn Fields, path: &[&str]) -> Option<View<'a>> {
    let (key, rest) = path.split_first()?;
    let index = object.fields().iter().position(|field| field.key == *key)?;
    match (object.value(index)?.view(), rest) {
        (View::Absent, _) => None,
        (view, []) => Some(view),
        (View::Object(inner), rest) => find_value(inner, rest),
        _ => None,
    }
}

/// Returns a scalar as text; `None` for other values, empty strings and secrets.
fn scalar_text(view: &View<'_>) -> Option<String> {
    match view {
        View::Bool(value) => Some(value.to_string()),
        View::Int(value) => Some(value.to_string()),
        View::Float(value) => Some(value.to_string()),
        View::Str(value) if !value.is_empty() => Some((*value).to_owned()),
        _ => None,
    }
}

/// Returns the endpoint and the scalar fields of a request, without secrets.
fn describe(request: &dyn Request) -> String {
    let mut text = request.endpoint().id.to_owned();
    let mut separator = " with";
    let fields: &dyn Fields = request;
    fields.each(&mut |field, value| {
        let value = match value.view() {
            View::Str(text) => format!("{:?}", text.chars().take(MAX_SHOWN_CHARS).collect::<String>()),
            View::Int(number) => number.to_string(),
            View::Bool(truth) => truth.to_string(),
            View::Secret(_) => "its secret".to_owned(),
            _ => return,
        };
        text.push_str(&format!("{separator} {} {value}", field.key));
        separator = ",";
    });
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_interval_up_to_ten_seconds() {
        let delays: Vec<f64> = (0..8)
            .map(|asked| PollSchedule::default().delay(asked).as_secs_f64())
            .collect();
        assert_eq!(delays, [1.0, 1.5, 2.25, 3.375, 5.0625, 7.59375, 10.0, 10.0]);
        assert_eq!(PollSchedule::default().delay(u32::MAX), MAX_DELAY);
    }

    #[test]
    fn uses_the_fixed_interval() {
        let schedule = PollSchedule {
            interval: Some(Duration::from_secs(60)),
            ..PollSchedule::default()
        };
        assert_eq!(
            (schedule.delay(0), schedule.delay(100)),
            (Duration::from_secs(60), Duration::from_secs(60))
        );
    }
}
