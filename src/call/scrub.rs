//! Removal of secrets from text that is shown.

use secrecy::{ExposeSecret, SecretString};

use crate::secret::REDACTED;
use crate::wire::{Fields, View};

/// Replaces the secrets of a call in text of its response: a platform or a proxy may repeat them in an error.
pub(crate) struct Scrubber(Vec<SecretString>);

impl Scrubber {
    /// Shorter texts occur everywhere, and need no protection.
    const MIN_LENGTH: usize = 4;

    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a secret.
    pub(crate) fn add(&mut self, secret: &SecretString) {
        if secret.expose_secret().len() >= Self::MIN_LENGTH {
            self.0.push(secret.clone());
        }
    }

    /// Adds all secrets in these fields, at any depth.
    pub(crate) fn add_all(&mut self, fields: &dyn Fields) {
        fields.each(&mut |_, value| self.add_value(&value.view()));
    }

    fn add_value(&mut self, value: &View<'_>) {
        match value {
            View::Secret(secret) => self.add(secret),
            View::Object(fields) => self.add_all(*fields),
            View::List(list) => list.each(&mut |element| self.add_value(&element.view())),
            View::Map(map) => map.each(&mut |_, value| self.add_value(&value.view())),
            _ => {}
        }
    }

    /// Returns the text without the secrets.
    pub(crate) fn scrub(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| {
            text.replace(secret.expose_secret(), REDACTED)
        })
    }
}
