//! Failures of user logins.

use super::{Error, ErrorKind, StoreError};

/// Codes of `authen.v2.oauth.token` for an unusable refresh token. 20074 is absent: there the app may not refresh, and
/// once it may, the login works again.
const UNUSABLE_REFRESH_TOKEN: [i64; 4] = [20026, 20037, 20064, 20073];

/// Id of the endpoint that exchanges and refreshes the tokens of a user.
const TOKEN_ENDPOINT: &str = "authen.v2.oauth.token";

/// Why the login of a user cannot be used.
///
/// Never contains the program's name for the user, which may be confidential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// No login is saved for this user.
    #[error(
        "no login is saved for this user: let the user log in with `client.login_page(..)` and `login.exchange(..)`"
    )]
    None,
    /// The token has expired and there is no refresh token.
    #[error(
        "the user's token has expired and there is no refresh token: let the user log in again, with the scope \
         offline_access so that the client can refresh the token"
    )]
    NoRefreshToken,
    /// The refresh token has expired.
    #[error("the refresh token has expired: let the user log in again")]
    Expired,
    /// Another task or process is refreshing the login, and takes too long.
    #[error("another process is refreshing the login and did not finish in time: retry later")]
    Busy,
    /// The store could not be read. No refresh token was used.
    #[error("the login store could not be read, and no refresh token was used: {0}")]
    NotRead(StoreError),
    /// The store could not save a new token pair. The client keeps it in memory and saves it before using it.
    #[error(
        "the login store could not save the new refresh token: {0}: it is in memory only and saved with the next call, \
         so keep the program running"
    )]
    NotSaved(StoreError),
    /// The runtime shut down during an exchange.
    #[error("the runtime shut down while the login was being saved")]
    Interrupted,
    /// The state of the callback belongs to another attempt.
    #[error(
        "the state of the callback belongs to another login attempt: start a new one, and store its state in the user's \
         session"
    )]
    OtherAttempt,
    /// The user did not consent, with the platform's reason.
    #[error("the user did not consent: {0}")]
    Denied(String),
    /// The callback has no code.
    #[error("the callback has no code: start a new login attempt")]
    NoCode,
}

impl Error {
    /// Returns whether the user has to log in again: nothing else helps.
    pub fn needs_login(&self) -> bool {
        match self.kind() {
            ErrorKind::Login(error) => matches!(
                error,
                LoginError::None | LoginError::NoRefreshToken | LoginError::Expired
            ),
            ErrorKind::Api(answer) => {
                let here = self.endpoint().is_some_and(|endpoint| endpoint.id == TOKEN_ENDPOINT);
                here && answer.code.is_some_and(|code| UNUSABLE_REFRESH_TOKEN.contains(&code))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_endpoint_has_the_generated_id() {
        assert_eq!(crate::authen::v2::oauth::Token::ENDPOINT.id, TOKEN_ENDPOINT);
    }
}
