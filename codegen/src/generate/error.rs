//! What can come in between.

use std::path::PathBuf;
use std::{fmt, io};

use crate::emit::{EmitError, FeatureBlockError};
use crate::{Findings, Source};

/// Why nothing was generated, or that something has to be.
#[derive(Debug)]
#[non_exhaustive]
pub enum GenerateError {
    /// The spec is wrong; nothing was written.
    Findings {
        /// All that is wrong with it.
        findings: Findings,
        /// The spec, to show the lines that are meant.
        source: Box<Source>,
    },
    /// The spec cannot become Rust; nothing was written.
    Emit(EmitError),
    /// What was generated does not follow from the spec.
    Differs(Vec<Difference>),
    /// The block of features in Cargo.toml cannot be replaced.
    Features(FeatureBlockError),
    /// A file could not be read, written or removed.
    Io {
        /// What was tried: `read`, `write`, `remove`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
}

/// A file that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Relative to the root.
    pub path: PathBuf,
    /// What is wrong with it.
    pub state: State,
}

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It should be there.
    Missing,
    /// Its text is not what the spec says.
    Stale,
    /// The spec no longer has what it was generated from.
    LeftOver,
}

impl GenerateError {
    /// What a program should exit with: 1 where the spec or the files are wrong, 2 where it could not run.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Findings { .. } | Self::Emit(_) | Self::Differs(_) => 1,
            Self::Features(_) | Self::Io { .. } => 2,
        }
    }
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Findings { findings, .. } => write!(f, "{findings}"),
            Self::Emit(error) => write!(f, "{error}"),
            Self::Features(error) => write!(f, "{error}"),
            Self::Io { action, path, error } => write!(f, "could not {action} {}: {error}", path.display()),
            Self::Differs(differences) => {
                writeln!(f, "what is generated does not follow from spec/:")?;
                for Difference { path, state } in differences {
                    writeln!(f, "  {state}: {}", slashed(path))?;
                }
                write!(f, "run `cargo spec gen` and commit what it writes")
            }
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::LeftOver => "left over",
        })
    }
}

impl std::error::Error for GenerateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Emit(error) => Some(error),
            Self::Features(error) => Some(error),
            Self::Io { error, .. } => Some(error),
            Self::Findings { .. } | Self::Differs(_) => None,
        }
    }
}

impl From<EmitError> for GenerateError {
    fn from(error: EmitError) -> Self {
        Self::Emit(error)
    }
}

impl From<FeatureBlockError> for GenerateError {
    fn from(error: FeatureBlockError) -> Self {
        Self::Features(error)
    }
}

/// The path with slashes on every system, so that messages are the same everywhere.
fn slashed(path: &std::path::Path) -> String {
    path.iter()
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}
