//! What people download documents for, from a link on: a document as a file, and all the media in
//! it.
//!
//! Each workflow puts calls of several projects together, by their generated requests and through the client: its tokens,
//! limits and retries are in force. The feature `workflow` has it.

mod error;
mod export;
mod media;
mod reference;

use std::str::FromStr;

pub use error::{Error, Result};
pub use export::{Export, ExportFormat, ExportProgress, Exported, UnknownFormat};
pub use media::{Media, MediaList, Place, media};

use crate::Client;
use crate::wiki::v2::space::GetNode;
pub use reference::{DocumentKind, DocumentRef, ReferenceError, UnknownKind};

/// The document itself: what a node of a wiki stands for, and any other reference as it is. A shortcut leads to the
/// document that it is a shortcut to.
///
/// # Errors
///
/// Where the platform refuses the call, and where the node stands for what is no document.
pub async fn resolve(client: &Client, reference: &DocumentRef) -> Result<DocumentRef> {
    if reference.kind() != DocumentKind::Wiki {
        return Ok(reference.clone());
    }
    let node = reference.token();
    let found = GetNode::new(node).send(client).await?.node;
    match DocumentKind::from_str(found.obj_type.as_str()) {
        Ok(DocumentKind::Wiki) | Err(_) => Err(Error::StrangeNode {
            node: node.to_owned(),
            found: reference::shown(found.obj_type.as_str()),
        }),
        Ok(kind) => Ok(reference.resolved(kind, &found.obj_token)),
    }
}
