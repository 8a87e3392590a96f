//! Documents by link or token: exports to files, and the media they contain.
//!
//! The functions combine requests of several projects and send them through the client, with its tokens, rate limits
//! and retries. Requires the feature `documents`.

mod error;
mod export;
mod format;
mod media;
mod reference;

use std::str::FromStr;

pub use error::{Error, Result};
pub use export::{Export, ExportProgress, Exported};
pub use format::{ExportFormat, UnknownFormat};
pub use media::{Media, MediaList, MediaLocation, media};
pub use reference::{DocumentKind, DocumentRef, ReferenceError, UnknownKind};

use crate::Client;
use crate::wiki::v2::space::GetNode;

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
