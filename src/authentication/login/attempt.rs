//! A login that a user has begun on the platform's page.

use std::fmt;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;

use super::saving::failed;
use crate::error::{LoginError, Result};

/// A login that has begun: where to send the user, and what to keep in the user's session until the user comes back.
///
/// ```no_run
/// # async fn example(client: larkspur::Client) -> larkspur::Result<()> {
/// use larkspur::login::LoginAttempt;
///
/// // When the user wants to log in: redirect to `attempt.url`, and keep the rest in the session.
/// let attempt = client.login_page("https://example.com/callback")?.scope("offline_access").begin()?;
/// let (state, verifier) = (attempt.state, attempt.verifier);
///
/// // When the user comes back to https://example.com/callback?code=…&state=…
/// let query = "code=…&state=…";
/// let attempt = LoginAttempt::resume("https://example.com/callback", state, verifier);
/// let login = client.login("user-42");
/// login.exchange(attempt.code(query)?, &attempt).await?;
///
/// // From now on, also after a restart of the program.
/// let client = client.as_login(&login);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct LoginAttempt {
    /// Where to send the user. Empty where the attempt was resumed.
    pub url: String,
    /// What comes back with the user, and tells that it is this attempt that comes back.
    pub state: String,
    /// What proves that whoever gives the code has begun the login (PKCE).
    pub verifier: SecretString,
    /// Where the user comes back to.
    pub redirect_uri: String,
}

impl LoginAttempt {
    /// An attempt as it was when it began, from what was kept of it.
    pub fn resume(
        redirect_uri: impl Into<String>,
        state: impl Into<String>,
        verifier: impl Into<SecretString>,
    ) -> Self {
        Self {
            url: String::new(),
            state: state.into(),
            verifier: verifier.into(),
            redirect_uri: redirect_uri.into(),
        }
    }

    /// The code in the query with which the user comes back: what stands behind the `?` of the URL.
    ///
    /// # Errors
    ///
    /// Where the query belongs to another attempt, for somebody may have sent the user there; where the user did not
    /// consent; and where there is no code.
    pub fn code(&self, query: &str) -> Result<SecretString> {
        let state = parameter(query, "state").unwrap_or_default();
        if self.state.is_empty() || state != self.state {
            return Err(failed(LoginError::OtherAttempt));
        }
        if let Some(error) = parameter(query, "error") {
            let shown = error.chars().filter(char::is_ascii_graphic).take(60).collect();
            return Err(failed(LoginError::Denied(shown)));
        }
        parameter(query, "code")
            .filter(|code| !code.is_empty())
            .map(SecretString::from)
            .ok_or_else(|| failed(LoginError::NoCode))
    }
}

/// The first value of a parameter, decoded.
fn parameter(query: &str, name: &str) -> Option<String> {
    let pairs = query
        .trim_start_matches('?')
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    let value = pairs.into_iter().find(|(key, _)| *key == name)?.1;
    let decoded = percent_decode_str(value).decode_utf8_lossy();
    Some(decoded.into_owned())
}

/// Without the verifier, and without the state, which only the user's browser may know.
impl fmt::Debug for LoginAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginAttempt")
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}
