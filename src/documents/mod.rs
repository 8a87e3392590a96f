//! Documents by link or token: exports to files, and the media they contain.
//!
//! The functions combine requests of several projects and send them through the client, with its tokens, rate limits
//! and retries. Requires the feature `documents`.

mod export;
mod media;
mod reference;

use std::str::FromStr;

use crate::Client;
use crate::drive::v1::export_task::Download;
use crate::wiki::v2::space::GetNode;

use export::{ALLOWED, join_formats};
pub use export::{Export, ExportFormat, ExportProgress, Exported, UnknownFormat};
pub use media::{DocumentPart, Media, MediaKind, MediaList, MediaLocation, SkipReason, Skipped, media};
use reference::join_kinds;
pub use reference::{DocumentKind, DocumentRef, ReferenceError, UnknownKind};

/// Resolves a wiki node to the document it represents, and a shortcut to its target. Other references are returned
/// unchanged.
///
/// # Errors
///
/// If the platform rejects the call, or if the node represents an unsupported kind of document.
pub async fn resolve(client: &Client, reference: &DocumentRef) -> Result<DocumentRef> {
    if reference.kind() != DocumentKind::Wiki {
        return Ok(reference.clone());
    }
    let node = reference.token();
    let found = GetNode::new(node).send(client).await?.node;
    match DocumentKind::from_str(found.obj_type.as_str()) {
        Ok(DocumentKind::Wiki) | Err(_) => Err(Error::UnsupportedNode {
            node: node.to_owned(),
            found: reference::quote_truncated(found.obj_type.as_str()),
        }),
        Ok(kind) => Ok(reference.resolved(kind, &found.obj_token)),
    }
}

/// Lifetime of an exported file on the platform.
const FILE_LIFETIME: std::time::Duration = Download::LIFETIME;

/// `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The error of a document operation.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not a reference to a document.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// The kind of document is unknown.
    #[error(transparent)]
    Kind(#[from] UnknownKind),
    /// The format is unknown.
    #[error(transparent)]
    Format(#[from] UnknownFormat),
    /// The media of this kind of document cannot be listed. No request was sent, except to resolve a wiki node.
    #[error("listing media is not supported for {document}: supported kinds are {kinds}{}", hint(.document.kind()),
            kinds = join_kinds(&reference::MEDIA_KINDS))]
    MediaUnsupported {
        /// The document.
        document: DocumentRef,
    },
    /// This kind of document cannot be exported to this format. No request was sent, except to resolve a wiki node.
    #[error("{document} cannot be exported to {format}: {}", allowed(.document.kind()))]
    ExportUnsupported {
        /// The document.
        document: DocumentRef,
        /// The requested format.
        format: ExportFormat,
    },
    /// An export to csv requires the id of a sheet or table.
    #[error("missing {part} for the csv export of {document}: specify its id, or a link that contains it (?{part}=ID)", part = part_of(.document.kind()))]
    MissingPart {
        /// The document.
        document: DocumentRef,
    },
    /// A sheet or table was specified for a format that contains the whole document.
    #[error("unexpected part {part}: a {format} contains the whole document; omit the part, or export to csv")]
    UnexpectedPart {
        /// The format.
        format: ExportFormat,
        /// Id of the sheet or table.
        part: String,
    },
    /// The platform reports a completed export without a file.
    #[error("the platform returned no file for the export of {document}: retry the export")]
    MissingFile {
        /// The document.
        document: DocumentRef,
    },
    /// The exported file expired before it was downloaded, and so did its replacement.
    #[error("the exported file of {document} expired twice before its download completed (lifetime {} minutes): \
             retry over a faster connection\n{source}", FILE_LIFETIME.as_secs() / 60)]
    FileExpired {
        /// The document.
        document: DocumentRef,
        /// The last error of the platform.
        source: crate::Error,
    },
    /// A wiki node represents an unsupported kind of document.
    #[error("the wiki node {node} has the unsupported type {found}")]
    UnsupportedNode {
        /// Token of the node.
        node: String,
        /// The type of document as named by the platform.
        found: String,
    },
    /// The media of a part of a document cannot be listed. The list continues with the other parts.
    #[error(transparent)]
    Skipped(Box<Skipped>),
    /// A call failed.
    #[error(transparent)]
    Call(#[from] crate::Error),
}

impl From<Skipped> for Error {
    fn from(skipped: Skipped) -> Self {
        Self::Skipped(Box::new(skipped))
    }
}

fn hint(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::File => "; download a file with drive.v1.file.download",
        _ => "",
    }
}

/// Returns the supported formats of this kind, or all supported combinations if the kind has no format.
fn allowed(kind: DocumentKind) -> String {
    match ExportFormat::supported_by(kind) {
        [] => {
            let describe =
                |(kind, formats): &(DocumentKind, &[ExportFormat])| format!("{kind} ({})", join_formats(formats));
            let all: Vec<_> = ALLOWED.iter().map(describe).collect();
            format!("supported are {}{}", all.join(", "), hint(kind))
        }
        formats => format!("supported formats of a {kind} are {}", join_formats(formats)),
    }
}

/// Returns the name of the part that a csv contains, as in links.
fn part_of(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Bitable => "table",
        _ => "sheet",
    }
}
