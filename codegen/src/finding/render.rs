//! Findings as rustc prints them: the source line and a caret.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Finding, Findings, Severity};
use crate::Source;

impl Findings {
    /// Every finding with its source line and a caret, for people.
    pub fn render(&self, source: &Source, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut text = String::new();
        for finding in self {
            text.push_str(&render(&renderer, finding, source));
            text.push_str("\n\n");
        }
        text
    }
}

/// A longer line would fill the terminal; its place is told without it.
const MAX_LINE_BYTES: usize = 1000;

fn render(renderer: &Renderer, finding: &Finding, source: &Source) -> String {
    let text = source
        .bytes(finding.origin.file)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .unwrap_or_default();
    let (line, start) = line_around(text, finding.origin.offset);
    let group = Group::with_title(level(finding).primary_title(&finding.message).id(finding.rule));
    let line_number = finding.origin.line.max(1) as usize;
    let group = if line.len() > MAX_LINE_BYTES {
        let column = finding.origin.column as usize;
        group.element(Origin::path(&finding.path).line(line_number).char_column(column))
    } else {
        group.element(
            Snippet::source(line)
                .path(&finding.path)
                .line_start(line_number)
                .annotation(AnnotationKind::Primary.span(caret(finding, line, start))),
        )
    };
    let group = match &finding.help {
        Some(help) => group.element(Level::HELP.message(help)),
        None => group,
    };
    renderer.render(&[group])
}

fn level(finding: &Finding) -> Level<'static> {
    match finding.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

/// The line that holds the byte at `offset`, and where it begins.
fn line_around(text: &str, offset: usize) -> (&str, usize) {
    let offset = (0..=offset.min(text.len()))
        .rev()
        .find(|&offset| text.is_char_boundary(offset))
        .unwrap_or(0);
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |length| offset + length);
    (text[start..end].trim_end_matches('\r'), start)
}

/// The part of `line` that the finding is about, within the line whatever the finding says.
fn caret(finding: &Finding, line: &str, line_start: usize) -> Range<usize> {
    let start = finding.origin.offset.saturating_sub(line_start).min(line.len());
    let end = (start + finding.origin.length.max(1)).min(line.len());
    if line.is_char_boundary(start) && line.is_char_boundary(end) {
        start..end.max(start)
    } else {
        0..line.len()
    }
}
