//! The reason why a command ends early, and its exit code.

use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

/// The reason why a command ends early.
#[derive(Debug)]
pub enum Stop {
    /// The command ran with a negative result: findings, a rejected call, wrong bytes. Exit code 1.
    Failed(String),
    /// The command could not run. Exit code 2.
    Unable(String),
    /// A signal interrupted the command. Exit code 130.
    Interrupted(String),
    /// The reader of the output closed the pipe, as `head` does. Exit code 0.
    OutputClosed,
}

impl Stop {
    /// Creates a [`Stop::Failed`].
    pub fn failed(message: impl ToString) -> Self {
        Self::Failed(message.to_string())
    }

    /// Creates a [`Stop::Unable`].
    pub fn unable(message: impl ToString) -> Self {
        Self::Unable(message.to_string())
    }

    /// Returns the message, for a command that continues and reports all messages at its end.
    pub fn message(self) -> String {
        match self {
            Self::Failed(message) | Self::Unable(message) | Self::Interrupted(message) => message,
            Self::OutputClosed => String::new(),
        }
    }

    /// Writes the message to standard error and returns the exit code.
    pub fn report(self) -> ExitCode {
        let (message, code) = match self {
            Self::Failed(message) => (message, 1),
            Self::Unable(message) => (message, 2),
            // 128 plus the number of SIGINT, as shells report it.
            Self::Interrupted(message) => (message, 130),
            Self::OutputClosed => return ExitCode::SUCCESS,
        };
        // The exit code is enough if standard error is closed as well.
        let _ = writeln!(anstream::stderr(), "{}", message.trim_end());
        ExitCode::from(code)
    }
}

/// Converts an error of standard output; errors of other files name the file.
impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::Unable(format!("cannot write to standard output: {error}")),
        }
    }
}
