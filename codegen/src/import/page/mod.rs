//! Reads a documentation page in any of its three formats into a neutral [`Document`].

mod copied_text;
mod document;
mod markdown;
mod notation;
mod portal_markup;

pub(super) use document::{Cell, Document, LineKind, Row, Section, Table, headings};
pub(super) use notation::{is_tree_mark, is_wide, labelled, parse_type, scope_label, tree_levels, unescape};

use document::{Line, key_value};

/// Reads a page in any of the formats. Any other text becomes a document without tables.
pub(super) fn read_page(text: &str) -> Document<'_> {
    if let Some(document) = copied_text::read_copied_text(text) {
        return document;
    }
    let mut document = read_outline(text);
    for section in &mut document.sections {
        let text = section.text();
        let has_elements = text.contains("<md-") || text.contains("<table");
        let mut tables = if has_elements {
            portal_markup::read_tables(&text, section.line + 1)
        } else {
            Vec::new()
        };
        tables.extend(markdown::read_tables(&mut section.lines, section.line + 1));
        tables.sort_by_key(|table| table.line);
        section.tables = tables;
    }
    document
}

/// Reads the front matter and the headings of Markdown.
fn read_outline(text: &str) -> Document<'_> {
    let mut front = Vec::new();
    let mut sections = vec![Section::new("", 0)];
    let (mut in_front, mut code, mut island) = (false, false, false);
    // Saved pages may have the front matter inside of a comment.
    let opens = |line: &str, number| number == 1 && matches!(line, "---" | "<!--");
    for (line, number) in text.lines().zip(1..) {
        let trimmed = line.trim();
        let mut edge = false;
        match trimmed {
            _ if opens(trimmed, number) => in_front = true,
            "---" | "-->" if in_front => (in_front, edge) = (false, true),
            _ if in_front => front.extend(key_value(trimmed)),
            _ if is_fence(trimmed) => (code, edge) = (!code, true),
            ":::" if !code => (island, edge) = (false, true),
            _ if trimmed.starts_with(":::") && !code => island = true,
            _ => {}
        }
        let kind = if code || in_front || edge {
            LineKind::Code
        } else if island {
            LineKind::Island
        } else {
            LineKind::Text
        };
        let title = (kind == LineKind::Text).then(|| parse_heading(line)).flatten();
        match (title, sections.last_mut()) {
            (Some(title), _) => sections.push(Section::new(title, number)),
            (None, Some(section)) => section.lines.push(Line { text: line, kind }),
            (None, None) => {}
        }
    }
    Document { front, sections }
}

/// Whether a line opens or closes a code block. A line that does both does neither.
fn is_fence(line: &str) -> bool {
    let rest = line.trim_start_matches('`');
    line.len() - rest.len() >= 3 && !rest.contains("```")
}

fn parse_heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    let depth = line.len() - rest.len();
    let title = || rest.trim().trim_end_matches('#').trim();
    ((1..=6).contains(&depth) && rest.starts_with(' ')).then(title)
}
