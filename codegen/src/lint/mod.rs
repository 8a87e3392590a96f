//! What is asked of a spec on top of its format: one file for each idea.
//!
//! A lint does not keep code from being generated. It can be allowed in place, with a reason; what the
//! format itself refuses cannot.

mod report;
mod rules;

use crate::finding::Findings;
use crate::load::{Loaded, read_all};
use crate::source::Source;
use report::Reporter;

pub use report::{Allowed, Report};

/// Checks a spec: its format, and every lint.
///
/// All comes at once. Only an endpoint or type with an error in it is not linted, since what could not be
/// read of it would seem to be missing.
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
    // Of a spec with very many findings, both would be large.
    drop(api);
    reporter.add(lints);
    let certain = reporter.certain(&errors, &entries);
    let mut outcome = report::apply_allowances(source, certain, &allowances, &errors);
    outcome.findings.extend(errors);
    outcome
        .allowed
        .sort_by(|a, b| a.finding.order().cmp(&b.finding.order()));
    Report {
        findings: Findings::new(outcome.findings),
        allowed: outcome.allowed,
    }
}
