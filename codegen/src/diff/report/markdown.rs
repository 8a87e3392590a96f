//! Changes as Markdown, for a comment on a pull request.

use std::fmt::Write as _;

use super::{located, summary, users, versions};
use crate::diff::{Change, Changes, Class};

/// A comment holds 65,536 characters, and nobody reads that many.
const MOST_OF_A_CLASS: usize = 60;

impl Changes {
    /// The changes as Markdown, fit for a comment on a pull request.
    pub fn markdown(&self) -> String {
        let mut text = format!("## Spec changes: {}\n", summary(self));
        if self.is_empty() {
            return text;
        }
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n**Version**: {}.", versions(self.bump()));
        for class in Class::ALL {
            let changes: Vec<&Change> = self.of(class).collect();
            if !changes.is_empty() {
                section(&mut text, class, &changes);
            }
        }
        text
    }
}

fn section(text: &mut String, class: Class, changes: &[&Change]) {
    let (count, title) = (changes.len(), class.title());
    // What nobody has to act on is folded away.
    let folded = class == Class::Information;
    let _ = if folded {
        writeln!(text, "\n<details><summary>{title} ({count})</summary>\n")
    } else {
        writeln!(text, "\n### {title} ({count})\n")
    };
    for change in changes.iter().take(MOST_OF_A_CLASS) {
        item(text, change);
    }
    if count > MOST_OF_A_CLASS {
        let _ = writeln!(
            text,
            "- … and {} more: `larkspur spec diff` lists them.",
            count - MOST_OF_A_CLASS
        );
    }
    if folded {
        text.push_str("\n</details>\n");
    }
}

/// All that a spec says stands in code spans, where Markdown does nothing with it.
fn item(text: &mut String, change: &Change) {
    let _ = write!(
        text,
        "- **{}** `{}`: {}",
        change.rule.id, change.subject, change.message
    );
    if let Some(place) = &change.place {
        let _ = write!(text, " (`{}`)", located(place));
    }
    if let Some(users) = users(change) {
        let _ = write!(text, "; used by {users}");
    }
    text.push('\n');
    if change.rule.class != Class::Information {
        let _ = writeln!(text, "  {}", change.rule.reason);
    }
}
