//! Lints: conventions beyond the format.
//!
//! A lint does not prevent code generation and can be allowed in place with a reason; an error of the format cannot.

mod report;
mod rules;

use crate::finding::Findings;
use crate::load::{Loaded, read_all};
use crate::source::Source;
use report::Reporter;

pub use report::{Allowed, Report};

/// Checks the format of a spec and runs every lint.
///
/// Returns all findings at once. Endpoints and types with errors are not linted: what could not be read would be reported as
/// missing.
pub fn check(source: &Source) -> Report {
    let loaded = read_all(source);
    let mut reporter = Reporter::new(source);
    for lint in rules::LINTS {
        lint(&mut reporter, &loaded.api);
    }
    let Loaded {
        api,
        errors,
        lints,
        allowances,
        entries,
    } = loaded;
    // Frees memory: with many findings, both are large.
    drop(api);
    reporter.add(lints);
    let reliable = reporter.into_reliable(&errors, &entries);
    let mut outcome = report::apply_allowances(source, reliable, &allowances, &errors);
    outcome.findings.extend(errors);
    outcome
        .allowed
        .sort_by(|a, b| a.finding.sort_key().cmp(&b.finding.sort_key()));
    Report {
        findings: Findings::new(outcome.findings),
        allowed: outcome.allowed,
    }
}
