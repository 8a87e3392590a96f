//! The course of a task: when to ask for it, and what the answers say.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::pace::Pace;
use super::task::{Task, Told};
use crate::Client;
use crate::endpoint::Request;
use crate::error::{Error, ErrorKind, PollingError, Result};
use crate::failure::clean;
use crate::wire::FieldsMut;

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
