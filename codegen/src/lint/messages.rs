//! Codes that mean one thing here and another there.

use std::collections::HashMap;

use super::Reporter;
use crate::finding;
use crate::model::Api;
use crate::read::shown;

/// A code belongs to a project: who reads it in a log looks there.
pub(super) fn check(reporter: &mut Reporter<'_>, api: &Api) {
    let mut first: HashMap<(&str, i64), (&str, &str)> = HashMap::new();
    for (module, endpoint) in api.endpoints() {
        for error in &endpoint.errors {
            let (Some(code), Some(message)) = (error.code, error.msg.as_deref()) else {
                continue;
            };
            let (home, known) = *first
                .entry((module.project.as_str(), code))
                .or_insert((&endpoint.id, message));
            if known != message {
                let (id, here, there) = (&endpoint.id, shown(message), shown(known));
                let text = format!("{id}: the code {code} has the message {here}, and at `{home}` it has {there}");
                let help = "see which of the two is right; where the platform itself differs, allow it and say so";
                reporter.report(finding::ERROR_MESSAGE, error.origin, text, help);
            }
        }
    }
}
