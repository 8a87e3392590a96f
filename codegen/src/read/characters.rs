//! Characters that must not be in a spec, and text in messages.

use super::Reader;
use crate::characters::is_deceptive;
use crate::finding;
use crate::model::Origin;
use crate::yaml::{Node, Value};

/// After so many, the rest of the file would only repeat it.
const MAX_REPORTS: usize = 20;

/// Whether a reviewer sees the text as it is, comments included; reports where not. A byte order
/// mark at the very beginning may stay.
pub(crate) fn visible(reader: &mut Reader<'_>, file: usize, text: &str) -> bool {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let skipped = text.len() - body.len();
    let found: Vec<(usize, char)> = body
        .char_indices()
        .filter(|(_, c)| is_deceptive(*c))
        .take(MAX_REPORTS)
        .collect();
    for &(offset, c) in &found {
        let mut origin = origin_at(file, text, offset + skipped);
        origin.length = c.len_utf8();
        reader.report_with_help(
            finding::FORBIDDEN_CHARACTER,
            origin,
            format!("the character U+{:04X} does not show as what it is", u32::from(c)),
            "remove it",
        );
    }
    found.is_empty()
}

/// Reports characters that came into a tree behind an escape of YAML, such as `"\u202E"`, where [`visible`]
/// cannot see them.
pub(crate) fn unescaped(reader: &mut Reader<'_>, root: &Node) {
    let mut left = MAX_REPORTS;
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Text(text) => hidden(reader, text, node.origin, &mut left),
            Value::List(items) => open.extend(items.iter().rev()),
            Value::Map(entries) => {
                for (key, _) in entries {
                    hidden(reader, &key.text, key.origin, &mut left);
                }
                open.extend(entries.iter().rev().map(|(_, node)| node));
            }
            Value::Null | Value::Literal(_) => {}
        }
    }
}

fn hidden(reader: &mut Reader<'_>, text: &str, origin: Origin, left: &mut usize) {
    if let Some(c) = text.chars().find(|c| is_deceptive(*c))
        && let Some(fewer) = left.checked_sub(1)
    {
        *left = fewer;
        let message = format!("{} holds the character U+{:04X}", shown(text), u32::from(c));
        reader.report_with_help(finding::FORBIDDEN_CHARACTER, origin, message, "remove it");
    }
}

/// The place of the byte at `offset`.
pub(crate) fn origin_at(file: usize, text: &str, offset: usize) -> Origin {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Origin {
        file,
        line: u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX),
        column: u32::try_from(before[line_start..].chars().count() + 1).unwrap_or(u32::MAX),
        offset,
        length: 0,
    }
}

/// A value of the spec in a message: in backticks, not too long, on one line, harmless on a terminal.
pub(crate) fn shown(text: &str) -> String {
    format!("`{}`", escaped(text))
}

/// As [`shown`], without the backticks.
pub(super) fn escaped(text: &str) -> String {
    const MAX_CHARACTERS: usize = 60;
    let mut short: String = text
        .chars()
        .take(MAX_CHARACTERS)
        .flat_map(|c| {
            let escape = c.is_control() || is_deceptive(c);
            let escaped = escape.then(|| c.escape_unicode());
            let plain = (!escape).then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect();
    if text.chars().nth(MAX_CHARACTERS).is_some() {
        short.push('…');
    }
    short
}
