//! What was tried before a call failed.

use std::fmt;
use std::time::Duration;

/// What was tried before a call failed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tries {
    pub attempts: u32,
    /// Before each attempt but the first.
    pub waits: Vec<Duration>,
    /// Why there was no further attempt, where one might have helped.
    pub stopped: Option<Stopped>,
}

/// Why there was no further attempt, though one might have helped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// There were as many as the policy allows.
    Attempts,
    /// The wait would have passed the deadline.
    Deadline,
    /// The client's budget of retries is used up.
    Budget,
    /// The call may have taken effect; the field that would tell the platform that it is the same, if there is one.
    Effect(Option<&'static str>),
    /// What the request sends can be read only once.
    Body,
    /// The platform gave the token that it had refused once more.
    SameToken,
}

/// A line each, indented as those of an error are; nothing where there is nothing to tell.
impl fmt::Display for Tries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [first, further @ ..] = &*self.waits {
            write!(
                f,
                "\n  sent {} times, with waits of {:.1} s",
                self.attempts,
                first.as_secs_f64()
            )?;
            further
                .iter()
                .try_for_each(|wait| write!(f, ", {:.1} s", wait.as_secs_f64()))?;
        }
        match self.stopped {
            None | Some(Stopped::Attempts) => Ok(()),
            Some(stopped) => write!(f, "\n  not sent again: {stopped}"),
        }
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attempts => f.write_str("it was sent as often as the retry policy allows"),
            Self::Deadline => f.write_str("the wait would pass the deadline of the call"),
            Self::Budget => f.write_str("too many calls of this client fail, and its budget of retries is used up"),
            Self::Effect(Some(key)) => write!(
                f,
                "it may have taken effect; with `{key}` set, the same call can be sent again safely"
            ),
            Self::Effect(None) => f.write_str("it may have taken effect; look before you call again"),
            Self::SameToken => {
                f.write_str("the platform gave the same token again, so it is the endpoint that does not take it")
            }
            Self::Body => f.write_str("its file is a stream, which can be read only once"),
        }
    }
}
