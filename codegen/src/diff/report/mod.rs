//! Changes as text: for a person, for a pull request, for a program.

mod json;
mod markdown;
mod text;

use super::change::{Bump, Change, Changes, Place, Side};
use super::rules::Class;

/// `2 breaking on the wire, 1 warning`, or that nothing changed.
fn summary(changes: &Changes) -> String {
    let counts = Class::ALL.iter().filter_map(|class| {
        let count = changes.of(*class).count();
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
        Class::Information => "for information",
    }
}

/// The versions that follow, from 1.0 on and before it.
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

/// `spec/drive/v1/media.yaml:12`, with a word where it is the old spec's.
fn located(place: &Place) -> String {
    let old = match place.side {
        Side::Old => " (old)",
        Side::New => "",
    };
    format!("{}:{}{old}", place.path, place.line)
}

/// The endpoints that a change of a type concerns: the first of them, and how many more.
fn users(change: &Change) -> Option<String> {
    const SHOWN: usize = 3;
    let used_by = &change.used_by;
    if used_by.is_empty() {
        return None;
    }
    let shown: Vec<String> = used_by.iter().take(SHOWN).map(super::quoted::quoted).collect();
    let more = used_by.len().saturating_sub(SHOWN);
    Some(match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    })
}
