//! Logins that have happened: the codes that they gave, and the refresh tokens that followed.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use crate::code::oauth as code;
use crate::login::Login;

/// How long a code lives.
const CODE_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// How long a user need not log in again, however often the token is refreshed.
const LOGIN_LIFETIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The scope without which there is no refresh token.
pub(crate) const OFFLINE: &str = "offline_access";

/// What a user granted, and when.
#[derive(Debug, Clone)]
pub(crate) struct Granted {
    pub(crate) scopes: Vec<String>,
    began: Duration,
}

/// What an exchange brings.
pub(crate) struct Exchange<'a> {
    pub(crate) app: &'a str,
    pub(crate) code: &'a str,
    pub(crate) redirect_uri: Option<&'a str>,
    pub(crate) verifier: Option<&'a str>,
}

/// Every code and refresh token that was handed out.
pub(crate) struct Logins {
    /// How long refresh tokens live.
    lifetime: Duration,
    /// Differs from mock to mock, so that nobody can make a code up.
    random: RandomState,
    count: u64,
    codes: HashMap<String, Code>,
    refresh: HashMap<String, Refresh>,
}

struct Code {
    app: String,
    login: Login,
    made: Duration,
    used: bool,
}

struct Refresh {
    app: String,
    granted: Granted,
    expires: Duration,
    /// The user token that came with it.
    access: String,
    state: RefreshState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RefreshState {
    Fresh,
    Used,
    Revoked,
}

impl Logins {
    /// None yet; refresh tokens will live for `lifetime`.
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            random: RandomState::new(),
            count: 0,
            codes: HashMap::new(),
            refresh: HashMap::new(),
        }
    }

    fn text(&mut self, kind: &str) -> String {
        self.count += 1;
        format!(
            "{kind}-{:06}-{:016x}",
            self.count,
            self.random.hash_one((kind, self.count))
        )
    }

    /// A code of a login that a user has just agreed to.
    pub(crate) fn begin(&mut self, app: &str, login: Login, now: Duration) -> String {
        let text = self.text("mock-code");
        let app = app.to_owned();
        let code = Code {
            app,
            login,
            made: now,
            used: false,
        };
        self.codes.insert(text.clone(), code);
        text
    }

    /// What a code stands for; the platform's code for a failure where the exchange is refused.
    pub(crate) fn granted_by_code(&self, exchange: &Exchange<'_>, now: Duration) -> Result<Granted, i64> {
        let found = self.codes.get(exchange.code).ok_or(code::CODE_NOT_FOUND)?;
        let login = &found.login;
        match found {
            Code { app, .. } if app != exchange.app => Err(code::OTHER_APP),
            Code { used: true, .. } => Err(code::CODE_USED),
            Code { made, .. } if now >= made.saturating_add(CODE_LIFETIME) => Err(code::CODE_EXPIRED),
            _ if !login.leads_to(exchange.redirect_uri) => Err(code::OTHER_REDIRECT_URI),
            _ if !login.is_proven_by(exchange.verifier) => Err(code::PKCE_FAILED),
            Code { made, .. } => Ok(Granted {
                scopes: login.scopes.clone(),
                began: *made,
            }),
        }
    }

    /// What a refresh token stands for; the platform's code for a failure where it is refused.
    pub(crate) fn granted_by_refresh(&self, app: &str, text: &str, now: Duration) -> Result<Granted, i64> {
        let found = self.refresh.get(text).ok_or(code::REFRESH_INVALID)?;
        match found {
            Refresh { app: other, .. } if other != app => Err(code::OTHER_APP),
            Refresh {
                state: RefreshState::Revoked,
                ..
            } => Err(code::REFRESH_REVOKED),
            Refresh {
                state: RefreshState::Used,
                ..
            } => Err(code::REFRESH_USED),
            Refresh { expires, granted, .. } if now >= (*expires).min(granted.began.saturating_add(LOGIN_LIFETIME)) => {
                Err(code::REFRESH_EXPIRED)
            }
            Refresh { granted, .. } => Ok(granted.clone()),
        }
    }

    /// From now on the code has been used.
    pub(crate) fn use_code(&mut self, text: &str) {
        if let Some(code) = self.codes.get_mut(text) {
            code.used = true;
        }
    }

    /// From now on the refresh token has been used; gives the user token that came with it.
    pub(crate) fn use_refresh(&mut self, text: &str) -> Option<&str> {
        let refresh = self.refresh.get_mut(text)?;
        refresh.state = RefreshState::Used;
        Some(&refresh.access)
    }

    /// A new refresh token beside this user token, and how long it lives.
    pub(crate) fn issue(&mut self, app: &str, granted: Granted, access: &str, now: Duration) -> (String, Duration) {
        // As long as the platform's, so that whoever keeps it has to have the room.
        let text = format!("eyJ{}.{}", self.text("mock-refresh"), "r".repeat(1100));
        let refresh = Refresh {
            app: app.to_owned(),
            granted,
            expires: now.saturating_add(self.lifetime),
            access: access.to_owned(),
            state: RefreshState::Fresh,
        };
        self.refresh.insert(text.clone(), refresh);
        (text, self.lifetime)
    }

    /// Revokes a refresh token; gives whether there is such a one.
    pub(crate) fn revoke(&mut self, text: &str) -> bool {
        let found = self.refresh.get_mut(text);
        found.is_some_and(|refresh| {
            refresh.state = RefreshState::Revoked;
            true
        })
    }
}
