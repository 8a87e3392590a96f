//! Why the login of a user cannot be used.

use super::{Error, ErrorKind, StoreError};

/// Codes of `authen.v2.oauth.token` after which a refresh token is of no more use. 20074 is not among them: it is
/// the app that may not refresh, and once it may, the login goes on.
const OVER: [i64; 4] = [20026, 20037, 20064, 20073];

/// Id of the endpoint that exchanges and refreshes the tokens of a user.
const TOKEN_ENDPOINT: &str = "authen.v2.oauth.token";

/// Why the login of a user cannot be used.
///
/// It does not name the user: whatever the program calls its users may be for nobody else to read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// Nothing is saved for this user.
    #[error(
        "nothing is saved for this user: let the user log in with `client.login_page(..)` and `login.exchange(..)`"
    )]
    None,
    /// The token has ended, and there is nothing to get another one with.
    #[error(
        "the user's token has ended and there is no refresh token: let the user log in again, and ask for the scope \
         offline_access to have the client renew the token"
    )]
    NoRefreshToken,
    /// The refresh token has ended.
    #[error("the refresh token has ended, as nobody called for so long: let the user log in again")]
    Expired,
    /// Another task or process is renewing the login, and takes too long.
    #[error("another process is renewing the login and has not finished in time: try again later")]
    Busy,
    /// The store could not tell what it has. No refresh token was spent.
    #[error("the store of logins failed, and no refresh token was spent: {0}")]
    NotRead(StoreError),
    /// The store could not keep a new pair. The client keeps it in memory and saves it before it uses it.
    #[error(
        "the store of logins could not keep the new refresh token: {0}. The client has it in memory and tries again with \
         the next call; it is lost if the program ends before that"
    )]
    NotSaved(StoreError),
    /// The runtime has shut down in the midst of an exchange.
    #[error("the runtime has shut down while the login was being saved")]
    Interrupted,
    /// The user came back from another attempt.
    #[error(
        "the user came back with the state of another attempt: begin a new one, and keep its state in the user's session"
    )]
    OtherAttempt,
    /// The user did not consent; this is what the platform says of it.
    #[error("the user did not consent: {0}")]
    Denied(String),
    /// The user came back without a code.
    #[error("the user came back without a code: begin a new attempt")]
    NoCode,
}

impl Error {
    /// Whether the user has to log in again: nothing else helps.
    pub fn needs_login(&self) -> bool {
        match self.kind() {
            ErrorKind::Login(error) => matches!(
                error,
                LoginError::None | LoginError::NoRefreshToken | LoginError::Expired
            ),
            ErrorKind::Api(answer) => {
                let here = self.endpoint().is_some_and(|endpoint| endpoint.id == TOKEN_ENDPOINT);
                here && answer.code.is_some_and(|code| OVER.contains(&code))
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
