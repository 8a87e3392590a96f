//! Where lints put what they find.

use std::collections::HashSet;

use crate::model::{Endpoint, Origin};
use crate::{Finding, Source};

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
