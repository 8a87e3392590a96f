//! File formats of exports.

use std::fmt;
use std::str::FromStr;

use super::reference::{DocumentKind, quote_truncated};
use crate::drive::v1::export_task::{DocumentType, Extension};

/// A file format for exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExportFormat {
    /// Microsoft Word.
    Docx,
    /// PDF.
    Pdf,
    /// Microsoft Excel.
    Xlsx,
    /// Comma-separated values of one sheet or one table of a base.
    Csv,
}

/// Supported formats per kind, from the page of `drive.v1.export_task.create`.
pub(super) const ALLOWED: [(DocumentKind, &[ExportFormat]); 4] = [
    (DocumentKind::Docx, &[ExportFormat::Docx, ExportFormat::Pdf]),
    (DocumentKind::Doc, &[ExportFormat::Docx, ExportFormat::Pdf]),
    (DocumentKind::Sheet, &[ExportFormat::Xlsx, ExportFormat::Csv]),
    (DocumentKind::Bitable, &[ExportFormat::Xlsx, ExportFormat::Csv]),
];

impl ExportFormat {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Docx, Self::Pdf, Self::Xlsx, Self::Csv];

    /// Returns the formats that a kind of document supports; empty if it cannot be exported. A wiki node supports those
    /// of the document it represents.
    pub fn supported_by(kind: DocumentKind) -> &'static [Self] {
        let mut allowed = ALLOWED.iter();
        allowed.find(|(of, _)| *of == kind).map_or(&[], |(_, formats)| formats)
    }

    /// Returns the file extension, without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Pdf => "pdf",
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }

    /// Returns the value of the request field.
    pub(super) fn wire(self) -> Extension {
        Extension::from(self.extension())
    }
}

/// Returns the value of the request field for a kind of document.
pub(super) fn wire(kind: DocumentKind) -> DocumentType {
    DocumentType::from(kind.as_str())
}

impl fmt::Display for ExportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

/// The error for an unknown format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown export format {0}: expected one of {formats}", formats = join_formats(&ExportFormat::ALL))]
pub struct UnknownFormat(String);

impl FromStr for ExportFormat {
    type Err = UnknownFormat;

    /// Parses the extension, with or without a dot.
    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        let extension = word.strip_prefix('.').unwrap_or(word);
        let mut formats = Self::ALL.into_iter();
        let found = formats.find(|format| format.extension().eq_ignore_ascii_case(extension));
        found.ok_or_else(|| UnknownFormat(quote_truncated(word)))
    }
}

/// Joins the extensions of formats with commas.
pub(super) fn join_formats(formats: &[ExportFormat]) -> String {
    let words: Vec<_> = formats.iter().map(|format| format.extension()).collect();
    words.join(", ")
}
