//! The platform's page on which a user logs in and consents.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::{ExposeSecret as _, SecretString};

use super::LoginAttempt;
use crate::client::BaseUrl;
use crate::error::{ConfigError, Result};

/// What stands in a query as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Path of the page.
const PATH: &str = "/open-apis/authen/v1/authorize";

/// Where a user logs in: see [`Client::login_page`](crate::Client::login_page).
#[derive(Debug, Clone)]
#[must_use = "a page does nothing until `begin`"]
pub struct LoginPage {
    accounts: String,
    app: String,
    redirect_uri: String,
    scope: String,
}

impl LoginPage {
    pub(crate) fn new(base: &BaseUrl, app: &str, redirect_uri: String) -> Self {
        // A deployment of one's own has its page where its endpoints are, unless it is told otherwise.
        let accounts = match base.as_str() {
            "https://open.feishu.cn" => "https://accounts.feishu.cn",
            "https://open.larksuite.com" => "https://accounts.larksuite.com",
            other => other,
        };
        Self {
            accounts: accounts.to_owned(),
            app: app.to_owned(),
            redirect_uri,
            scope: String::new(),
        }
    }

    /// The scopes to ask the user for, with spaces between, 50 at most. With `offline_access` among them the client
    /// renews the login; without, it ends after some two hours.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Base URL of the page in a private deployment.
    pub fn accounts_url(mut self, url: impl Into<String>) -> Self {
        self.accounts = url.into().trim_end_matches('/').to_owned();
        self
    }

    /// Begins a login: the URL to send the user to, and what to keep until the user comes back.
    ///
    /// # Errors
    ///
    /// Where the operating system has no random numbers.
    pub fn begin(self) -> Result<LoginAttempt> {
        let state = random()?;
        let verifier = random()?;
        let challenge = base64url(ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes()).as_ref());
        let mut url = format!(
            "{}{PATH}?response_type=code&client_id={}",
            self.accounts,
            encode(&self.app)
        );
        for (name, value) in [
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scope),
            ("state", &state),
            ("code_challenge", &challenge),
        ] {
            if !value.is_empty() {
                url.push_str(&format!("&{name}={}", encode(value)));
            }
        }
        url.push_str("&code_challenge_method=S256");
        let verifier = SecretString::from(verifier);
        debug_assert!((43..=128).contains(&verifier.expose_secret().len()));
        Ok(LoginAttempt {
            url,
            state,
            verifier,
            redirect_uri: self.redirect_uri,
        })
    }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// 43 characters that nobody can guess.
fn random() -> Result<String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| ConfigError::Random)?;
    Ok(base64url(&bytes))
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
