//! In whose name a call is made, and with which token.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::client::Core;
use crate::endpoint::{Endpoint, TokenKind};
use crate::error::{CallerError, Error, Problem, Result};
use crate::shared::TokenStore;

mod caller;
mod tenant;

pub(crate) use caller::Caller;
pub(crate) use tenant::App;
use tenant::Tokens;

/// Code for a tenant token that is revoked, or that the endpoint does not take.
const TENANT_TOKEN_INVALID: i64 = 99991663;

/// What the builder was told of credentials.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub app: Option<App>,
    pub tenant_token: Option<SecretString>,
    /// Where the processes of the app share tokens.
    #[allow(dead_code)]
    pub store: Option<Arc<dyn TokenStore>>,
}

/// The credentials of a client, and the tokens that it got with them.
pub(crate) struct Access {
    tokens: Tokens,
    app: Arc<str>,
}

/// Under what the platform counts the calls of a caller.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    /// Id of the app; empty where the client does not know it.
    pub app: Arc<str>,
    /// Key of the tenant; empty for the one tenant of a custom app.
    pub tenant: Arc<str>,
}

/// A token that a call carries.
#[derive(Clone)]
pub(crate) struct AccessToken {
    pub text: SecretString,
    pub kind: TokenKind,
}

impl Access {
    pub(crate) fn new(settings: Settings) -> Self {
        let app = settings.app.as_ref().map_or("", |app| app.id.as_str());
        Self {
            app: app.into(),
            tokens: Tokens::new(settings.app, settings.tenant_token),
        }
    }

    /// The token for a call: none where the endpoint takes none.
    pub(crate) async fn token(
        &self,
        core: &Arc<Core>,
        endpoint: &'static Endpoint,
        caller: &Caller,
    ) -> Result<Option<AccessToken>> {
        if endpoint.tokens.is_empty() {
            return Ok(None);
        }
        let given = match caller {
            Caller::Tenant => TokenKind::Tenant,
            Caller::User(_) => TokenKind::User,
        };
        if !endpoint.tokens.contains(&given) {
            let taken = endpoint.tokens;
            let problem = Problem::Caller(CallerError::TokenKind { given, taken });
            return Err(Error::at(endpoint, problem));
        }
        let text = match caller {
            Caller::User(token) => token.clone(),
            Caller::Tenant => self.tokens.tenant(core, endpoint).await?,
        };
        Ok(Some(AccessToken { text, kind: given }))
    }

    /// Tells that the platform refused this token with this code; it is not used again. Gives whether another
    /// try makes sense: whether the code says that the token was at fault, and there can be another one.
    pub(crate) fn refused(&self, token: &AccessToken, code: i64) -> bool {
        if code == TENANT_TOKEN_INVALID {
            self.tokens.forget(&token.text);
        }
        false
    }

    /// Under what the platform counts the calls of this caller.
    pub(crate) fn identity(&self, _caller: &Caller) -> Identity {
        Identity {
            app: Arc::clone(&self.app),
            tenant: Arc::default(),
        }
    }
}

/// Without tokens.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tokens.fmt(f)
    }
}

impl PartialEq for AccessToken {
    fn eq(&self, other: &Self) -> bool {
        self.text.expose_secret() == other.text.expose_secret()
    }
}
