//! What is wrong with a spec, and where.

mod lints;
mod render;
mod rules;
mod severity;

use std::borrow::Cow;
use std::fmt;

use crate::model::Origin;

pub use lints::LINTS;
pub(crate) use lints::*;
pub(crate) use rules::*;
pub use rules::{RULES, Rule};
pub use severity::Severity;

/// One thing that is wrong with a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule that it breaks, one of [`RULES`] or [`LINTS`].
    pub rule: &'static str,
    /// Path of the file.
    pub path: String,
    /// Where in the file.
    pub origin: Origin,
    /// What it concerns, what was seen and what the rule says.
    pub message: String,
    /// The way out, where the message does not say it.
    pub help: Option<Cow<'static, str>>,
}

impl Finding {
    /// How much it matters, which its rule says.
    pub fn severity(&self) -> Severity {
        Rule::with_id(self.rule).map_or(Severity::Error, |rule| rule.severity)
    }

    pub(crate) fn order(&self) -> (&str, u32, u32, &str, &str) {
        (
            &self.path,
            self.origin.line,
            self.origin.column,
            self.rule,
            &self.message,
        )
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { line, column, .. } = self.origin;
        write!(f, "{}:{line}:{column}: {}: {}", self.path, self.rule, self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with a spec, sorted by file, line and column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Sorts `findings`, and keeps one of equal ones.
    pub fn new(mut findings: Vec<Finding>) -> Self {
        findings.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
        findings.dedup();
        Self(findings)
    }

    /// Keeps those of which `wanted` is true.
    pub fn retain(&mut self, wanted: impl FnMut(&Finding) -> bool) {
        self.0.retain(wanted);
    }

    /// Each finding in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in self {
            writeln!(f, "{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Findings {}
