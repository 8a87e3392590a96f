//! A login of a user, as a test describes it.

use crate::pkce::Challenge;

/// A login, as the user granted it to an app.
///
/// ```
/// use larkspur_mock::Login;
///
/// let login = Login::new("offline_access drive:drive")
///     .redirect_uri("https://example.com/callback")
///     .challenge_s256("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub(crate) app: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) challenge: Option<Challenge>,
}

impl Login {
    /// A login at the mock's app, with these scopes granted, which spaces part. Without `offline_access` there
    /// is no refresh token.
    pub fn new(scopes: &str) -> Self {
        Self {
            app: None,
            scopes: scopes.split_whitespace().map(str::to_owned).collect(),
            redirect_uri: None,
            challenge: None,
        }
    }

    /// A login at the app with this id.
    pub fn app(mut self, id: impl Into<String>) -> Self {
        self.app = Some(id.into());
        self
    }

    /// The address that the login began with: an exchange that names another one is refused.
    pub fn redirect_uri(mut self, address: impl Into<String>) -> Self {
        self.redirect_uri = Some(address.into());
        self
    }

    /// The challenge that the login began with, made by the method `S256`: the exchange has to bring its verifier.
    pub fn challenge_s256(mut self, challenge: impl Into<String>) -> Self {
        self.challenge = Some(Challenge::S256(challenge.into()));
        self
    }

    /// The challenge that the login began with, by the method `plain`: it is the verifier itself.
    pub fn challenge_plain(mut self, challenge: impl Into<String>) -> Self {
        self.challenge = Some(Challenge::Plain(challenge.into()));
        self
    }

    /// Whether an exchange may name this address: that of the login, or none.
    pub(crate) fn leads_to(&self, address: Option<&str>) -> bool {
        match (self.redirect_uri.as_deref(), address) {
            (Some(own), Some(given)) => own == given,
            _ => true,
        }
    }

    /// Whether this verifier belongs to the challenge, if there is one.
    pub(crate) fn is_proven_by(&self, verifier: Option<&str>) -> bool {
        match &self.challenge {
            Some(challenge) => verifier.is_some_and(|verifier| challenge.is_of(verifier)),
            None => true,
        }
    }
}
