//! Lints: conventions beyond the format.
//!
//! A lint does not prevent code generation and can be allowed in place with a reason; an error of the format cannot.

mod rules;
mod shared_types;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::finding::{self, Allowance, Finding, Findings};
use crate::load::{Loaded, read_all};
use crate::model::{Endpoint, Origin};
use crate::source::Source;

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
    let mut outcome = apply_allowances(source, reliable, &allowances, &errors);
    outcome.findings.extend(errors);
    outcome
        .allowed
        .sort_by(|a, b| a.finding.sort_key().cmp(&b.finding.sort_key()));
    Report {
        findings: Findings::new(outcome.findings),
        allowed: outcome.allowed,
    }
}

/// The result of a check.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Findings of every severity.
    pub findings: Findings,
    /// Findings that `allow:` suppresses.
    pub allowed: Vec<Allowed>,
}

/// A finding that `allow:` suppresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// The finding.
    pub finding: Finding,
    /// The reason in the spec.
    pub reason: String,
}

/// Collects findings.
struct Reporter<'s> {
    paths: Vec<&'s str>,
    findings: Vec<Finding>,
}

impl<'s> Reporter<'s> {
    pub fn new(source: &'s Source) -> Self {
        Self {
            paths: source.files().map(|(path, _)| path).collect(),
            findings: Vec::new(),
        }
    }

    /// Reports a violation of `rule` with its fix.
    pub fn report(
        &mut self,
        rule: &'static str,
        origin: Origin,
        message: impl Into<String>,
        help: impl Into<Cow<'static, str>>,
    ) {
        self.findings.push(Finding {
            rule,
            path: self.paths.get(origin.file).copied().unwrap_or_default().to_owned(),
            origin,
            message: message.into(),
            help: Some(help.into()),
        });
    }

    /// Formats a position: `spec/types.yaml:5:3`.
    pub fn format_place(&self, origin: Origin) -> String {
        let path = self.paths.get(origin.file).copied().unwrap_or_default();
        format!("{path}:{}:{}", origin.line, origin.column)
    }

    /// Reports a violation of `rule` by an endpoint, at its key.
    pub fn report_endpoint(&mut self, rule: &'static str, endpoint: &Endpoint, message: &str, help: &'static str) {
        self.report(rule, endpoint.origin, format!("{}: {message}", endpoint.id), help);
    }

    /// Adds findings of the loader.
    pub fn add(&mut self, findings: Vec<Finding>) {
        self.findings.extend(findings);
    }

    /// Returns the findings in entries without errors. `entries` are the positions of their keys.
    pub fn into_reliable(self, errors: &[Finding], entries: &[Origin]) -> Vec<Finding> {
        let mut starts: Vec<(usize, usize)> = entries.iter().map(|entry| (entry.file, entry.offset)).collect();
        starts.sort_unstable();
        let entry_of = |origin: Origin| {
            let place = (origin.file, origin.offset);
            (origin.file, starts.partition_point(|start| *start <= place))
        };
        let broken: HashSet<_> = errors.iter().map(|error| entry_of(error.origin)).collect();
        let mut findings = self.findings;
        findings.retain(|finding| !broken.contains(&entry_of(finding.origin)));
        findings
    }
}

/// Findings split by `allow:`.
struct Outcome {
    pub findings: Vec<Finding>,
    pub allowed: Vec<Allowed>,
}

/// Separates allowed findings. If several allowances apply, the innermost is used.
fn apply_allowances(source: &Source, found: Vec<Finding>, allowances: &[Allowance], errors: &[Finding]) -> Outcome {
    if allowances.is_empty() {
        return Outcome {
            findings: found,
            allowed: Vec::new(),
        };
    }
    let mut by_rule: HashMap<(usize, &str), Vec<usize>> = HashMap::new();
    for (index, allowance) in allowances.iter().enumerate() {
        let key = (allowance.origin.file, allowance.rule);
        by_rule.entry(key).or_default().push(index);
    }
    let by_rule: HashMap<_, _> = by_rule
        .into_iter()
        .map(|(key, indices)| (key, NestedAllowances::new(allowances, indices)))
        .collect();
    let mut used = vec![false; allowances.len()];
    let mut outcome = Outcome {
        findings: Vec::new(),
        allowed: Vec::new(),
    };
    for finding in found {
        let candidates = by_rule.get(&(finding.origin.file, finding.rule));
        match candidates.and_then(|candidates| candidates.innermost(finding.origin)) {
            Some(index) => {
                used[index] = true;
                let reason = allowances[index].reason.clone();
                outcome.allowed.push(Allowed { finding, reason });
            }
            None => outcome.findings.push(finding),
        }
    }
    let broken: HashSet<usize> = errors.iter().map(|error| error.origin.file).collect();
    let unused = allowances.iter().zip(used).filter(|(_, used)| !used);
    outcome
        .findings
        .extend(unused.filter_map(|(allowance, _)| check_unused_allowance(source, allowance, &broken)));
    outcome
}

/// The allowances of one rule in one file. Their spans are nested or apart.
struct NestedAllowances<'a> {
    allowances: &'a [Allowance],
    /// Their indices, sorted by the start of the span, each with the position of the allowance around it in this list.
    sorted: Vec<(usize, Option<usize>)>,
}

impl<'a> NestedAllowances<'a> {
    fn new(allowances: &'a [Allowance], mut indices: Vec<usize>) -> Self {
        indices.sort_by_key(|index| allowances[*index].span.first());
        let mut nested = Self {
            allowances,
            sorted: Vec::with_capacity(indices.len()),
        };
        for index in indices {
            let start = allowances[index].span.first();
            let around = nested.around(nested.sorted.len().checked_sub(1), start);
            nested.sorted.push((index, around));
        }
        nested
    }

    /// Returns the innermost allowance that applies to a position.
    fn innermost(&self, origin: Origin) -> Option<usize> {
        let started = |(index, _): &(usize, Option<usize>)| self.allowances[*index].span.first() <= origin.offset;
        let last = self.sorted.partition_point(started).checked_sub(1);
        self.around(last, origin.offset).map(|position| self.sorted[position].0)
    }

    /// Returns the innermost allowance that contains an offset, from a position in the list outwards.
    fn around(&self, position: Option<usize>, offset: usize) -> Option<usize> {
        let mut outwards = std::iter::successors(position, |position| self.sorted[*position].1);
        outwards.find(|position| {
            let span = self.allowances[self.sorted[*position].0].span;
            span.contains_offset(offset)
        })
    }
}

/// Reports an unused allowance, unless its file is `broken`: an error may have hidden the finding.
fn check_unused_allowance(source: &Source, allowance: &Allowance, broken: &HashSet<usize>) -> Option<Finding> {
    let file = allowance.origin.file;
    let (path, _) = source.files().nth(file)?;
    if broken.contains(&file) {
        return None;
    }
    Some(Finding {
        rule: finding::UNUSED_ALLOWANCE,
        path: path.to_owned(),
        origin: allowance.origin,
        message: format!("{}no `{}` finding here", allowance.subject, allowance.rule),
        help: Some("remove the allowance".into()),
    })
}
