//! The caller of a request, and the kind of token it carries.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

use super::login::Login;
use crate::endpoint::TokenKind;
use crate::error::AuthError;

/// The order in which kinds are preferred where the caller names none.
const PREFERRED: [TokenKind; 3] = [TokenKind::Tenant, TokenKind::App, TokenKind::User];

/// Why a client cannot have a token of a kind for a call; `None` where it can.
pub(super) struct Lacks {
    pub tenant: Option<AuthError>,
    pub app: Option<AuthError>,
    pub user: Option<AuthError>,
}

impl Lacks {
    fn of(self, kind: TokenKind) -> Option<AuthError> {
        match kind {
            TokenKind::Tenant => self.tenant,
            TokenKind::App => self.app,
            TokenKind::User => self.user,
        }
    }

    fn has(&self, kind: TokenKind) -> bool {
        match kind {
            TokenKind::Tenant => self.tenant.is_none(),
            TokenKind::App => self.app.is_none(),
            TokenKind::User => self.user.is_none(),
        }
    }
}

/// The kind of token for an endpoint that takes these: the one that the caller names, else the first that
/// the endpoint takes and the client can have.
pub(super) fn choose(taken: &'static [TokenKind], who: &Who, lacks: Lacks) -> Result<TokenKind, AuthError> {
    let preferred = || PREFERRED.into_iter().filter(|kind| taken.contains(kind));
    let kind = match who {
        Who::Any => preferred().find(|kind| lacks.has(*kind)).or(preferred().next()),
        Who::Tenant => Some(TokenKind::Tenant),
        Who::App => Some(TokenKind::App),
        Who::User(_) | Who::Login(_) => Some(TokenKind::User),
    };
    match kind {
        Some(kind) if taken.contains(&kind) => lacks.of(kind).map_or(Ok(kind), Err),
        Some(given) => Err(AuthError::TokenKind { given, taken }),
        None => Err(AuthError::NoCredentials),
    }
}

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

#[cfg(test)]
mod tests {
    use TokenKind::{App, Tenant, User};

    use super::*;

    const ALL: &[TokenKind] = &[User, App, Tenant];

    fn lacks(kinds: &[TokenKind]) -> Lacks {
        let lack = |kind, error| kinds.contains(&kind).then_some(error);
        Lacks {
            tenant: lack(Tenant, AuthError::NoTenant),
            app: lack(App, AuthError::NoApp),
            user: lack(User, AuthError::NoUser),
        }
    }

    #[test]
    fn a_caller_who_names_no_kind_gets_the_first_that_is_taken_and_can_be_had() {
        for (taken, lacking, chosen) in [
            (ALL, &[][..], Ok(Tenant)),
            (ALL, &[Tenant], Ok(App)),
            (ALL, &[Tenant, App], Ok(User)),
            (&[User, App], &[], Ok(App)),
            (&[User], &[Tenant, App], Ok(User)),
            (&[User], &[User], Err(AuthError::NoUser)),
            (&[Tenant, User], &[Tenant, User], Err(AuthError::NoTenant)),
            (&[App], &[App], Err(AuthError::NoApp)),
        ] {
            assert_eq!(choose(taken, &Who::Any, lacks(lacking)), chosen);
        }
    }

    #[test]
    fn a_kind_that_the_caller_names_is_never_replaced() {
        let user = || Who::User("u-1".into());
        for (taken, who, lacking, chosen) in [
            (ALL, Who::Tenant, &[][..], Ok(Tenant)),
            (ALL, Who::App, &[], Ok(App)),
            (ALL, user(), &[], Ok(User)),
            (ALL, Who::Tenant, &[Tenant], Err(AuthError::NoTenant)),
            (
                &[User],
                Who::App,
                &[],
                Err(AuthError::TokenKind {
                    given: App,
                    taken: &[User],
                }),
            ),
            (
                &[Tenant],
                user(),
                &[],
                Err(AuthError::TokenKind {
                    given: User,
                    taken: &[Tenant],
                }),
            ),
        ] {
            assert_eq!(choose(taken, &who, lacks(lacking)), chosen);
        }
    }
}
