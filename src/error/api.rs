//! What the platform says of a call that failed.

use std::time::Duration;

use crate::endpoint::{DocumentedError, EndpointInfo};

/// What the platform answered to a call that failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// Code of the envelope; `None` where the answer had no envelope.
    pub code: Option<i64>,
    /// Message of the envelope.
    pub msg: String,
    /// Id under which the platform's support finds the call.
    pub log_id: Option<String>,
    /// The platform's page on how to mend this failure.
    pub troubleshooter: Option<String>,
    /// Further pages.
    pub helps: Vec<Help>,
    /// Fields that the platform refused.
    pub field_violations: Vec<FieldViolation>,
    /// Permissions that are missing.
    pub permission_violations: Vec<PermissionViolation>,
    /// How long to wait before the next try, as the platform says.
    pub retry_after: Option<Duration>,
    /// Beginning of a body that is no envelope.
    pub excerpt: Option<String>,
    /// Host of a redirect, which is never followed.
    pub redirect: Option<String>,
}

impl ApiError {
    /// Whether the platform refused the call because there were too many, and did nothing.
    pub(crate) fn is_rate_refusal(&self) -> bool {
        self.status == 429 || matches!(self.code, Some(99991400 | 11232 | 230020))
    }

    /// Whether a scope is missing, of the app or in what its user consented to.
    pub(crate) fn is_about_scopes(&self) -> bool {
        matches!(self.code, Some(99991672 | 99991676 | 99991679))
    }

    /// Whether trying again may help.
    pub(crate) fn is_retryable(&self, endpoint: Option<&'static EndpointInfo>) -> bool {
        let documented = endpoint.and_then(|endpoint| endpoint.documented(self.code, self.status));
        let common = self.code.and_then(common);
        match (documented, common) {
            _ if self.is_rate_refusal() => true,
            (Some(documented), _) if documented.retry => true,
            (_, Some(common)) => common.retry,
            (Some(DocumentedError { code: Some(_), .. }), None) => false,
            _ => matches!(self.status, 408 | 500 | 502 | 503 | 504),
        }
    }
}

/// A page that may help.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Help {
    /// Where it is.
    pub url: String,
    /// What it is about.
    pub description: String,
}

/// A field that the platform refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldViolation {
    /// The field.
    pub field: String,
    /// The value that the platform saw.
    pub value: String,
    /// What is wrong with it.
    pub description: String,
}

/// A permission that is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PermissionViolation {
    /// The scope, such as `drive:drive:readonly`.
    pub scope: String,
    /// What kind of permission it is; empty where the platform does not say.
    pub kind: String,
    /// What to do: a sentence or a URL; empty where the platform does not say.
    pub description: String,
}

/// What is known of a code that any endpoint may answer with.
pub(super) struct Common {
    /// Cause and way out.
    pub hint: &'static str,
    /// Whether trying again may help.
    pub retry: bool,
}

/// The codes that the platform's gateway answers for every endpoint.
pub(super) fn common(code: i64) -> Option<Common> {
    let (hint, retry) = match code {
        99991661 => (
            "The call came without a token: look what takes the header `Authorization` away on its way, or whether the \
             endpoint's `tokens` in the spec lack a kind.",
            false,
        ),
        99991663 => (
            "The tenant token is not valid, or the endpoint takes no tenant token. One from outside has to be replaced by \
             whoever gave it; with `.app(id, secret)` the client gets and renews its own.",
            false,
        ),
        99991664 | 99991665 => (
            "The app token is not valid: look whether the id and the secret are those of this app, and of one that is \
             enabled.",
            false,
        ),
        99991668 | 99991677 => (
            "The user token is not valid or has expired, or the endpoint takes no user token: let the user log in again, \
             or call with `client.as_login(&login)`, which renews the token.",
            false,
        ),
        99991671 => ("The token is malformed: give it as the platform issued it.", false),
        99991672 => (
            "The app lacks a scope: add one of those that the endpoint needs in the developer console, and publish a \
             version of the app.",
            false,
        ),
        99991676 | 99991679 => (
            "The user has not consented to a scope that the endpoint needs: name it in the link to log in with, and \
             let the user log in again. The app must have it too.",
            false,
        ),
        99991543 => (
            "The id and the secret of the app do not belong together: give both as the developer console shows them \
             under the app's credentials.",
            false,
        ),
        99991400 | 11232 | 230020 => ("Too many calls: slow down.", true),
        2200 => ("An internal error of the platform under load.", true),
        20050 | 20072 => ("An internal error of the platform.", true),
        _ => return None,
    };
    Some(Common { hint, retry })
}
