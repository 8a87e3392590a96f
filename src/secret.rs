//! Text that must not be printed.

pub use secrecy::{ExposeSecret, SecretString};

/// What stands in for a secret wherever something is printed.
pub(crate) const REDACTED: &str = "[redacted]";

/// Replaces the secrets of a call in text that came back: a platform or a proxy may repeat in an
/// error what it was sent.
pub(crate) struct Scrubber(Vec<SecretString>);

impl Scrubber {
    /// Shorter texts would be found everywhere, and protect nothing.
    const SHORTEST: usize = 4;

    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a secret.
    pub(crate) fn add(&mut self, secret: &SecretString) {
        if secret.expose_secret().len() >= Self::SHORTEST {
            self.0.push(secret.clone());
        }
    }

    /// The text without the secrets.
    pub(crate) fn scrub(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| {
            text.replace(secret.expose_secret(), REDACTED)
        })
    }
}
