//! Allowances: lints that may be broken in one place, for a reason.

use super::value::{Entries, nearest};
use super::{Reader, shown};
use crate::finding::{self, Rule};
use crate::model::Origin;
use crate::yaml::{Key, Node, Value};

/// That a lint may be broken in a part of a file.
pub(crate) struct Allowance {
    pub rule: &'static str,
    pub reason: String,
    pub span: Span,
    /// What it is said of, for findings.
    pub subject: String,
    /// Where the rule is named.
    pub origin: Origin,
}

/// A part of a file, by the offsets at which its first and its last thing begin.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    file: usize,
    first: usize,
    last: usize,
}

impl Span {
    /// All of a file.
    pub fn file(file: usize) -> Self {
        Self {
            file,
            first: 0,
            last: usize::MAX,
        }
    }

    /// A key with its value.
    pub fn entry(key: &Key, node: &Node) -> Self {
        Self {
            file: key.origin.file,
            first: key.origin.offset,
            last: last_start(node),
        }
    }

    /// Where it begins.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Whether something that begins there is in it.
    pub fn holds(&self, origin: Origin) -> bool {
        self.file == origin.file && (self.first..=self.last).contains(&origin.offset)
    }
}

/// Where the last thing in a node begins.
fn last_start(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => items.last().map(last_start),
        Value::Map(entries) => entries
            .last()
            .map(|(key, node)| last_start(node).max(key.origin.offset)),
        _ => None,
    }
    .unwrap_or(node.origin.offset)
}

impl Reader<'_> {
    /// Reads `allow: { rule-id: reason }`, which holds for all of `span`.
    pub(super) fn allow(&mut self, entries: &Entries<'_>, span: Span) {
        let Some(node) = entries.get("allow") else { return };
        let subject = self.subject();
        self.inside("allow", |reader| {
            for (key, node) in reader.mapping(node).unwrap_or_default() {
                let reason = reader.inside(&key.text, |reader| reader.line(node));
                let Some((rule, reason)) = reader.allowed_rule(key).zip(reason) else {
                    continue;
                };
                reader.allowances.push(Allowance {
                    rule,
                    reason,
                    span,
                    subject: subject.clone(),
                    origin: key.origin,
                });
            }
        });
    }

    fn allowed_rule(&mut self, key: &Key) -> Option<&'static str> {
        match Rule::with_id(&key.text) {
            Some(rule) if rule.can_be_allowed() => Some(rule.id),
            Some(rule) => {
                let message = format!("`{}` cannot be allowed", rule.id);
                self.report_with_help(finding::ALLOWANCE, key.origin, message, "mend what it finds");
                None
            }
            None => {
                let known: Vec<&str> = Rule::all()
                    .filter(|rule| rule.can_be_allowed())
                    .map(|rule| rule.id)
                    .collect();
                let help = nearest(&key.text, &known).map_or_else(
                    || "docs/rules.md lists them all".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                let message = format!("there is no rule {}", shown(&key.text));
                self.report_with_help(finding::ALLOWANCE, key.origin, message, help);
                None
            }
        }
    }
}
