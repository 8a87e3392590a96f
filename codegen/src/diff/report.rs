//! Changes as text for a person, as Markdown and annotations for a pull request, and as JSON for a program.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::comparison::{bare, quoted};
use super::{Acceptance, Bump, Change, Changes, Class, Place, Side};
use crate::characters::{github_message, github_property};

/// Returns `2 breaking on the wire, 1 warning`, or `no change`.
fn summary(changes: &Changes) -> String {
    let counts = Class::ALL.iter().filter_map(|class| {
        let count = changes.with_class(*class).count();
        (count > 0).then(|| format!("{count} {}", counted(*class, count)))
    });
    let counts: Vec<String> = counts.collect();
    if counts.is_empty() {
        return "no change".to_owned();
    }
    counts.join(", ")
}

fn counted(class: Class, count: usize) -> &'static str {
    match class {
        Class::Wire => "breaking on the wire",
        Class::Source => "breaking for Rust source only",
        Class::Warning if count == 1 => "warning",
        Class::Warning => "warnings",
        Class::Information => "informational",
    }
}

/// Returns the next versions, from 1.0 on and before.
fn versions(bump: Option<Bump>) -> String {
    match bump {
        None => "no new version".to_owned(),
        Some(bump) => {
            let early = bump.before_one();
            let example = |bump: Bump, patch, minor, major| match bump {
                Bump::Patch => patch,
                Bump::Minor => minor,
                Bump::Major => major,
            };
            format!(
                "{} from 1.0 on (1.2.3 → {}), {} before (0.2.3 → {})",
                bump.word(),
                example(bump, "1.2.4", "1.3.0", "2.0.0"),
                early.word(),
                example(early, "0.2.4", "0.3.0", "1.0.0"),
            )
        }
    }
}

/// Returns `spec/drive/v1/media.yaml:12`, marked if it is a line of the old spec.
fn located(place: &Place) -> String {
    let old = match place.side {
        Side::Old => " (old)",
        Side::New => "",
    };
    format!("{}:{}{old}", place.path, place.line)
}

/// Returns the first endpoints that use a changed type, and the number of the others.
fn users(change: &Change) -> Option<String> {
    const SHOWN: usize = 3;
    let used_by = &change.used_by;
    if used_by.is_empty() {
        return None;
    }
    let shown: Vec<String> = used_by.iter().take(SHOWN).map(quoted).collect();
    let more = used_by.len().saturating_sub(SHOWN);
    Some(match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    })
}

impl Changes {
    /// Returns the changes as text for a person, by class and endpoint.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for class in Class::ALL {
            let changes: Vec<&Change> = self.with_class(class).collect();
            if !changes.is_empty() {
                let _ = writeln!(text, "{}", class.title());
            }
            for group in groups(&changes) {
                text_group(&mut text, group);
            }
        }
        if !self.accepted.is_empty() {
            text.push_str("Accepted\n");
        }
        for (change, reason) in &self.accepted {
            let _ = writeln!(text, "  {} {}: {}", change.subject, change.message, bare(reason));
        }
        for acceptance in &self.unused {
            let _ = writeln!(text, "{}", unused(acceptance));
        }
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}; version: {}", summary(self), versions(self.bump()));
        text
    }
}

/// Splits sorted changes by endpoint or type.
fn groups<'c>(changes: &'c [&'c Change]) -> impl Iterator<Item = &'c [&'c Change]> {
    changes.chunk_by(|one, other| one.entry == other.entry)
}

fn text_group(text: &mut String, group: &[&Change]) {
    let Some(first) = group.first() else { return };
    let _ = writeln!(text, "  {}", first.entry);
    for change in group {
        let place = change.place.as_ref().map(located);
        let place = place.map_or_else(String::new, |place| format!("{place}: "));
        let part = part(change).map_or_else(String::new, |part| format!("{part}: "));
        let _ = writeln!(text, "    {place}{part}{} [{}]", change.message, change.rule.id);
        if let Some(users) = users(change) {
            let _ = writeln!(text, "        used by {users}");
        }
        if change.rule.class != Class::Information {
            let _ = writeln!(text, "        {}", change.rule.reason);
        }
    }
}

/// Returns the part of the endpoint or type that changed; `None` for the whole of it.
fn part(change: &Change) -> Option<&str> {
    let part = change.subject.strip_prefix(change.entry.as_str())?;
    let part = part.trim_start_matches([' ', '.']);
    (!part.is_empty()).then_some(part)
}

fn unused(acceptance: &Acceptance) -> String {
    let Acceptance {
        rule, subject, line, ..
    } = acceptance;
    format!(
        "the accepted change in line {line} does not exist: {} of {}: remove the entry",
        quoted(rule),
        quoted(subject)
    )
}

/// A comment on GitHub has at most 65,536 characters.
const MAX_PER_CLASS: usize = 60;

impl Changes {
    /// Returns the changes as Markdown for a comment on a pull request.
    pub fn markdown(&self) -> String {
        let mut text = format!("## Spec changes: {}\n", summary(self));
        if self.is_empty() {
            return text;
        }
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n**Version**: {}.", versions(self.bump()));
        for class in Class::ALL {
            let changes: Vec<&Change> = self.with_class(class).collect();
            if !changes.is_empty() {
                section(&mut text, class, &changes);
            }
        }
        if !self.accepted.is_empty() {
            let _ = writeln!(text, "\n### Accepted ({})\n", self.accepted.len());
        }
        for (change, reason) in self.accepted.iter().take(MAX_PER_CLASS) {
            markdown_item(&mut text, change);
            // Text of a file is in a code span, which Markdown does not interpret.
            let _ = writeln!(text, "  Accepted: {}", quoted(reason));
        }
        for acceptance in &self.unused {
            let _ = writeln!(text, "\n{}", unused(acceptance));
        }
        text
    }
}

fn section(text: &mut String, class: Class, changes: &[&Change]) {
    let (count, title) = (changes.len(), class.title());
    // Changes that need no action are collapsed.
    let collapsed = class == Class::Information;
    let _ = if collapsed {
        writeln!(text, "\n<details><summary>{title} ({count})</summary>\n")
    } else {
        writeln!(text, "\n### {title} ({count})\n")
    };
    let shown = changes.get(..MAX_PER_CLASS).unwrap_or(changes);
    for group in groups(shown) {
        if let [first, _, ..] = group {
            let _ = writeln!(text, "\n#### {}\n", quoted(&first.entry));
        }
        group.iter().for_each(|change| markdown_item(text, change));
    }
    if count > MAX_PER_CLASS {
        let _ = writeln!(
            text,
            "- … and {} more: `larkspur spec diff` lists them.",
            count - MAX_PER_CLASS
        );
    }
    if collapsed {
        text.push_str("\n</details>\n");
    }
}

/// Text of a spec is in code spans, which Markdown does not interpret.
fn markdown_item(text: &mut String, change: &Change) {
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

impl Changes {
    /// Returns the changes as workflow commands of GitHub Actions, which annotate lines of a pull request.
    pub fn github(&self) -> String {
        let mut text = String::new();
        for change in self.iter() {
            let level = match change.rule.class {
                Class::Wire | Class::Source => "error",
                Class::Warning => "warning",
                Class::Information => "notice",
            };
            let place = match &change.place {
                // A line of the old spec is not in the pull request.
                Some(place) if place.side == Side::New => {
                    format!("file={},line={},", github_property(&place.path), place.line)
                }
                _ => String::new(),
            };
            let message = format!("{}: {}", change.subject, change.message);
            let _ = writeln!(
                text,
                "::{level} {place}title={}::{}",
                change.rule.id,
                github_message(&message)
            );
        }
        for acceptance in &self.unused {
            let _ = writeln!(
                text,
                "::error title=accepted-change::{}",
                github_message(&unused(acceptance))
            );
        }
        text
    }
}

impl Changes {
    /// Returns the changes as JSON. Keys may be added; none is removed or renamed.
    pub fn json(&self) -> Value {
        let bump = self.bump();
        let counts = Class::ALL
            .iter()
            .map(|class| (class.word().to_owned(), json!(self.with_class(*class).count())));
        json!({
            "breaking": self.breaking() > 0,
            "bump": {
                "stable": bump.map(Bump::word),
                "before_1_0": bump.map(|bump| bump.before_one().word()),
            },
            "counts": counts.collect::<Map<_, _>>(),
            "changes": self.iter().map(change_json).collect::<Vec<_>>(),
            "accepted": self.accepted.iter().map(accepted_json).collect::<Vec<_>>(),
            "unused_acceptances": self.unused.iter().map(|acceptance| json!({
                "rule": acceptance.rule,
                "subject": acceptance.subject,
                "line": acceptance.line,
            })).collect::<Vec<_>>(),
        })
    }
}

fn accepted_json((change, reason): &(Change, String)) -> Value {
    let mut json = change_json(change);
    json["accepted"] = json!(reason);
    json
}

fn change_json(change: &Change) -> Value {
    let rule = change.rule;
    json!({
        "rule": rule.id,
        "class": rule.class.word(),
        "breaks_source": rule.breaks_source,
        "bump": rule.bump.word(),
        "subject": change.subject,
        "entry": change.entry,
        "message": change.message,
        "reason": rule.reason,
        "place": change.place.as_ref().map(place_json),
        "used_by": change.used_by,
    })
}

fn place_json(place: &Place) -> Value {
    let side = match place.side {
        Side::Old => "old",
        Side::New => "new",
    };
    json!({ "side": side, "file": place.path, "line": place.line })
}
