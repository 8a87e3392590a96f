//! What a page says and the import did not understand.

use std::fmt;

/// Something for a person to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Note {
    /// The page.
    pub page: String,
    /// 1-based line of the page.
    pub line: u32,
    /// What was seen, and what became of it.
    pub message: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.page, self.line, self.message)
    }
}

/// The notes of one page.
pub(super) struct Notes {
    page: String,
    notes: Vec<Note>,
}

impl Notes {
    pub fn new(page: &str) -> Self {
        Self {
            page: page.to_owned(),
            notes: Vec::new(),
        }
    }

    /// Notes something that stands in a line of the page.
    pub fn add(&mut self, line: u32, message: impl Into<String>) {
        self.notes.push(Note {
            page: self.page.clone(),
            line,
            message: message.into(),
        });
    }

    /// All of them, by line.
    pub fn finish(mut self) -> Vec<Note> {
        self.notes.sort_by_key(|note| note.line);
        self.notes
    }
}

impl Note {
    pub(super) fn new(page: &str, line: u32, message: String) -> Self {
        Self {
            page: page.to_owned(),
            line,
            message,
        }
    }
}

/// A piece of a page for a message: short, on one line, and without the characters that hide things.
pub(super) fn shown(text: &str) -> String {
    const MAX: usize = 40;
    let clean = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let visible = |c: &char| !c.is_control() && !crate::characters::is_deceptive(*c);
    let mut short: String = clean.chars().filter(visible).take(MAX).collect();
    if clean.chars().count() > MAX {
        short.push('…');
    }
    format!("`{short}`")
}
