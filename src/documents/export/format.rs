//! What documents can be exported to.

use std::fmt;
use std::str::FromStr;

use crate::documents::kind::DocumentKind;
use crate::documents::reference::shown;
use crate::drive::v1::export_task::{DocumentType, Extension};

/// The type of a file that a document is exported to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExportFormat {
    /// Microsoft Word.
    Docx,
    /// PDF.
    Pdf,
    /// Microsoft Excel.
    Xlsx,
    /// One sheet, or one table of a base, as comma-separated values.
    Csv,
}

/// What each kind can be exported to, as the page of `drive.v1.export_task.create` has it.
pub(in crate::documents) const ALLOWED: [(DocumentKind, &[ExportFormat]); 4] = [
    (DocumentKind::Docx, &[ExportFormat::Docx, ExportFormat::Pdf]),
    (DocumentKind::Doc, &[ExportFormat::Docx, ExportFormat::Pdf]),
    (DocumentKind::Sheet, &[ExportFormat::Xlsx, ExportFormat::Csv]),
    (DocumentKind::Bitable, &[ExportFormat::Xlsx, ExportFormat::Csv]),
];

impl ExportFormat {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Docx, Self::Pdf, Self::Xlsx, Self::Csv];

    /// What documents of this kind can be exported to; nothing where they cannot be exported. A node of a wiki can be what
    /// the document can that it stands for.
    pub fn of(kind: DocumentKind) -> &'static [Self] {
        let mut allowed = ALLOWED.iter();
        allowed.find(|(of, _)| *of == kind).map_or(&[], |(_, formats)| formats)
    }

    /// The extension of such files, without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Pdf => "pdf",
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }

    /// As the request has it.
    pub(super) fn wire(self) -> Extension {
        Extension::from(self.extension())
    }
}

/// As the request has the kind of a document.
pub(super) fn wire(kind: DocumentKind) -> DocumentType {
    DocumentType::from(kind.as_str())
}

impl fmt::Display for ExportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

/// A word that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing can be exported to {0}; the formats are {formats}", formats = listed(&ExportFormat::ALL))]
pub struct UnknownFormat(String);

impl FromStr for ExportFormat {
    type Err = UnknownFormat;

    /// The extension, with a dot in front or without.
    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        let extension = word.strip_prefix('.').unwrap_or(word);
        let mut formats = Self::ALL.into_iter();
        let found = formats.find(|format| format.extension().eq_ignore_ascii_case(extension));
        found.ok_or_else(|| UnknownFormat(shown(word)))
    }
}

/// These formats, as a sentence has them.
pub(in crate::documents) fn listed(formats: &[ExportFormat]) -> String {
    let words: Vec<_> = formats.iter().map(|format| format.extension()).collect();
    words.join(", ")
}
