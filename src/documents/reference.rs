//! References to documents: by link or by token.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// Longest token that is taken; that of a wiki node is allowed so many characters, others have less than thirty.
const LONGEST: usize = 999;
/// How many characters of a text an error repeats.
const SHOWN: usize = 80;
/// What stands around a link that was copied out of a text, in front of it and behind.
const AROUND: [char; 22] = [
    '<', '>', '(', ')', '[', ']', '{', '}', '"', '\'', '`', ',', ';', '.', '!', '，', '。', '；', '《', '》', '（',
    '）',
];

/// A document: its kind and its token, and what of it a link shows.
///
/// ```
/// use larkspur::documents::{DocumentKind, DocumentRef};
///
/// let sheet = DocumentRef::parse("https://sample.feishu.cn/sheets/Iow7sNNEphp3WbtnbCscPqabcef?sheet=6e5ed3#top", None)?;
/// assert_eq!(sheet.kind(), DocumentKind::Sheet);
/// assert_eq!(sheet.token(), "Iow7sNNEphp3WbtnbCscPqabcef");
/// assert_eq!(sheet.sheet(), Some("6e5ed3"));
///
/// let document = DocumentRef::parse("Fm7osyjtMh5o7Ktrv32c73abcef", Some(DocumentKind::Docx))?;
/// assert_eq!(document.kind(), DocumentKind::Docx);
/// # Ok::<(), larkspur::documents::ReferenceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DocumentRef {
    kind: DocumentKind,
    // Boxes, since errors hold it: a text that never grows needs no capacity.
    token: Box<str>,
    sheet: Option<Box<str>>,
    table: Option<Box<str>>,
    view: Option<Box<str>>,
}

/// Why a text refers to no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// Nothing stands there.
    #[error("it is empty: give the link of a document, or its token")]
    Empty,
    /// It is no link, nor could it be a token.
    #[error("{seen} is neither a link nor a token: give what the address bar shows, or the token from it")]
    Neither {
        /// The text, or its beginning.
        seen: String,
    },
    /// It is a link to something else.
    #[error(
        "the link leads to {path}, which is no document: one looks like https://HOST/docx/TOKEN, with docs, sheets, \
             base, wiki, file, mindnotes or slides in place of docx"
    )]
    NoDocument {
        /// Path of the link, or its beginning; nothing of its query.
        path: String,
    },
    /// It is a token, and nothing tells of what.
    #[error("{seen} does not tell what kind of document it is of: say which of {kinds} it is, or give the whole link",
            kinds = listed(&DocumentKind::ALL))]
    UnknownKind {
        /// The token, or its beginning.
        seen: String,
    },
    /// It is of another kind than the caller says.
    #[error("{seen} is of the kind {found} and not {wanted}: leave the kind out, or give another document")]
    Contradiction {
        /// The token, or its beginning.
        seen: String,
        /// The kind that the text tells.
        found: DocumentKind,
        /// The kind that the caller gave.
        wanted: DocumentKind,
    },
}

impl DocumentRef {
    /// The document that a text refers to: a link, as the address bar shows it, with any host and whatever stands behind
    /// the token; or a bare token.
    ///
    /// A link tells the kind. A token tells it where it begins as older ones do, such as `doxcn`; `kind` tells that of all
    /// others. Nothing is asked of the platform.
    ///
    /// # Errors
    ///
    /// Where the text is no such thing, and where `kind` says something else than it does.
    pub fn parse(text: &str, kind: Option<DocumentKind>) -> Result<Self, ReferenceError> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || AROUND.contains(&c));
        let reference = match text {
            "" => return Err(ReferenceError::Empty),
            token if is_token(token) => return Self::of_token(token, kind),
            link => Self::of_link(link)?,
        };
        match kind {
            Some(wanted) if wanted != reference.kind => Err(reference.contradicts(wanted)),
            _ => Ok(reference),
        }
    }

    fn of_token(token: &str, kind: Option<DocumentKind>) -> Result<Self, ReferenceError> {
        let found = DocumentKind::of_token(token);
        let known = kind
            .or(found)
            .ok_or_else(|| ReferenceError::UnknownKind { seen: shown(token) })?;
        let reference = Self::new(found.unwrap_or(known), token);
        match found == Some(known) || found.is_none() {
            true => Ok(reference),
            false => Err(reference.contradicts(known)),
        }
    }

    fn of_link(text: &str) -> Result<Self, ReferenceError> {
        let neither = || ReferenceError::Neither { seen: shown(text) };
        let has_scheme = text.contains("://");
        if !text.contains('/') {
            return Err(neither());
        }
        let parsed = match has_scheme {
            true => Url::parse(text),
            false => Url::parse(&format!("https://{text}")),
        };
        let url = parsed.map_err(|_| neither())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(neither());
        }
        let segments: Vec<_> = url.path_segments().into_iter().flatten().collect();
        let mut pairs = segments.iter().zip(segments.iter().skip(1));
        let found = pairs.find_map(|(word, token)| Some((DocumentKind::of_path(word)?, token_of_path(token)?)));
        let (kind, token) = found.ok_or_else(|| ReferenceError::NoDocument {
            path: shown(url.path()),
        })?;
        let mut reference = Self::new(kind, token);
        for (key, value) in url.query_pairs() {
            reference.show(&key, &value);
        }
        Ok(reference)
    }

    /// A document that an answer of the platform names.
    pub(super) fn new(kind: DocumentKind, token: &str) -> Self {
        Self {
            kind,
            token: token.into(),
            sheet: None,
            table: None,
            view: None,
        }
    }

    /// What a parameter of a link says is shown. One that could be no id is as good as none.
    fn show(&mut self, key: &str, value: &str) {
        let place = match key {
            "sheet" => &mut self.sheet,
            "table" => &mut self.table,
            "view" => &mut self.view,
            _ => return,
        };
        if place.is_none() && is_token(value) {
            *place = Some(value.into());
        }
    }

    fn contradicts(&self, wanted: DocumentKind) -> ReferenceError {
        ReferenceError::Contradiction {
            seen: shown(&self.token),
            found: self.kind,
            wanted,
        }
    }

    /// The document that a node of a wiki stands for, of which the same is shown.
    pub(super) fn resolved(&self, kind: DocumentKind, token: &str) -> Self {
        Self {
            kind,
            token: token.into(),
            ..self.clone()
        }
    }

    /// What kind of document it is.
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// Its token: `document_id`, `spreadsheet_token`, `app_token` or `node_token` of the API.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Id of the sheet that the link shows.
    pub fn sheet(&self) -> Option<&str> {
        self.sheet.as_deref()
    }

    /// Id of the table that the link shows.
    pub fn table(&self) -> Option<&str> {
        self.table.as_deref()
    }

    /// Id of the view that the link shows.
    pub fn view(&self) -> Option<&str> {
        self.view.as_deref()
    }
}

/// Kind and token: `docx doxcn1`. Without control characters, also where the platform gave the token.
impl fmt::Display for DocumentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.token.escape_debug())
    }
}

/// Whether a text has the form of a token or an id.
fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(fits)
}

/// The token that a segment of a path is. A word such as `space` or `settings` is none: those are pages about a wiki.
fn token_of_path(segment: &str) -> Option<&str> {
    let is_word = segment.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_token(segment) && !is_word).then_some(segment)
}

/// A text of somebody else, for an error: quoted, and not all of a long one.
pub(super) fn shown(text: &str) -> String {
    let mut beginning: String = text.chars().take(SHOWN).collect();
    if beginning.len() < text.len() {
        beginning.push('…');
    }
    format!("{beginning:?}")
}

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
        Self::of_path(word).ok_or_else(|| UnknownKind(shown(word)))
    }
}

/// These kinds, as a sentence has them.
pub(super) fn listed(kinds: &[DocumentKind]) -> String {
    let words: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
    words.join(", ")
}
