//! Findings about a spec: the rule, the position, the message and the fix.

mod rules;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::model::Origin;
use crate::source::Source;

pub(crate) use rules::*;
pub use rules::{LINTS, RULES, Rule, Severity};

/// One thing that is wrong with a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule that it breaks, one of [`RULES`] or [`LINTS`].
    pub rule: &'static str,
    /// Path of the file.
    pub path: String,
    /// Where in the file.
    pub origin: Origin,
    /// What it concerns, what was seen and what the rule says.
    pub message: String,
    /// The way out, where the message does not say it.
    pub help: Option<Cow<'static, str>>,
}

impl Finding {
    /// How much it matters, which its rule says.
    pub fn severity(&self) -> Severity {
        Rule::with_id(self.rule).map_or(Severity::Error, |rule| rule.severity)
    }

    pub(crate) fn order(&self) -> (&str, u32, u32, &str, &str) {
        (
            &self.path,
            self.origin.line,
            self.origin.column,
            self.rule,
            &self.message,
        )
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { line, column, .. } = self.origin;
        write!(f, "{}:{line}:{column}: {}: {}", self.path, self.rule, self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with a spec, sorted by file, line and column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Sorts `findings`, and keeps one of equal ones.
    pub fn new(mut findings: Vec<Finding>) -> Self {
        findings.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
        findings.dedup();
        Self(findings)
    }

    /// Keeps those of which `wanted` is true.
    pub fn retain(&mut self, wanted: impl FnMut(&Finding) -> bool) {
        self.0.retain(wanted);
    }

    /// Each finding in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in self {
            writeln!(f, "{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Findings {}

/// That a lint may be broken in a part of a file.
pub(crate) struct Allowance {
    pub rule: &'static str,
    pub reason: String,
    pub span: Span,
    /// What it is said of, for findings.
    pub subject: String,
    /// Where the rule is named.
    pub origin: Origin,
}

/// A part of a file, by the offsets at which its first and its last thing begin.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    file: usize,
    first: usize,
    last: usize,
}

impl Span {
    /// All of a file.
    pub fn file(file: usize) -> Self {
        Self {
            file,
            first: 0,
            last: usize::MAX,
        }
    }

    /// From the offset of `key` to `last`.
    pub fn entry(key: Origin, last: usize) -> Self {
        Self {
            file: key.file,
            first: key.offset,
            last,
        }
    }

    /// Where it begins.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Whether something that begins there is in it.
    pub fn holds(&self, origin: Origin) -> bool {
        self.file == origin.file && (self.first..=self.last).contains(&origin.offset)
    }
}

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
        group.element(
            annotate_snippets::Origin::path(&finding.path)
                .line(line_number)
                .char_column(column),
        )
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
