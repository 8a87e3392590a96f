//! Endpoints that are deprecated, and nobody knows why.

use super::Reporter;
use crate::finding;
use crate::model::Api;

pub(super) fn check(reporter: &mut Reporter<'_>, api: &Api) {
    for (_, endpoint) in api.endpoints() {
        if let Some(deprecation) = &endpoint.deprecated
            && deprecation.successor.is_none()
            && deprecation.reason.is_none()
        {
            let message = "it is deprecated without a successor and without a reason";
            let help = "add `successor: project.version.resource.method` or `reason: ...`";
            reporter.endpoint(finding::BARE_DEPRECATION, endpoint, message, help);
        }
    }
}
