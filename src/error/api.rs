//! The response of the platform to a failed call.

use std::time::Duration;

use crate::endpoint::{DocumentedError, EndpointInfo};

/// The response of the platform to a failed call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// Code of the envelope; `None` if the response has no envelope.
    pub code: Option<i64>,
    /// Message of the envelope.
    pub msg: String,
    /// Log id of the call, for the platform's support.
    pub log_id: Option<String>,
    /// The platform's troubleshooting page for this failure.
    pub troubleshooter: Option<String>,
    /// Related pages.
    pub helps: Vec<Help>,
    /// Fields that the platform rejected.
    pub field_violations: Vec<FieldViolation>,
    /// Missing permissions.
    pub permission_violations: Vec<PermissionViolation>,
    /// Server-imposed delay before the next attempt.
    pub retry_after: Option<Duration>,
    /// Start of a body that is not an envelope.
    pub excerpt: Option<String>,
    /// Host that a redirect leads to. Redirects are never followed.
    pub redirect: Option<String>,
}

impl ApiError {
    /// Returns whether the platform rejected the call because of a rate limit, without processing it.
    pub(crate) fn is_rate_limited(&self) -> bool {
        self.status == 429 || matches!(self.code, Some(99991400 | 11232 | 230020))
    }

    /// Maximum delay that a rate limit without an envelope can impose: it may be the page of a gateway, and all calls of the
    /// endpoint observe it.
    const MAX_FOREIGN_DELAY: Duration = Duration::from_secs(60);

    /// Returns the delay that a rate limit imposes on the endpoint.
    pub(crate) fn imposed_delay(&self) -> Option<Duration> {
        match self.code {
            Some(_) => self.retry_after,
            None => self.retry_after.map(|delay| delay.min(Self::MAX_FOREIGN_DELAY)),
        }
    }

    /// Returns whether a scope is missing, of the app or in the user's consent.
    pub(crate) fn is_about_scopes(&self) -> bool {
        matches!(self.code, Some(99991672 | 99991676 | 99991679))
    }

    /// Returns whether the platform rejected the token, the app's credentials or the scopes.
    pub(super) fn is_auth(&self) -> bool {
        let credentials = matches!(
            self.code,
            Some(99991543 | 99991661 | 99991663 | 99991664 | 99991665 | 99991668 | 99991671 | 99991677)
        );
        credentials || self.is_about_scopes() || self.status == 401
    }

    /// Returns whether the platform does not have what the call is about.
    pub(super) fn is_not_found(&self, endpoint: Option<&'static EndpointInfo>) -> bool {
        let documented = endpoint.and_then(|endpoint| endpoint.documented(self.code, self.status));
        self.status == 404 || documented.is_some_and(|documented| documented.http == 404)
    }

    /// Returns whether a retry may succeed.
    pub(crate) fn is_retryable(&self, endpoint: Option<&'static EndpointInfo>) -> bool {
        let documented = endpoint.and_then(|endpoint| endpoint.documented(self.code, self.status));
        let common = self.code.and_then(common_code);
        match (documented, common) {
            _ if self.is_rate_limited() => true,
            (Some(documented), _) if documented.retry => true,
            (_, Some(common)) => common.retry,
            (Some(DocumentedError { code: Some(_), .. }), None) => false,
            _ => matches!(self.status, 408 | 500 | 502 | 503 | 504),
        }
    }
}

/// A related page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Help {
    /// URL of the page.
    pub url: String,
    /// Subject of the page.
    pub description: String,
}

/// A field that the platform rejected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldViolation {
    /// Name of the field.
    pub field: String,
    /// The value that the platform received.
    pub value: String,
    /// What is wrong with the value.
    pub description: String,
}

/// A missing permission.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PermissionViolation {
    /// The scope, such as `drive:drive:readonly`.
    pub scope: String,
    /// Type of the permission; may be empty.
    pub kind: String,
    /// What to do: a sentence or a URL; may be empty.
    pub description: String,
}

/// A code that any endpoint may return.
pub(super) struct CommonCode {
    /// Cause and fix.
    pub hint: &'static str,
    /// Whether a retry may succeed.
    pub retry: bool,
}

/// Returns what the platform's list of common codes documents for a code of its gateway.
pub(super) fn common_code(code: i64) -> Option<CommonCode> {
    let (hint, retry) = match code {
        99991661 => (
            "The request has no token: check whether a proxy removes the header `Authorization`, and whether the endpoint's \
             `tokens` in the spec are complete.",
            false,
        ),
        99991663 => (
            "The tenant token is invalid, or the endpoint does not accept tenant tokens. Replace a token passed in from \
             outside; with `.app(id, secret)` the client fetches and refreshes its own.",
            false,
        ),
        99991664 | 99991665 => (
            "The app token is invalid: check that the id and the secret belong to this app, and that the app is enabled.",
            false,
        ),
        99991668 | 99991677 => (
            "The user token is invalid or expired, or the endpoint does not accept user tokens: let the user log in again, \
             or call with `client.as_login(&login)`, which refreshes the token.",
            false,
        ),
        99991671 => (
            "The token is malformed: pass it exactly as the platform issued it.",
            false,
        ),
        99991672 => (
            "The app is missing a scope: add one of the endpoint's scopes in the developer console, and publish a version \
             of the app.",
            false,
        ),
        99991676 | 99991679 => (
            "The user has not consented to a scope that the endpoint needs: add it to the login link, and let the user log \
             in again. The app must have it too.",
            false,
        ),
        99991543 => (
            "The app id and the app secret do not match: copy both from the app's credentials in the developer console.",
            false,
        ),
        99991400 | 11232 | 230020 => ("Rate limit exceeded: slow down.", true),
        2200 => ("Internal error of the platform under load.", true),
        20050 | 20072 => ("Internal error of the platform.", true),
        _ => return None,
    };
    Some(CommonCode { hint, retry })
}
