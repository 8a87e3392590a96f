//! How a task that a call starts is to end: what a test asks for.

use std::collections::{HashMap, VecDeque};

/// What becomes of a task that a call has only started, as the endpoint says that tells of it.
///
/// ```
/// use larkspur_mock::Task;
///
/// let at_once = Task::done().after(0);     // the first answer says that it is done
/// let slow = Task::done().after(5);        // five answers say that it is not yet
/// let refused = Task::failed();            // the first of the spec's values for a failure
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    pub(crate) fails: bool,
    pub(crate) polls: Option<u32>,
}

impl Task {
    /// A task that is done in the end.
    pub fn done() -> Self {
        Self {
            fails: false,
            polls: None,
        }
    }

    /// A task that fails in the end.
    pub fn failed() -> Self {
        Self {
            fails: true,
            polls: None,
        }
    }

    /// So many answers say that it is under way, instead of as many as the mock was started with.
    pub fn after(self, polls: u32) -> Self {
        Self {
            polls: Some(polls),
            ..self
        }
    }
}

/// Why a task cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The spec has no such endpoint.
    #[error("the spec has no endpoint `{0}`")]
    UnknownEndpoint(String),
    /// The endpoint starts no task: it has no `poll` in the spec.
    #[error("`{0}` starts no task: the spec has no `poll` there")]
    NoTask(String),
    /// The spec names no value that says that the task has failed.
    #[error("a task of `{0}` cannot fail: its `poll` in the spec has no `failed`")]
    NoFailure(String),
}

/// Tasks that wait for the call that starts them, in their order, by endpoint.
#[derive(Debug, Default)]
pub(crate) struct Wanted(HashMap<String, VecDeque<Task>>);

impl Wanted {
    /// Appends a task for an endpoint.
    pub(crate) fn push(&mut self, endpoint: &str, task: Task) {
        self.0.entry(endpoint.to_owned()).or_default().push_back(task);
    }

    /// What becomes of the next task.
    pub(crate) fn next(&mut self, endpoint: &str) -> Task {
        let waiting = self.0.get_mut(endpoint).and_then(VecDeque::pop_front);
        waiting.unwrap_or_else(Task::done)
    }
}
