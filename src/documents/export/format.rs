//! Formats, names and destinations of exported files.

use std::path::Path;
use std::str::FromStr;
use std::{fmt, io};

use crate::documents::error::{Error, Result};
use crate::documents::reference::{DocumentKind, DocumentRef, shown};
use crate::download::Overwrite;
use crate::download::file_name;
use crate::drive::v1::export_task::{DocumentType, Download, Extension};
use crate::error::DownloadError;
use crate::error::ErrorKind;

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

/// Refuses a path that can take no file: the platform would have made one in vain.
pub(super) async fn look(path: &Path, overwrite: Overwrite) -> Result<()> {
    if overwrite == Overwrite::Refuse && tokio::fs::symlink_metadata(path).await.is_ok() {
        let path = path.to_owned();
        return Err(refused(ErrorKind::Download(DownloadError::Exists { path })));
    }
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => look_into(parent).await,
        _ => Ok(()),
    }
}

/// The same for a directory.
pub(super) async fn look_into(directory: &Path) -> Result<()> {
    let source = match tokio::fs::metadata(directory).await {
        Ok(found) if found.is_dir() => return Ok(()),
        Ok(_) => io::Error::new(io::ErrorKind::NotADirectory, "it is no directory"),
        Err(error) => error,
    };
    Err(refused(ErrorKind::Io {
        path: directory.to_owned(),
        action: "writing a file in",
        source,
    }))
}

fn refused(problem: ErrorKind) -> Error {
    crate::Error::at(&Download::ENDPOINT, problem).into()
}

/// The name for a file of this format, where the platform calls it so: a single component of a path.
pub(super) fn name(given: &str, document: &DocumentRef, format: ExportFormat) -> String {
    let extension = format.extension();
    let ends = |name: &str| {
        let end = name.rsplit_once('.').map(|(_, end)| end);
        end.is_some_and(|end| end.eq_ignore_ascii_case(extension))
    };
    let whole = |name: &str| match ends(name) {
        true => name.to_owned(),
        false => format!("{name}.{extension}"),
    };
    // Without the extension first: one that is all of what is left would be no name.
    let given = file_name::sanitize(given).and_then(|name| file_name::sanitize(&whole(&name)));
    given.unwrap_or_else(|| whole(document.token()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(given: &str) -> String {
        name(
            given,
            &DocumentRef::new(DocumentKind::Docx, "doxcn1"),
            ExportFormat::Pdf,
        )
    }

    #[test]
    fn a_file_is_called_as_the_document_with_the_extension_once() {
        for (given, expected) in [
            ("员工手册", "员工手册.pdf"),
            ("report.pdf", "report.pdf"),
            ("Report.PDF", "Report.PDF"),
            ("v1.2", "v1.2.pdf"),
            ("a/b", "a_b.pdf"),
            ("", "doxcn1.pdf"),
            (" .. ", "doxcn1.pdf"),
            ("CON", "_CON.pdf"),
        ] {
            assert_eq!(named(given), expected, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_platform_calls_it_the_name_is_safe_and_has_the_extension(given in "(\\PC|[./\\\\:\\x00-\\x20]|CON){0,300}") {
            let name = named(&given);
            prop_assert_eq!(file_name::sanitize(&name), Some(name.clone()));
            prop_assert!(name.to_lowercase().ends_with(".pdf"), "{}", name);
        }
    }
}
