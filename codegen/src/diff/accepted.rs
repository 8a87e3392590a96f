//! Changes that a reviewer has accepted, each with a reason.

use crate::yaml::{self, Node, Value};

use super::Change;

/// A list of accepted changes.
///
/// ```yaml
/// accepted:
///   - rule: request-bound-tighter
///     subject: drive.v1.media.download query.extra
///     reason: The platform has rejected longer values since May.
/// ```
#[derive(Debug, Clone, Default)]
pub struct AcceptedChanges(Vec<Acceptance>);

/// An accepted change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// Id of the rule.
    pub rule: String,
    /// The endpoint, field or type, as the report names it.
    pub subject: String,
    /// Why the change is accepted.
    pub reason: String,
    /// Line of the entry.
    pub line: u32,
}

/// An error in a list of accepted changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct AcceptanceError {
    /// 1-based line.
    pub line: u32,
    /// The problem and what to do.
    pub problem: String,
}

impl AcceptedChanges {
    /// Parses a YAML file.
    ///
    /// # Errors
    ///
    /// The text is not such a list, or an entry has no reason.
    pub fn parse(text: &str) -> Result<Self, AcceptanceError> {
        let root = yaml::parse(0, text).map_err(|error| AcceptanceError {
            line: error.origin.line,
            problem: error.message,
        })?;
        let form = "expected a mapping with the list `accepted`";
        let Value::Map(entries) = &root.value else {
            return Err(problem(&root, form));
        };
        let [(key, list)] = entries.as_slice() else {
            return Err(problem(&root, form));
        };
        match &list.value {
            Value::List(items) if key.text == "accepted" => {
                items.iter().map(Acceptance::parse).collect::<Result<_, _>>().map(Self)
            }
            _ => Err(problem(list, form)),
        }
    }

    /// Returns the acceptance of a change.
    pub(super) fn find(&self, change: &Change) -> Option<&Acceptance> {
        let mut entries = self.0.iter();
        entries.find(|entry| entry.rule == change.rule.id && entry.subject == change.subject)
    }

    /// Iterates over the entries.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Acceptance> {
        self.0.iter()
    }
}

impl Acceptance {
    fn parse(node: &Node) -> Result<Self, AcceptanceError> {
        let Value::Map(entries) = &node.value else {
            return Err(problem(node, "expected `rule`, `subject` and `reason`"));
        };
        if let Some((key, _)) = entries
            .iter()
            .find(|(key, _)| !["rule", "subject", "reason"].contains(&key.text.as_str()))
        {
            let unknown = format!("unknown key {:?}: expected `rule`, `subject` and `reason`", key.text);
            return Err(problem(node, &unknown));
        }
        let text = |name: &str| {
            let value = entries
                .iter()
                .find(|(key, _)| key.text == name)
                .map(|(_, value)| &value.value);
            match value {
                Some(Value::Text(text) | Value::Literal(text)) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
                _ => Err(problem(
                    node,
                    &format!("`{name}` is missing: every accepted change has one"),
                )),
            }
        };
        Ok(Self {
            rule: text("rule")?,
            subject: text("subject")?,
            reason: text("reason")?,
            line: node.origin.line,
        })
    }
}

fn problem(node: &Node, problem: &str) -> AcceptanceError {
    AcceptanceError {
        line: node.origin.line,
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rule_subject_and_reason() {
        let text = "accepted:\n  - rule: a-rule\n    subject: demo.v1.thing.get query.id\n    reason: Documented so.\n";
        let expected = Acceptance {
            rule: "a-rule".to_owned(),
            subject: "demo.v1.thing.get query.id".to_owned(),
            reason: "Documented so.".to_owned(),
            line: 2,
        };
        let accepted = AcceptedChanges::parse(text).map(|list| list.0);
        assert_eq!(accepted, Ok(vec![expected]));
    }

    #[test]
    fn rejects_other_forms_with_line() {
        for (text, line, expected) in [
            ("- a\n", 1, "`accepted`"),
            ("changes: []\n", 1, "`accepted`"),
            ("accepted:\n  - a\n", 2, "`rule`"),
            ("accepted:\n  - { rule: a, subject: b }\n", 2, "`reason` is missing"),
            (
                "accepted:\n  - { rule: a, subject: b, reason: c, why: d }\n",
                2,
                "\"why\"",
            ),
            ("accepted: [\n", 2, ""),
        ] {
            let error = AcceptedChanges::parse(text).expect_err(text);
            assert!(
                error.line <= line && error.problem.contains(expected),
                "{text}: {error}"
            );
        }
    }
}
