//! What an endpoint needs, and how often it may be called.

use super::Reporter;
use crate::finding;
use crate::model::Api;

pub(super) fn check(reporter: &mut Reporter<'_>, api: &Api) {
    for (_, endpoint) in api.endpoints() {
        if endpoint.tokens.is_none() {
            let help = "add `tokens: [tenant]`, or `tokens: []` where it takes none";
            reporter.endpoint(
                finding::MISSING_TOKENS,
                endpoint,
                "it does not say which tokens it takes",
                help,
            );
        }
        if endpoint.scopes.is_none() {
            let help = "add `scopes: [...]`, or `scopes: []` where it needs none";
            reporter.endpoint(
                finding::MISSING_SCOPES,
                endpoint,
                "it does not say which scopes it needs",
                help,
            );
        }
        if endpoint.limits.is_none() {
            let help = "add `limits: [5/second]`, or `limits: [special]` where the page names a limit without a number";
            reporter.endpoint(
                finding::MISSING_LIMITS,
                endpoint,
                "it does not say its rate limits",
                help,
            );
        }
    }
}
