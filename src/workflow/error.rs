//! Why a workflow ended early.

use super::kind::{DocumentKind, UnknownKind, listed};
use super::reference::ReferenceError;

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
    /// Documents of this kind hold no media that could be listed. Nothing was sent, but for what a node of a wiki stands for.
    #[error("{document} is of the kind {kind}, whose media cannot be listed; those of {kinds} can{}", way_out(.kind),
            kinds = listed(&super::media::KINDS))]
    NoMedia {
        /// Its token.
        document: String,
        /// Its kind.
        kind: DocumentKind,
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

fn way_out(kind: &DocumentKind) -> &'static str {
    match kind {
        DocumentKind::File => "; download the file itself with drive.v1.file.download",
        _ => "",
    }
}
