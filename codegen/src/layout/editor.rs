//! The comment by which an editor finds the schema.

use crate::schema;

/// The text with that comment in its first line, or with a relative path mended where it has another one. A
/// schema at an address of its own stays.
pub(super) fn with_line(text: &str) -> String {
    match header(text).find(|line| named(line).is_some()) {
        None => format!("{}\n{text}", schema::EDITOR_LINE),
        Some(line) => text.replacen(line, &mended(line), 1),
    }
}

/// A comment with the path of the schema where it names another one; as it is where it names none.
pub(super) fn mended(comment: &str) -> String {
    let (_, right) = schema::EDITOR_LINE.split_once('=').unwrap_or_default();
    match named(comment) {
        Some(name) if is_relative(name) => comment.replacen(&format!("={name}"), &format!("={right}"), 1),
        _ => comment.to_owned(),
    }
}

/// The comments before the first entry.
fn header(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines();
    lines.take_while(|line| line.trim().is_empty() || line.starts_with('#'))
}

/// The schema that a comment names.
fn named(comment: &str) -> Option<&str> {
    let text = comment.strip_prefix('#')?.trim_start();
    let text = text.strip_prefix("yaml-language-server")?.trim_start();
    let (_, name) = text.strip_prefix(':')?.split_once("$schema=")?;
    name.split_whitespace().next()
}

fn is_relative(name: &str) -> bool {
    !name.contains("://") && !name.starts_with('/')
}
