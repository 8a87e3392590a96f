//! The page of the developer console on which an app gets its scopes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::host::BaseUrl;
use crate::endpoint::EndpointInfo;
use crate::error::{ApiError, Help};

/// What a scope is written with stays as it is, as in the links that the platform gives.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b':').remove(b'.').remove(b'_').remove(b'-');

/// The page on which this app gets the scope that the answer finds missing; `None` where nothing is said of a scope,
/// the answer has a link of its own, or the client does not know its app.
///
/// The form of the link is that of the platform's own: `/app/cli_x/auth?q=scope&op_from=openapi`.
pub(super) fn scopes(answer: &ApiError, endpoint: &EndpointInfo, base: &BaseUrl, app: &str) -> Option<Help> {
    let has_link = |text: &str| text.contains("https://");
    let mut violations = answer.permission_violations.iter();
    let has_own = !answer.helps.is_empty() || violations.any(|violation| has_link(&violation.description));
    if !answer.is_about_scopes() || has_own || app.is_empty() {
        return None;
    }
    let told = answer.permission_violations.first();
    let told = told.map(|violation| violation.scope.as_str());
    let scope = told
        .filter(|scope| !scope.is_empty())
        .or(endpoint.scopes.first().copied())?;
    Some(Help {
        url: format!(
            "{}/app/{}/auth?q={}&op_from=openapi",
            base.origin(),
            utf8_percent_encode(app, RESERVED),
            utf8_percent_encode(scope, RESERVED),
        ),
        description: "the scopes of the app".to_owned(),
    })
}
