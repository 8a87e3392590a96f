//! What is asked of a spec on top of its format: one file for each idea.
//!
//! A lint does not keep code from being generated. It can be allowed in place, with a reason; what the
//! format itself refuses cannot.

mod access;
mod allowances;
mod deprecation;
mod documentation;
mod messages;
mod pages;
mod reporter;
mod routes;
mod secrets;
mod tasks;
mod untyped;

use crate::load::{Loaded, read_all};
use crate::model::{Api, Field, TypeKind};
use crate::{Finding, Findings, Source};
use reporter::Reporter;

pub(crate) use secrets::is_secret;

/// All that can be said of a spec.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What is wrong, of every severity.
    pub findings: Findings,
    /// What would be, were it not allowed.
    pub allowed: Vec<Allowed>,
}

/// A finding that the spec allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// What was found.
    pub finding: Finding,
    /// Why it is allowed.
    pub reason: String,
}

/// Checks a spec: its format, and every lint.
///
/// All comes at once. Only an endpoint or type with an error in it is not linted, since what could not be
/// read of it would seem to be missing.
pub fn check(source: &Source) -> Report {
    let loaded = read_all(source);
    let mut reporter = Reporter::new(source);
    for lint in LINTS {
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
    let mut outcome = allowances::apply(source, certain, &allowances, &errors);
    outcome.findings.extend(errors);
    outcome
        .allowed
        .sort_by(|a, b| a.finding.order().cmp(&b.finding.order()));
    Report {
        findings: Findings::new(outcome.findings),
        allowed: outcome.allowed,
    }
}

/// A lint, or some that look at the same thing.
type Lint = fn(&mut Reporter<'_>, &Api);

const LINTS: &[Lint] = &[
    access::check,
    deprecation::check,
    documentation::check,
    messages::check,
    pages::check,
    routes::check,
    secrets::check,
    tasks::check,
    untyped::check,
];

/// Every field of a spec, with what findings about it begin with.
fn fields(api: &Api) -> impl Iterator<Item = (String, &Field)> {
    let sent = api.endpoints().flat_map(|(_, endpoint)| {
        let subject = |field: &Field| format!("{}: the field `{}`", endpoint.id, field.key.escape_debug());
        endpoint.fields.iter().map(move |field| (subject(field), field))
    });
    let in_types = api.types.iter().flat_map(|def| {
        let module = &api.modules[def.module];
        let home = format!("{}.{}.{}", module.project, module.version, module.resource);
        let subject = move |field: &Field| format!("{home}: the field `{}` of {}", field.key.escape_debug(), def.rust);
        let fields = match &def.kind {
            TypeKind::Object(fields) => fields.as_slice(),
            TypeKind::StringEnum(_) | TypeKind::IntEnum(_) => &[],
        };
        fields.iter().map(move |field| (subject(field), field))
    });
    sent.chain(in_types)
}
