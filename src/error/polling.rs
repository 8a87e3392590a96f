//! Failures of pagination and of long-running operations.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Why a task did not succeed although each call did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PollingError {
    /// The platform reports that the task failed.
    Failed {
        /// The state on the wire: `107`.
        state: String,
        /// Meaning of the state according to the spec; may be empty.
        meaning: &'static str,
        /// The platform's reason, if it returns one.
        reason: Option<String>,
    },
    /// The task did not finish in time. It continues: [`Error::task`](crate::Error::task) returns the request that polls it.
    Unfinished {
        /// The last state on the wire; `None` if the response omits it.
        state: Option<String>,
        /// How long the task was polled.
        waited: Duration,
        /// Number of polls.
        polls: u32,
    },
    /// The response that started the task is missing what the next endpoint needs to poll it.
    Lost {
        /// Id of the endpoint that reports the task's state.
        by: &'static str,
    },
}

impl PollingError {
    /// Returns whether the task has ended.
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
                    Some(reason) => write!(f, " (reason of the platform: {reason})"),
                    None => Ok(()),
                }
            }
            Self::Unfinished { state, waited, polls } => {
                let waited = waited.as_secs_f64();
                write!(f, "the task did not finish within {waited:.1} s ({polls} polls)")?;
                match state {
                    Some(state) => write!(f, ", last state: {state}"),
                    None => f.write_str(", state unknown"),
                }
            }
            Self::Lost { by } => write!(
                f,
                "the task was started, but the response is missing what `{by}` needs to poll it: check its outcome manually"
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

/// Maximum length of a token in a message, in characters.
const MAX_SHOWN: usize = 24;

/// Why a list cannot be read to the end although each call succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PaginationError {
    /// A page token was returned twice, so the pages would never end.
    Cycle {
        /// The token, shortened.
        token: String,
    },
    /// A page announces another one without a token for it.
    NoToken,
}

impl PaginationError {
    pub(crate) fn cycle(token: &str) -> Self {
        let mut shown: String = token.chars().take(MAX_SHOWN).collect();
        if shown.len() < token.len() {
            shown.push('…');
        }
        Self::Cycle { token: shown }
    }
}

impl fmt::Display for PaginationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cycle { token } => write!(
                f,
                "pagination cycle: the platform returned a page token twice ({token:?}), the list may be incomplete: read it \
                 again, or change its order or filters"
            ),
            Self::NoToken => f.write_str(
                "missing page token: the page announces another one, the list may be incomplete: read it again, or use a \
                 larger page size",
            ),
        }
    }
}
