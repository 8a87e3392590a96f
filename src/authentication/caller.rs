//! In whose name a call is made.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

use super::login::Login;

/// In whose name a call is made.
#[derive(Clone, Default)]
pub(crate) struct Caller {
    pub who: Who,
    /// The tenant in which a store app calls.
    pub tenant: Option<Arc<str>>,
}

/// Whose token a call carries.
#[derive(Clone, Default)]
pub(crate) enum Who {
    /// Whoever the endpoint takes and the client can speak for.
    #[default]
    Any,
    /// The app, in a tenant.
    Tenant,
    /// The app, in no tenant.
    App,
    /// A user whose token the program has.
    User(SecretString),
    /// A user whose login the client renews.
    Login(Login),
}

/// Without the token.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.who {
            Who::Any => "any",
            Who::Tenant => "tenant",
            Who::App => "app",
            Who::User(_) | Who::Login(_) => "user",
        })?;
        match &self.tenant {
            Some(tenant) => write!(f, " in {tenant}"),
            None => Ok(()),
        }
    }
}
