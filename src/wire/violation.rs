//! What is wrong with a request, found before it is sent.

use std::fmt;

/// One field that breaks one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The field, as the platform spells it: `file_tokens[2]`, `content.title`.
    pub field: String,
    /// Name of the rule: `required`, `max_items`.
    pub rule: &'static str,
    /// What is wrong.
    pub problem: String,
    /// The value, shortened; `None` where it is secret, absent or would not help.
    pub value: Option<String>,
    /// What to do.
    pub way_out: &'static str,
}

impl Violation {
    /// Longest part of a value that is shown.
    const SHOWN: usize = 60;

    /// This field breaks this rule. `problem` goes on after the name of the field ("is longer than ..."), `way_out` says
    /// what to do.
    pub fn new(
        field: impl Into<String>,
        rule: &'static str,
        problem: impl Into<String>,
        way_out: &'static str,
    ) -> Self {
        Self {
            field: field.into(),
            rule,
            problem: problem.into(),
            value: None,
            way_out,
        }
    }

    /// Adds the value that was seen, which is shortened where it is long. Never one that is secret.
    #[must_use]
    pub fn seen(mut self, value: Option<String>) -> Self {
        self.value = value.map(|value| {
            let mut shown: String = value.chars().take(Self::SHOWN).collect();
            if shown.len() < value.len() {
                shown.push('…');
            }
            shown
        });
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.problem)?;
        if let Some(value) = &self.value {
            // Debug: a line break in a value must not break the message.
            write!(f, " (value: {value:?})")?;
        }
        write!(f, ": {}", self.way_out)
    }
}
