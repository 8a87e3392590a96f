//! Collects the findings of the lints and applies `allow:`.

use std::collections::{HashMap, HashSet};

use crate::finding::{self, Allowance, Finding, Findings};
use crate::model::{Endpoint, Origin};
use crate::source::Source;

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

/// Collects findings.
pub(super) struct Reporter<'s> {
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

    /// Reports that something breaks `rule`, and the way out.
    pub fn report(&mut self, rule: &'static str, origin: Origin, message: impl Into<String>, help: &'static str) {
        self.findings.push(Finding {
            rule,
            path: self.paths.get(origin.file).copied().unwrap_or_default().to_owned(),
            origin,
            message: message.into(),
            help: Some(help.into()),
        });
    }

    /// Reports that an endpoint breaks `rule`, at its key.
    pub fn endpoint(&mut self, rule: &'static str, endpoint: &Endpoint, message: &str, help: &'static str) {
        self.report(rule, endpoint.origin, format!("{}: {message}", endpoint.id), help);
    }

    /// Takes over what the loader has found.
    pub fn add(&mut self, findings: Vec<Finding>) {
        self.findings.extend(findings);
    }

    /// What was found in entries that have no error. `entries` are the places where they begin.
    pub fn certain(self, errors: &[Finding], entries: &[Origin]) -> Vec<Finding> {
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

/// What is left, and what is allowed.
pub(super) struct Outcome {
    pub findings: Vec<Finding>,
    pub allowed: Vec<Allowed>,
}

/// Takes away what is allowed. Where several allowances hold, the one written closest does.
pub(super) fn apply_allowances(
    source: &Source,
    found: Vec<Finding>,
    allowances: &[Allowance],
    errors: &[Finding],
) -> Outcome {
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
    let mut used = vec![false; allowances.len()];
    let mut outcome = Outcome {
        findings: Vec::new(),
        allowed: Vec::new(),
    };
    for finding in found {
        let candidates = by_rule.get(&(finding.origin.file, finding.rule));
        let holding = candidates
            .into_iter()
            .flatten()
            .filter(|index| allowances[**index].span.holds(finding.origin));
        match holding.max_by_key(|index| allowances[**index].span.first()) {
            Some(&index) => {
                used[index] = true;
                let reason = allowances[index].reason.clone();
                outcome.allowed.push(Allowed { finding, reason });
            }
            None => outcome.findings.push(finding),
        }
    }
    let unused = allowances.iter().zip(used).filter(|(_, used)| !used);
    outcome
        .findings
        .extend(unused.filter_map(|(allowance, _)| unused_allowance(source, allowance, errors)));
    outcome
}

/// Where a file has errors, something that is allowed may not have been found because of them.
fn unused_allowance(source: &Source, allowance: &Allowance, errors: &[Finding]) -> Option<Finding> {
    let file = allowance.origin.file;
    let (path, _) = source.files().nth(file)?;
    if errors.iter().any(|error| error.origin.file == file) {
        return None;
    }
    Some(Finding {
        rule: finding::UNUSED_ALLOWANCE,
        path: path.to_owned(),
        origin: allowance.origin,
        message: format!("{}nothing breaks `{}` here", allowance.subject, allowance.rule),
        help: Some("remove the allowance".into()),
    })
}
