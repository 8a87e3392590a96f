//! What is refused before the platform is asked.

use super::format::{ExportFormat, wire};
use crate::documents::error::{Error, Result};
use crate::documents::kind::DocumentKind;
use crate::documents::reference::{DocumentRef, shown};
use crate::drive::v1::export_task::Create;

/// Refuses what the platform does not export. A node of a wiki may stand for anything.
pub(super) fn combination(document: &DocumentRef, format: ExportFormat) -> Result<()> {
    let kind = document.kind();
    if kind == DocumentKind::Wiki || ExportFormat::of(kind).contains(&format) {
        return Ok(());
    }
    Err(Error::NotExported {
        document: document.clone(),
        format,
    })
}

/// The request for an export of this document, which is no node of a wiki.
pub(super) fn request(document: &DocumentRef, format: ExportFormat, part: Option<&str>) -> Result<Create> {
    combination(document, format)?;
    let request = Create::new(format.wire(), document.token(), wire(document.kind()));
    match (format, part) {
        (ExportFormat::Csv, _) => {
            let shown = match document.kind() {
                DocumentKind::Bitable => document.table(),
                _ => document.sheet(),
            };
            let part = part.or(shown).ok_or_else(|| Error::NoPart {
                document: document.clone(),
            })?;
            Ok(request.sub_id(part))
        }
        (_, None) => Ok(request),
        (_, Some(part)) => Err(Error::NoParts {
            format,
            part: shown(part),
        }),
    }
}
