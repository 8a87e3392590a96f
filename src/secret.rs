//! Secrets: text that is never printed.

pub use secrecy::{ExposeSecret, SecretString};

/// The replacement for a secret in printed text.
pub(crate) const REDACTED: &str = "[redacted]";

/// Returns whether this is a valid access token: not empty, and printable ASCII only, as headers require.
pub(crate) fn is_token(text: &SecretString) -> bool {
    let text = text.expose_secret();
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Returns whether two secrets are equal.
pub(crate) fn is_same_secret(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// Returns the SHA-256 of a text as hexadecimal digits.
pub(crate) fn sha256_hex(text: &str) -> String {
    hex(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref())
}

/// Returns bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
