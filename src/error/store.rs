//! The error of a store.

/// Why a store could not do what it was asked for.
///
/// It is told to the log and in errors: it never holds a token, a secret or the password of a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(String);

impl StoreError {
    /// An error with this text, which says what failed, where, and why.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}
