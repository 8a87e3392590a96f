//! From a node of a wiki to the document that it stands for.

use std::str::FromStr;

use super::error::{Error, Result};
use super::kind::DocumentKind;
use super::reference::DocumentRef;
use crate::Client;
use crate::wiki::v2::space::GetNode;

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
            found: super::reference::shown(found.obj_type.as_str()),
        }),
        Ok(kind) => Ok(reference.resolved(kind, &found.obj_token)),
    }
}
