//! The caller of a request, and the kind of token it carries.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

use super::login::Login;
use crate::endpoint::TokenKind;
use crate::error::AuthError;

/// Preference of token kinds if the caller names none.
const PREFERRED: [TokenKind; 3] = [TokenKind::Tenant, TokenKind::App, TokenKind::User];

/// Why the client cannot get a token of each kind; `None` if it can.
pub(super) struct MissingCredentials {
    pub tenant: Option<AuthError>,
    pub app: Option<AuthError>,
    pub user: Option<AuthError>,
}

impl MissingCredentials {
    fn error_for(self, kind: TokenKind) -> Option<AuthError> {
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

/// Returns the kind of token for an endpoint that accepts `taken`: the kind that the caller requires, else the first
/// accepted kind for which the client has credentials.
pub(super) fn select_token_kind(
    taken: &'static [TokenKind],
    principal: &Principal,
    missing_credentials: MissingCredentials,
) -> Result<TokenKind, AuthError> {
    let preferred = || PREFERRED.into_iter().filter(|kind| taken.contains(kind));
    let kind = match principal {
        Principal::Any => preferred()
            .find(|kind| missing_credentials.has(*kind))
            .or(preferred().next()),
        Principal::Tenant => Some(TokenKind::Tenant),
        Principal::App => Some(TokenKind::App),
        Principal::User(_) | Principal::Login(_) => Some(TokenKind::User),
    };
    match kind {
        Some(kind) if taken.contains(&kind) => missing_credentials.error_for(kind).map_or(Ok(kind), Err),
        Some(given) => Err(AuthError::TokenKind { given, taken }),
        None => Err(AuthError::NoCredentials),
    }
}

/// Returns the kind of token for an endpoint that may accept more than the documented kinds: the kind that the caller requires,
/// else the first documented kind for which the client has credentials, else any other.
pub(super) fn select_undocumented_kind(
    documented: &'static [TokenKind],
    principal: &Principal,
    missing_credentials: MissingCredentials,
) -> Result<TokenKind, AuthError> {
    let has_documented = || documented.iter().any(|kind| missing_credentials.has(*kind));
    if matches!(principal, Principal::Any) && has_documented() {
        return select_token_kind(documented, principal, missing_credentials);
    }
    select_token_kind(&PREFERRED, principal, missing_credentials)
}

/// The principal of a call, and the tenant in which it acts.
#[derive(Clone, Default)]
pub(crate) struct Caller {
    pub principal: Principal,
    /// Key of the tenant in which a store app calls.
    pub tenant: Option<Arc<str>>,
}

/// The principal whose token a call carries.
#[derive(Clone, Default)]
pub(crate) enum Principal {
    /// The first kind that the endpoint accepts and the client has.
    #[default]
    Any,
    /// The app in a tenant, with a tenant access token.
    Tenant,
    /// The app itself, with an app access token.
    App,
    /// A user with a token that the program manages.
    User(SecretString),
    /// A user with a login that the client refreshes.
    Login(Login),
}

/// Omits the token.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.principal {
            Principal::Any => "any",
            Principal::Tenant => "tenant",
            Principal::App => "app",
            Principal::User(_) | Principal::Login(_) => "user",
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

    fn missing_credentials(kinds: &[TokenKind]) -> MissingCredentials {
        let missing = |kind, error| kinds.contains(&kind).then_some(error);
        MissingCredentials {
            tenant: missing(Tenant, AuthError::NoTenant),
            app: missing(App, AuthError::NoApp),
            user: missing(User, AuthError::NoUser),
        }
    }

    #[test]
    fn selects_first_available_kind_by_default() {
        for (taken, missing, expected) in [
            (ALL, &[][..], Ok(Tenant)),
            (ALL, &[Tenant], Ok(App)),
            (ALL, &[Tenant, App], Ok(User)),
            (&[User, App], &[], Ok(App)),
            (&[User], &[Tenant, App], Ok(User)),
            (&[User], &[User], Err(AuthError::NoUser)),
            (&[Tenant, User], &[Tenant, User], Err(AuthError::NoTenant)),
            (&[App], &[App], Err(AuthError::NoApp)),
        ] {
            assert_eq!(
                select_token_kind(taken, &Principal::Any, missing_credentials(missing)),
                expected
            );
        }
    }

    #[test]
    fn never_replaces_the_requested_kind() {
        let user = || Principal::User("u-1".into());
        for (taken, principal, missing, expected) in [
            (ALL, Principal::Tenant, &[][..], Ok(Tenant)),
            (ALL, Principal::App, &[], Ok(App)),
            (ALL, user(), &[], Ok(User)),
            (ALL, Principal::Tenant, &[Tenant], Err(AuthError::NoTenant)),
            (
                &[User],
                Principal::App,
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
            assert_eq!(
                select_token_kind(taken, &principal, missing_credentials(missing)),
                expected
            );
        }
    }
}
