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

/// A violation of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Id of the rule, one of [`RULES`] or [`LINTS`].
    pub rule: &'static str,
    /// Path of the file.
    pub path: String,
    /// The position in the file.
    pub origin: Origin,
    /// The subject, what is wrong and the value.
    pub message: String,
    /// The fix, unless the message names it.
    pub help: Option<Cow<'static, str>>,
}

impl Finding {
    /// Returns the severity of its rule.
    pub fn severity(&self) -> Severity {
        Rule::with_id(self.rule).map_or(Severity::Error, |rule| rule.severity)
    }

    pub(crate) fn sort_key(&self) -> (&str, u32, u32, &str, &str) {
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

/// Findings, sorted by file, line and column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Sorts `findings` and removes duplicates.
    pub fn new(mut findings: Vec<Finding>) -> Self {
        findings.sort_unstable_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        findings.dedup();
        Self(findings)
    }

    /// Keeps the findings for which `wanted` returns true.
    pub fn retain(&mut self, wanted: impl FnMut(&Finding) -> bool) {
        self.0.retain(wanted);
    }

    /// Iterates over the findings in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.0.iter()
    }

    /// Returns the number of findings.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are no findings.
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

/// An `allow:` entry: a lint that may be violated in a part of a file.
pub(crate) struct Allowance {
    pub rule: &'static str,
    pub reason: String,
    pub span: Span,
    /// The subject of findings about the entry.
    pub subject: String,
    /// The position of the rule id.
    pub origin: Origin,
}

/// A part of a file, between the start offsets of its first and last scalar.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    file: usize,
    first: usize,
    last: usize,
}

impl Span {
    /// Returns the span of a whole file.
    pub fn file(file: usize) -> Self {
        Self {
            file,
            first: 0,
            last: usize::MAX,
        }
    }

    /// Returns the span from `key` to the offset `last`.
    pub fn entry(key: Origin, last: usize) -> Self {
        Self {
            file: key.file,
            first: key.offset,
            last,
        }
    }

    /// Returns its start offset.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Returns whether `origin` starts inside the span.
    pub fn contains(&self, origin: Origin) -> bool {
        self.file == origin.file && (self.first..=self.last).contains(&origin.offset)
    }
}

impl Findings {
    /// Renders every finding with its source line and a caret.
    pub fn render(&self, source: &Source, colour: bool) -> String {
        let mut text = String::new();
        for finding in self.render_each(source, colour) {
            text.push_str(&finding);
            text.push_str("\n\n");
        }
        text
    }

    /// Renders the findings one by one, which keeps the memory for very many findings small.
    pub fn render_each(&self, source: &Source, colour: bool) -> impl Iterator<Item = String> {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        self.iter().map(move |finding| render(&renderer, finding, source))
    }
}

/// Longer lines are not shown, only their position.
const MAX_LINE_BYTES: usize = 1000;

fn render(renderer: &Renderer, finding: &Finding, source: &Source) -> String {
    let (line, start) = find_line(finding, source);
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
                .annotation(AnnotationKind::Primary.span(caret_range(finding, &line, start))),
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
    /// Returns the column after the last character of the finding, on its first line.
    pub fn end_column(&self, source: &Source) -> u32 {
        let (line, start) = find_line(self, source);
        let caret = caret_range(self, &line, start);
        let length = line.get(caret).map_or(0, |part| part.chars().count());
        self.origin
            .column
            .saturating_add(u32::try_from(length).unwrap_or(u32::MAX))
    }
}

/// Returns the line of a finding and its offset in the file. Invalid UTF-8 is replaced.
fn find_line<'s>(finding: &Finding, source: &'s Source) -> (Cow<'s, str>, usize) {
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

/// Returns the byte range of the finding in `line`, at character boundaries and clamped to the line.
fn caret_range(finding: &Finding, line: &str, line_start: usize) -> Range<usize> {
    let start = finding.origin.offset.saturating_sub(line_start);
    let end = start + finding.origin.length.max(1);
    line.floor_char_boundary(start)..line.ceil_char_boundary(end)
}
