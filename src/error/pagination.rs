//! Failures of pagination.

use std::fmt;

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
