//! Methods and paths that are right and unusual.

use super::Reporter;
use crate::finding;
use crate::model::{Api, Body, Method};
use crate::read::shown;

pub(super) fn check(reporter: &mut Reporter<'_>, api: &Api) {
    for (_, endpoint) in api.endpoints() {
        if endpoint.path.ends_with('/') {
            let message = format!("the path {} ends with a slash", shown(&endpoint.path));
            let help = "remove it; where the platform's page has it, allow it and say so";
            reporter.endpoint(finding::TRAILING_SLASH, endpoint, &message, help);
        }
        if endpoint.method == Method::Delete && endpoint.body != Body::None {
            let help = "see whether the page means query parameters; where it means a body, allow it and say so";
            reporter.endpoint(finding::BODY_ON_DELETE, endpoint, "a DELETE with a body", help);
        }
    }
}
