//! Waiting for a task.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use super::Asks;
use super::course::Course;
use super::pace::Pace;
use super::question::Question;
use crate::Client;
use crate::endpoint::Request;
use crate::error::{Error, ErrorKind, PollingError, Result};
use crate::wire::{Decode, FieldsMut};

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
                Err(error) => return Err(error.about_task(Question::new(request))),
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
