//! References to documents: by link or by token.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// Maximum length of a token. Wiki node tokens may have up to 999 characters, others have less than 30.
const MAX_TOKEN_LENGTH: usize = 999;
/// Maximum number of characters of the input that an error shows.
const MAX_SHOWN_CHARS: usize = 80;
/// Punctuation around a link that was copied from a text.
const TRIMMED_CHARS: [char; 22] = [
    '<', '>', '(', ')', '[', ']', '{', '}', '"', '\'', '`', ',', ';', '.', '!', '，', '。', '；', '《', '》', '（',
    '）',
];

/// A reference to a document: its kind and token, and the sheet, table or view that the link shows.
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
    // Boxed strings are smaller, and errors contain this type.
    token: Box<str>,
    sheet: Option<Box<str>>,
    table: Option<Box<str>>,
    view: Option<Box<str>>,
}

/// Why a text is not a reference to a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// The text is empty.
    #[error("empty document reference: expected a link or a token")]
    Empty,
    /// The text is neither a link nor a token.
    #[error("{seen} is neither a document link nor a token: copy the link from the address bar")]
    Invalid {
        /// The text, truncated.
        seen: String,
    },
    /// The link does not lead to a document.
    #[error(
        "the link does not lead to a document ({path}): expected https://HOST/docx/TOKEN, or docs, sheets, base, wiki, \
             file, mindnotes or slides instead of docx"
    )]
    NotADocument {
        /// Path of the link, truncated, without the query.
        path: String,
    },
    /// The kind of document cannot be derived from the token.
    #[error("the kind of document cannot be derived from the token {seen}: specify one of {kinds}, or use the link",
            kinds = join_kinds(&DocumentKind::ALL))]
    UnknownKind {
        /// The token, truncated.
        seen: String,
    },
    /// The text contradicts the requested kind.
    #[error("{seen} is a {found}, not a {wanted}: omit the kind, or use another document")]
    KindMismatch {
        /// The token, truncated.
        seen: String,
        /// The kind derived from the text.
        found: DocumentKind,
        /// The requested kind.
        wanted: DocumentKind,
    },
}

impl DocumentRef {
    /// Parses a reference: a link as in the browser's address bar, with any host and any suffix behind the token, or a
    /// bare token.
    ///
    /// A link contains the kind. A token contains it only if it has a prefix such as `doxcn`, as older tokens do;
    /// otherwise `kind` is required. Sends no request.
    ///
    /// # Errors
    ///
    /// If the text is not a reference, or if it contradicts `kind`.
    pub fn parse(text: &str, kind: Option<DocumentKind>) -> Result<Self, ReferenceError> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || TRIMMED_CHARS.contains(&c));
        let reference = match text {
            "" => return Err(ReferenceError::Empty),
            token if is_token(token) => return Self::parse_token(token, kind),
            link => Self::parse_link(link)?,
        };
        match kind {
            Some(wanted) if wanted != reference.kind => Err(reference.kind_mismatch(wanted)),
            _ => Ok(reference),
        }
    }

    fn parse_token(token: &str, kind: Option<DocumentKind>) -> Result<Self, ReferenceError> {
        let found = DocumentKind::from_token_prefix(token);
        let known = kind.or(found).ok_or_else(|| ReferenceError::UnknownKind {
            seen: quote_truncated(token),
        })?;
        let reference = Self::new(found.unwrap_or(known), token);
        match found == Some(known) || found.is_none() {
            true => Ok(reference),
            false => Err(reference.kind_mismatch(known)),
        }
    }

    fn parse_link(text: &str) -> Result<Self, ReferenceError> {
        let invalid = || ReferenceError::Invalid {
            seen: quote_truncated(text),
        };
        let has_scheme = text.contains("://");
        if !text.contains('/') {
            return Err(invalid());
        }
        let parsed = match has_scheme {
            true => Url::parse(text),
            false => Url::parse(&format!("https://{text}")),
        };
        let url = parsed.map_err(|_| invalid())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid());
        }
        let segments: Vec<_> = url.path_segments().into_iter().flatten().collect();
        let mut pairs = segments.iter().zip(segments.iter().skip(1));
        let found = pairs.find_map(|(word, token)| Some((DocumentKind::from_link_name(word)?, token_of_path(token)?)));
        let (kind, token) = found.ok_or_else(|| ReferenceError::NotADocument {
            path: quote_truncated(url.path()),
        })?;
        let mut reference = Self::new(kind, token);
        for (key, value) in url.query_pairs() {
            reference.set_shown_part(&key, &value);
        }
        Ok(reference)
    }

    /// Creates a reference from a response of the platform.
    pub(super) fn new(kind: DocumentKind, token: &str) -> Self {
        Self {
            kind,
            token: token.into(),
            sheet: None,
            table: None,
            view: None,
        }
    }

    /// Sets the part of the document that a query parameter shows; invalid ids are ignored.
    fn set_shown_part(&mut self, key: &str, value: &str) {
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

    fn kind_mismatch(&self, wanted: DocumentKind) -> ReferenceError {
        ReferenceError::KindMismatch {
            seen: quote_truncated(&self.token),
            found: self.kind,
            wanted,
        }
    }

    /// Returns the document that a wiki node represents, with the same parts shown.
    pub(super) fn resolved(&self, kind: DocumentKind, token: &str) -> Self {
        Self {
            kind,
            token: token.into(),
            ..self.clone()
        }
    }

    /// Returns the kind of document.
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// Returns the token: `document_id`, `spreadsheet_token`, `app_token` or `node_token` in the API.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Returns the id of the sheet that the link shows.
    pub fn sheet(&self) -> Option<&str> {
        self.sheet.as_deref()
    }

    /// Returns the id of the table that the link shows.
    pub fn table(&self) -> Option<&str> {
        self.table.as_deref()
    }

    /// Returns the id of the view that the link shows.
    pub fn view(&self) -> Option<&str> {
        self.view.as_deref()
    }
}

/// Kind and token, such as `docx doxcn1`. Control characters are escaped.
impl fmt::Display for DocumentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.token.escape_debug())
    }
}

/// Returns whether a text has the form of a token or id.
fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !text.is_empty() && text.len() <= MAX_TOKEN_LENGTH && text.bytes().all(fits)
}

/// Returns the token in a path segment. Words such as `space` or `settings` lead to other pages of a wiki.
fn token_of_path(segment: &str) -> Option<&str> {
    let is_word = segment.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_token(segment) && !is_word).then_some(segment)
}

/// Quotes and truncates untrusted text for an error.
pub(super) fn quote_truncated(text: &str) -> String {
    let mut beginning: String = text.chars().take(MAX_SHOWN_CHARS).collect();
    if beginning.len() < text.len() {
        beginning.push('…');
    }
    format!("{beginning:?}")
}

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DocumentKind {
    /// A document of the old format.
    Doc,
    /// A document made of blocks.
    Docx,
    /// A spreadsheet.
    Sheet,
    /// A base, which contains tables of records.
    Bitable,
    /// A wiki node, which represents a document of another kind.
    Wiki,
    /// An uploaded file of any type.
    File,
    /// A mind map.
    Mindnote,
    /// A slide deck.
    Slides,
}

/// Kind, name in the API, and names in links.
const KIND_NAMES: [(DocumentKind, &str, &[&str]); 8] = [
    (DocumentKind::Doc, "doc", &["docs", "doc"]),
    (DocumentKind::Docx, "docx", &["docx"]),
    (DocumentKind::Sheet, "sheet", &["sheets", "sheet"]),
    (DocumentKind::Bitable, "bitable", &["base", "bitable"]),
    (DocumentKind::Wiki, "wiki", &["wiki"]),
    (DocumentKind::File, "file", &["file"]),
    (DocumentKind::Mindnote, "mindnote", &["mindnotes", "mindnote"]),
    (DocumentKind::Slides, "slides", &["slides"]),
];

/// Kinds of documents whose media can be listed.
pub(super) const MEDIA_KINDS: [DocumentKind; 3] = [DocumentKind::Docx, DocumentKind::Sheet, DocumentKind::Bitable];
/// Token prefixes of each kind, without the region that follows. Newer tokens have no such prefix.
const TOKEN_PREFIXES: [(&str, DocumentKind); 7] = [
    ("doc", DocumentKind::Doc),
    ("dox", DocumentKind::Docx),
    ("sht", DocumentKind::Sheet),
    ("bas", DocumentKind::Bitable),
    ("wik", DocumentKind::Wiki),
    ("box", DocumentKind::File),
    ("bmn", DocumentKind::Mindnote),
];
/// Regions: China and the rest of the world.
const REGIONS: [&str; 2] = ["cn", "us"];

impl DocumentKind {
    /// All kinds.
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

    /// Returns the name in the API, such as `bitable` for a base.
    pub fn as_str(self) -> &'static str {
        let mut words = KIND_NAMES.iter();
        words.find(|(kind, ..)| *kind == self).map_or("", |(_, word, _)| word)
    }

    /// Returns the kind for a name in the path of a link.
    pub(super) fn from_link_name(word: &str) -> Option<Self> {
        let mut words = KIND_NAMES.iter();
        let stands_for = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
        words.find(|(.., words)| stands_for(words)).map(|(kind, ..)| *kind)
    }

    /// Returns the kind for the prefix of a token.
    pub(super) fn from_token_prefix(token: &str) -> Option<Self> {
        let is_of = |beginning: &str| {
            let rest = token.strip_prefix(beginning)?;
            REGIONS.iter().find(|region| rest.starts_with(**region))
        };
        let mut beginnings = TOKEN_PREFIXES.iter();
        let found = beginnings.find(|(beginning, _)| is_of(beginning).is_some());
        found.map(|(_, kind)| *kind)
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The error for an unknown kind of document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of document {0:?}: expected one of {kinds}", kinds = join_kinds(&DocumentKind::ALL))]
pub struct UnknownKind(String);

impl FromStr for DocumentKind {
    type Err = UnknownKind;

    /// Parses the name in the API or in links, such as `bitable` or `base`.
    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::from_link_name(word).ok_or_else(|| UnknownKind(quote_truncated(word)))
    }
}

/// Joins the names of kinds with commas.
pub(super) fn join_kinds(kinds: &[DocumentKind]) -> String {
    let words: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
    words.join(", ")
}
