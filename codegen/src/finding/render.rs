//! Findings as rustc prints them: the source line and a caret.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Finding, Findings, Severity};
use crate::Source;

impl Findings {
    /// Every finding with its source line and a caret, for people.
    pub fn render(&self, source: &Source, colour: bool) -> String {
        let mut text = String::new();
        for finding in self.rendered(source, colour) {
            text.push_str(&finding);
            text.push_str("\n\n");
        }
        text
    }

    /// The same one by one: the text of very many would need many times their own room.
    pub fn rendered(&self, source: &Source, colour: bool) -> impl Iterator<Item = String> {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        self.iter().map(move |finding| render(&renderer, finding, source))
    }
}

/// A longer line would fill the terminal; its place is told without it.
const MAX_LINE_BYTES: usize = 1000;

fn render(renderer: &Renderer, finding: &Finding, source: &Source) -> String {
    let (line, start) = line_of(finding, source);
    let group = Group::with_title(level(finding).primary_title(&finding.message).id(finding.rule));
    let line_number = finding.origin.line.max(1) as usize;
    let group = if line.len() > MAX_LINE_BYTES {
        let column = finding.origin.column as usize;
        group.element(Origin::path(&finding.path).line(line_number).char_column(column))
    } else {
        group.element(
            Snippet::source(&*line)
                .path(&finding.path)
                .line_start(line_number)
                .annotation(AnnotationKind::Primary.span(caret(finding, &line, start))),
        )
    };
    let group = match &finding.help {
        Some(help) => group.element(Level::HELP.message(&**help)),
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

impl Finding {
    /// The column behind the last character that it is about, on the line where that begins.
    pub fn end_column(&self, source: &Source) -> u32 {
        let (line, start) = line_of(self, source);
        let caret = caret(self, &line, start);
        let length = line.get(caret).map_or(0, |part| part.chars().count());
        self.origin
            .column
            .saturating_add(u32::try_from(length).unwrap_or(u32::MAX))
    }
}

/// The line that a finding is about, and where it begins in its file. What is no UTF-8 is replaced.
fn line_of<'s>(finding: &Finding, source: &'s Source) -> (Cow<'s, str>, usize) {
    let bytes = source.bytes(finding.origin.file).unwrap_or_default();
    let (before, behind) = bytes.split_at(finding.origin.offset.min(bytes.len()));
    let start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |newline| newline + 1);
    let length = behind.iter().position(|byte| *byte == b'\n').unwrap_or(behind.len());
    let line = &bytes[start..before.len() + length];
    (String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)), start)
}

/// The part of `line` that the finding is about, in whole characters and within the line whatever the finding says.
fn caret(finding: &Finding, line: &str, line_start: usize) -> Range<usize> {
    let start = finding.origin.offset.saturating_sub(line_start);
    let end = start + finding.origin.length.max(1);
    line.floor_char_boundary(start)..line.ceil_char_boundary(end)
}
