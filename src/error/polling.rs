//! Why a task was not waited for to a good end.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Why a task was not waited for to a good end, though each call was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PollingError {
    /// The platform says that the task has failed.
    Failed {
        /// The state as it stands on the wire: `107`.
        state: String,
        /// What the state means, as the spec says; empty where it does not.
        meaning: &'static str,
        /// What the platform gives as the reason; `None` where it gives none.
        reason: Option<String>,
    },
    /// The task was not done in the time that there was for it. It goes on: [`Error::task`](crate::Error::task) gives
    /// the request that asks for it.
    Unfinished {
        /// The last state that was told, as it stands on the wire; `None` where the answer had none.
        state: Option<String>,
        /// How long the task was waited for.
        waited: Duration,
        /// How many times it was asked for.
        asked: u32,
    },
    /// The answer to the call that started the task lacks what it takes to ask for it.
    Lost {
        /// Id of the endpoint that tells of the task.
        by: &'static str,
    },
}

impl PollingError {
    /// Whether the task has ended.
    pub(crate) fn is_end(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }
}

impl fmt::Display for PollingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { state, meaning, reason } => {
                write!(f, "the task failed with state {state}")?;
                if !meaning.is_empty() {
                    write!(f, ": {meaning}")?;
                }
                match reason {
                    Some(reason) => write!(f, "\n  the platform's reason: {reason}"),
                    None => Ok(()),
                }
            }
            Self::Unfinished { state, waited, asked } => {
                let waited = waited.as_secs_f64();
                write!(
                    f,
                    "the task was not done after {waited:.1} s, in which it was asked for {asked} times"
                )?;
                match state {
                    Some(state) => write!(f, "; its last state was {state}"),
                    None => f.write_str("; the answers told no state"),
                }
            }
            Self::Lost { by } => write!(
                f,
                "the task was started, and the answer lacks what `{by}` needs to tell of it: look for its outcome by hand"
            ),
        }
    }
}

/// The request that polls a task, and its description without secrets.
#[derive(Clone)]
pub(crate) struct TaskRequest {
    request: Arc<dyn Any + Send + Sync>,
    description: Arc<str>,
}

impl TaskRequest {
    pub(crate) fn new(request: impl Any + Send + Sync, description: String) -> Self {
        Self {
            request: Arc::new(request),
            description: description.into(),
        }
    }

    /// Returns the request if it is of this type.
    pub(crate) fn request<R: Clone + 'static>(&self) -> Option<R> {
        self.request.downcast_ref::<R>().cloned()
    }
}

impl fmt::Display for TaskRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description)
    }
}
