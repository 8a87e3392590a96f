//! In whose name a call is made.

use std::fmt;

use secrecy::SecretString;

/// In whose name a call is made.
#[derive(Clone)]
pub(crate) enum Caller {
    /// The app itself.
    Tenant,
    /// A user who logged in.
    User(SecretString),
}

/// Without the token.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tenant => "tenant",
            Self::User(_) => "user",
        })
    }
}
