//! Setting up in whose name a client calls.

use secrecy::SecretString;

use super::ClientBuilder;
use crate::access::App;

impl ClientBuilder {
    /// Id and secret of a custom app; the client gets and renews its tenant token.
    pub fn app(mut self, id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        self.access.app = Some(App {
            id: id.into(),
            secret: secret.into(),
        });
        self
    }

    /// A tenant token that something else gets and renews. It goes before [`ClientBuilder::app`].
    pub fn tenant_token(mut self, token: impl Into<SecretString>) -> Self {
        self.access.tenant_token = Some(token.into());
        self
    }
}
