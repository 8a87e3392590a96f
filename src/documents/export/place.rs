//! Where an exported file goes, looked at before the platform makes one.

use std::io;
use std::path::Path;

use super::format::ExportFormat;
use super::{DownloadError, Error, file_name};
use crate::documents::error::Result;
use crate::documents::reference::DocumentRef;
use crate::download::Overwrite;
use crate::drive::v1::export_task::Download;
use crate::error::ErrorKind;

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
    let given = file_name::safe(given).and_then(|name| file_name::safe(&whole(&name)));
    given.unwrap_or_else(|| whole(document.token()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::documents::DocumentKind;

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
            prop_assert_eq!(file_name::safe(&name), Some(name.clone()));
            prop_assert!(name.to_lowercase().ends_with(".pdf"), "{}", name);
        }
    }
}
