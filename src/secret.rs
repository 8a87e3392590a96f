//! Text that must not be printed.

pub use secrecy::{ExposeSecret, SecretString};

/// What stands in for a secret wherever something is printed.
pub(crate) const REDACTED: &str = "[redacted]";

/// Whether this can be an access token: something, and nothing that the header would lose or change.
pub(crate) fn is_token(text: &SecretString) -> bool {
    let text = text.expose_secret();
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether these are the same text.
pub(crate) fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}
