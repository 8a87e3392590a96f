//! Why a command ends early, and with which exit code.

use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

/// A command ends before its work is done.
#[derive(Debug)]
pub enum Stop {
    /// The work was done and its outcome is bad: findings, a refused call, wrong bytes.
    Failed(String),
    /// The work could not be begun.
    Unable(String),
    /// Somebody asked for it to end.
    Interrupted(String),
    /// Whoever read the output has left, as `head` does: nobody is there to be told.
    Unheard,
}

impl Stop {
    /// The work was done and its outcome is bad.
    pub fn failed(message: impl ToString) -> Self {
        Self::Failed(message.to_string())
    }

    /// The work could not be begun.
    pub fn unable(message: impl ToString) -> Self {
        Self::Unable(message.to_string())
    }

    /// Why, for a command that goes on and tells all at its end.
    pub fn message(self) -> String {
        match self {
            Self::Failed(message) | Self::Unable(message) | Self::Interrupted(message) => message,
            Self::Unheard => String::new(),
        }
    }

    /// Says why on standard error, and gives the exit code.
    pub fn report(self) -> ExitCode {
        let (message, code) = match self {
            Self::Failed(message) => (message, 1),
            Self::Unable(message) => (message, 2),
            // As a shell tells that a program was ended by SIGINT.
            Self::Interrupted(message) => (message, 130),
            Self::Unheard => return ExitCode::SUCCESS,
        };
        // If standard error is gone as well, the exit code still tells.
        let _ = writeln!(anstream::stderr(), "{}", message.trim_end());
        ExitCode::from(code)
    }
}

/// Of standard output: other files are reported with their names where they are touched.
impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::BrokenPipe => Self::Unheard,
            _ => Self::Unable(format!("cannot write to standard output: {error}")),
        }
    }
}
