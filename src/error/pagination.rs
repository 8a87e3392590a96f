//! Why a list cannot be read to its end.

use std::fmt;

/// Longest part of a token that is shown, in characters: enough to tell it from others.
const SHOWN: usize = 24;

/// Why a list cannot be read to its end, though each call was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PaginationError {
    /// The token of the next page has come before, so the pages would never end.
    Circle {
        /// The token, shortened.
        token: String,
    },
    /// A page says that there is another, and gives no token for it.
    NoToken,
}

impl PaginationError {
    pub(crate) fn circle(token: &str) -> Self {
        let mut shown: String = token.chars().take(SHOWN).collect();
        if shown.len() < token.len() {
            shown.push('…');
        }
        Self::Circle { token: shown }
    }
}

impl fmt::Display for PaginationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Circle { token } => write!(
                f,
                "the platform gave a page token a second time ({token:?}), so the pages would never end: the list is not \
                 known to be whole; read it anew, or ask for it in another order or with other filters"
            ),
            Self::NoToken => f.write_str(
                "the page says that there is another and gives no token for it: the list is not known to be whole; read \
                 it anew, or ask for more at once",
            ),
        }
    }
}
