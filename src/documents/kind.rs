//! What kinds of documents there are.

use std::fmt;
use std::str::FromStr;

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DocumentKind {
    /// A text of the first kind, which nobody makes any more.
    Doc,
    /// A text, made of blocks.
    Docx,
    /// A spreadsheet.
    Sheet,
    /// A base: tables with records.
    Bitable,
    /// A node of a wiki, which stands for a document of another kind.
    Wiki,
    /// A file of any type that somebody has uploaded.
    File,
    /// A mind map.
    Mindnote,
    /// Slides.
    Slides,
}

/// Kind, the word of the API, and the words that stand for it in links.
const WORDS: [(DocumentKind, &str, &[&str]); 8] = [
    (DocumentKind::Doc, "doc", &["docs", "doc"]),
    (DocumentKind::Docx, "docx", &["docx"]),
    (DocumentKind::Sheet, "sheet", &["sheets", "sheet"]),
    (DocumentKind::Bitable, "bitable", &["base", "bitable"]),
    (DocumentKind::Wiki, "wiki", &["wiki"]),
    (DocumentKind::File, "file", &["file"]),
    (DocumentKind::Mindnote, "mindnote", &["mindnotes", "mindnote"]),
    (DocumentKind::Slides, "slides", &["slides"]),
];

/// With what tokens of each kind begin that were made before the platform gave such beginnings up, less the two letters
/// of the region behind it. Later ones begin with anything.
const BEGINNINGS: [(&str, DocumentKind); 7] = [
    ("doc", DocumentKind::Doc),
    ("dox", DocumentKind::Docx),
    ("sht", DocumentKind::Sheet),
    ("bas", DocumentKind::Bitable),
    ("wik", DocumentKind::Wiki),
    ("box", DocumentKind::File),
    ("bmn", DocumentKind::Mindnote),
];
/// The regions: China, and the rest of the world.
const REGIONS: [&str; 2] = ["cn", "us"];

impl DocumentKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Docx,
        Self::Sheet,
        Self::Bitable,
        Self::Wiki,
        Self::Doc,
        Self::File,
        Self::Mindnote,
        Self::Slides,
    ];

    /// As the API writes it: `bitable` for a base.
    pub fn as_str(self) -> &'static str {
        let mut words = WORDS.iter();
        words.find(|(kind, ..)| *kind == self).map_or("", |(_, word, _)| word)
    }

    /// The kind that a word in the path of a link stands for.
    pub(super) fn of_path(word: &str) -> Option<Self> {
        let mut words = WORDS.iter();
        let stands_for = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
        words.find(|(.., words)| stands_for(words)).map(|(kind, ..)| *kind)
    }

    /// The kind that the beginning of a token tells.
    pub(super) fn of_token(token: &str) -> Option<Self> {
        let is_of = |beginning: &str| {
            let rest = token.strip_prefix(beginning)?;
            REGIONS.iter().find(|region| rest.starts_with(**region))
        };
        let mut beginnings = BEGINNINGS.iter();
        let found = beginnings.find(|(beginning, _)| is_of(beginning).is_some());
        found.map(|(_, kind)| *kind)
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no kind of document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no kind of document {0:?}; there are {kinds}", kinds = listed(&DocumentKind::ALL))]
pub struct UnknownKind(String);

impl FromStr for DocumentKind {
    type Err = UnknownKind;

    /// The word of the API, or the one of links: `bitable`, `base`.
    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::of_path(word).ok_or_else(|| UnknownKind(super::reference::shown(word)))
    }
}

/// These kinds, as a sentence has them.
pub(super) fn listed(kinds: &[DocumentKind]) -> String {
    let words: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
    words.join(", ")
}
