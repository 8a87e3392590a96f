//! The error of a store.

/// The failure of a token, login or window store.
///
/// It is logged and part of errors, so it must never contain a token, a secret or the password of a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(String);

impl StoreError {
    /// Creates an error with a text that states what failed, where, and why.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}
