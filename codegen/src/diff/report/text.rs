//! Changes as text, for a person at a terminal.

use std::fmt::Write as _;

use super::{located, summary, users, versions};
use crate::diff::{Change, Changes, Class};

impl Changes {
    /// The changes as text, for a person.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for class in Class::ALL {
            let mut changes = self.of(class).peekable();
            if changes.peek().is_some() {
                let _ = writeln!(text, "{}", class.title());
            }
            for change in changes {
                item(&mut text, change);
            }
        }
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}; version: {}", summary(self), versions(self.bump()));
        text
    }
}

fn item(text: &mut String, change: &Change) {
    let place = change.place.as_ref().map(located);
    let place = place.map_or_else(String::new, |place| format!("{place}: "));
    let _ = writeln!(
        text,
        "  {place}{}: {}: {}",
        change.rule.id, change.subject, change.message
    );
    if let Some(users) = users(change) {
        let _ = writeln!(text, "      used by {users}");
    }
    if change.rule.class != Class::Information {
        let _ = writeln!(text, "      {}", change.rule.reason);
    }
}
