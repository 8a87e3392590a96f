//! Setting up in whose name a client calls.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::ClientBuilder;
use crate::authentication::tickets::TicketSource;
use crate::authentication::{App, Settings};
use crate::error::ConfigError;
use crate::store::LoginStore;

impl ClientBuilder {
    /// Id and secret of a custom app; the client gets and renews its tokens.
    pub fn app(mut self, id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        self.access.app = Some(App {
            id: id.into(),
            secret: secret.into(),
            tickets: None,
        });
        self
    }

    /// Id and secret of a store app, and where its tickets come from, such as
    /// [`Tickets`](crate::tickets::Tickets). The client gets and renews its tokens: the app token for a ticket, and
    /// with it the tenant token of each tenant that [`Client::for_tenant`](crate::Client::for_tenant) names. Where
    /// there is no ticket, or the platform refuses it, the client asks the platform to push one and calls wait for it.
    pub fn store_app(
        mut self,
        id: impl Into<String>,
        secret: impl Into<SecretString>,
        tickets: impl TicketSource,
    ) -> Self {
        self.access.app = Some(App {
            id: id.into(),
            secret: secret.into(),
            tickets: Some(Arc::new(tickets)),
        });
        self
    }

    /// A tenant token that something else gets and renews. It goes before those that the client gets for
    /// [`ClientBuilder::app`].
    pub fn tenant_token(mut self, token: impl Into<SecretString>) -> Self {
        self.access.tenant_token = Some(token.into());
        self
    }

    /// A user token that something else gets and renews, for endpoints that take nothing else.
    /// [`Client::as_user`](crate::Client::as_user) is for one call or some.
    pub fn user_token(mut self, token: impl Into<SecretString>) -> Self {
        self.access.user_token = Some(token.into());
        self
    }

    /// The user in whose name the client calls endpoints that take user tokens alone, as
    /// [`Client::login`](crate::Client::login) has it. [`ClientBuilder::user_token`] goes before it.
    pub fn login(mut self, user: impl Into<String>) -> Self {
        self.access.user = Some(user.into());
        self
    }

    /// Where the logins of users are kept, such as [`FileLogins`](crate::store::FileLogins). Unless set they are
    /// kept in memory, and users have to log in again when the program has been restarted.
    pub fn logins(mut self, store: impl LoginStore) -> Self {
        self.access.logins = Some(Arc::new(store));
        self
    }
}

/// Refuses what cannot be a credential.
pub(super) fn check(access: &Settings) -> Result<(), ConfigError> {
    if let Some(app) = &access.app {
        credential("the app id", &app.id)?;
        credential("the app secret", app.secret.expose_secret())?;
    }
    for (what, token) in [
        ("the tenant token", &access.tenant_token),
        ("the user token", &access.user_token),
    ] {
        if let Some(token) = token {
            credential(what, token.expose_secret())?;
        }
    }
    Ok(())
}

fn credential(what: &'static str, value: &str) -> Result<(), ConfigError> {
    let problem = if value.is_empty() {
        "is empty: give the one that the developer console shows"
    } else if value.chars().any(|c| c.is_control() || c.is_whitespace()) {
        "holds white space or a control character: give it without a line break at its end"
    } else {
        return Ok(());
    };
    Err(ConfigError::Credential { what, problem })
}
