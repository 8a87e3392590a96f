//! Why a workflow ended early.

use super::export::{ALLOWED, ExportFormat, UnknownFormat, listed as listed_formats};
use super::reference::{DocumentKind, DocumentRef, ReferenceError, UnknownKind, listed};
use crate::drive::v1::export_task::Download;

/// How long the platform keeps a file that it has made.
const LIFETIME: std::time::Duration = Download::LIFETIME;

/// `Result` with the error of workflows.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a workflow ended early.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text refers to no document.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// The word names no kind of document.
    #[error(transparent)]
    Kind(#[from] UnknownKind),
    /// The word names no format.
    #[error(transparent)]
    Format(#[from] UnknownFormat),
    /// Documents of this kind hold no media that could be listed. Nothing was sent, but for what a node of a wiki stands for.
    #[error("the media of {document} cannot be listed; those of {kinds} can{}", way_out(.document.kind()),
            kinds = listed(&super::media::KINDS))]
    NoMedia {
        /// The document.
        document: DocumentRef,
    },
    /// Documents of this kind cannot be exported to this format. Nothing was sent, but for what a node of a wiki stands for.
    #[error("{document} cannot be exported to {format}: {}", allowed(.document.kind()))]
    NotExported {
        /// The document.
        document: DocumentRef,
        /// What was asked for.
        format: ExportFormat,
    },
    /// A csv holds one sheet or table, and it is not said which.
    #[error("a csv holds one {part} of a document, and nothing says which of {document}: give its id, or a link that shows \
             it (?{part}=ID)", part = part_of(.document.kind()))]
    NoPart {
        /// The document.
        document: DocumentRef,
    },
    /// A part was asked for of a format that holds all of a document.
    #[error("a {format} holds all of the document: leave {part} out, or export to csv")]
    NoParts {
        /// The format.
        format: ExportFormat,
        /// The part.
        part: String,
    },
    /// The platform says that the file is made, and not which it is.
    #[error("the export of {document} is done, and the platform names no file: try again")]
    NoFile {
        /// The document.
        document: DocumentRef,
    },
    /// The file that the platform had made was gone before all of it had come, and so was the one that it made in place of it.
    #[error("the file of {document} was gone before all of it had come, twice; the platform keeps one for {} minutes: try \
             again over a faster connection\n{source}", LIFETIME.as_secs() / 60)]
    Gone {
        /// The document.
        document: DocumentRef,
        /// What the platform said in the end.
        source: crate::Error,
    },
    /// A node of a wiki stands for something that this version does not know.
    #[error("the wiki node {node} stands for {found}, which is no document that this version knows")]
    StrangeNode {
        /// Token of the node.
        node: String,
        /// What the platform calls it.
        found: String,
    },
    /// A call failed.
    #[error(transparent)]
    Call(#[from] crate::Error),
}

fn way_out(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::File => "; download the file itself with drive.v1.file.download",
        _ => "",
    }
}

/// What documents of this kind can be exported to, and which can be where they cannot.
fn allowed(kind: DocumentKind) -> String {
    match ExportFormat::of(kind) {
        [] => {
            let of_kind =
                |(kind, formats): &(DocumentKind, &[ExportFormat])| format!("{kind} ({})", listed_formats(formats));
            let all: Vec<_> = ALLOWED.iter().map(of_kind).collect();
            format!("only {} can be exported{}", all.join(", "), way_out(kind))
        }
        formats => format!("a {kind} can be exported to {}", listed_formats(formats)),
    }
}

/// What a csv holds of a document, as links call it.
fn part_of(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Bitable => "table",
        _ => "sheet",
    }
}
