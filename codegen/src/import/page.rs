//! A page as front matter and sections with tables, whatever it is written in.

use super::table::Table;
use super::{markdown, markup, plain};

/// The parts of a page.
pub(super) struct Document<'t> {
    pub front: Vec<(&'t str, &'t str)>,
    pub sections: Vec<Section<'t>>,
}

/// What stands below a heading, up to the next one.
pub(super) struct Section<'t> {
    pub title: &'t str,
    /// 1-based line of the heading.
    pub line: u32,
    /// Its lines, with the heading left out; the first is `line + 1`.
    pub lines: Vec<Line<'t>>,
    pub tables: Vec<Table>,
}

/// A line of a section.
#[derive(Clone, Copy)]
pub(super) struct Line<'t> {
    pub text: &'t str,
    pub kind: Kind,
}

/// What a line is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of the page itself.
    Words,
    /// Of a block of code.
    Code,
    /// Of elements of the portal.
    Island,
    /// Of a table that needs no elements.
    Table,
}

impl<'t> Document<'t> {
    /// Reads a page in any of the formats. What is none has no section that says anything.
    pub fn read(text: &'t str) -> Self {
        if let Some(document) = plain::read(text) {
            return document;
        }
        let mut document = outline(text);
        for section in &mut document.sections {
            let text = section.text();
            let marked = text.contains("<md-") || text.contains("<table");
            let mut tables = if marked {
                markup::tables(&text, section.line + 1)
            } else {
                Vec::new()
            };
            tables.extend(markdown::tables(&mut section.lines, section.line + 1));
            tables.sort_by_key(|table| table.line);
            section.tables = tables;
        }
        document
    }

    /// A value of the front matter.
    pub fn front(&self, key: &str) -> Option<&'t str> {
        let found = self.front.iter().find(|(name, _)| *name == key);
        found.map(|(_, value)| *value)
    }

    /// The section with one of these titles; pages in Chinese and in English have their own.
    pub fn section(&self, titles: &[&str]) -> Option<&Section<'t>> {
        self.sections.iter().find(|section| section.is(titles))
    }

    /// The sections before that of the request: what the endpoint is for, and its limits in words.
    pub fn before_request(&self) -> impl Iterator<Item = &Section<'t>> {
        let ends = |section: &&Section<'t>| !section.is(super::titles::REQUEST);
        self.sections.iter().take_while(ends)
    }
}

impl<'t> Section<'t> {
    pub fn new(title: &'t str, line: u32) -> Self {
        Self {
            title,
            line,
            lines: Vec::new(),
            tables: Vec::new(),
        }
    }

    pub fn is(&self, titles: &[&str]) -> bool {
        titles.iter().any(|known| known.eq_ignore_ascii_case(self.title))
    }

    /// Its text.
    pub fn text(&self) -> String {
        let lines: Vec<&str> = self.lines.iter().map(|line| line.text).collect();
        lines.join("\n")
    }

    /// Its lines with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (Line<'t>, u32)> {
        self.lines.iter().copied().zip(self.line + 1..)
    }
}

/// Front matter and headings, as Markdown has them.
pub(super) fn outline(text: &str) -> Document<'_> {
    let mut front = Vec::new();
    let mut sections = vec![Section::new("", 0)];
    let (mut in_front, mut code, mut island) = (false, false, false);
    // Written by those who save pages, too: a comment that holds the same keys.
    let opens = |line: &str, number| number == 1 && matches!(line, "---" | "<!--");
    for (line, number) in text.lines().zip(1..) {
        let trimmed = line.trim();
        let mut edge = false;
        match trimmed {
            _ if opens(trimmed, number) => in_front = true,
            "---" | "-->" if in_front => (in_front, edge) = (false, true),
            _ if in_front => front.extend(pair(trimmed)),
            _ if is_fence(trimmed) => (code, edge) = (!code, true),
            ":::" if !code => (island, edge) = (false, true),
            _ if trimmed.starts_with(":::") && !code => island = true,
            _ => {}
        }
        let kind = match (code || in_front || edge, island) {
            (true, _) => Kind::Code,
            (false, true) => Kind::Island,
            (false, false) => Kind::Words,
        };
        let title = (kind == Kind::Words).then(|| heading(line)).flatten();
        match (title, sections.last_mut()) {
            (Some(title), _) => sections.push(Section::new(title, number)),
            (None, Some(section)) => section.lines.push(Line { text: line, kind }),
            (None, None) => {}
        }
    }
    Document { front, sections }
}

/// Whether a line opens or closes a block of code; one that does both is a line like others.
fn is_fence(line: &str) -> bool {
    let rest = line.trim_start_matches('`');
    line.len() - rest.len() >= 3 && !rest.contains("```")
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    let depth = line.len() - rest.len();
    let title = || rest.trim().trim_end_matches('#').trim();
    ((1..=6).contains(&depth) && rest.starts_with(' ')).then(title)
}

pub(super) fn pair(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    Some((key.trim(), value.trim().trim_matches('"')))
}
