//! Options of a call.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;

/// In whose name a call is made.
#[derive(Clone)]
pub(crate) enum Caller {
    /// The app itself.
    Tenant,
    /// A user who logged in.
    User(SecretString),
}

/// Options of a call: what the views of one client differ in.
#[derive(Clone)]
pub(crate) struct View {
    pub caller: Caller,
    pub timeout: Duration,
}

impl View {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            caller: Caller::Tenant,
            timeout,
        }
    }
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
