//! How much a finding matters.

use std::fmt;

/// What it means that a spec breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Something could be better; nothing fails.
    Note,
    /// A check of the spec fails, but code can be generated.
    Warning,
    /// The format does not allow it, and nothing is generated.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}
