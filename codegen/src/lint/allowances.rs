//! Findings that the spec allows, and allowances that allow nothing.

use std::collections::HashMap;

use super::Allowed;
use crate::finding;
use crate::read::Allowance;
use crate::{Finding, Source};

/// What is left, and what is allowed.
pub(super) struct Outcome {
    pub findings: Vec<Finding>,
    pub allowed: Vec<Allowed>,
}

/// Takes away what is allowed. Where several allowances hold, the one written closest does.
pub(super) fn apply(source: &Source, found: Vec<Finding>, allowances: &[Allowance], errors: &[Finding]) -> Outcome {
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
