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
    let strange = |found: String| Error::StrangeNode {
        node: node.to_owned(),
        found,
    };
    let answer = GetNode::new(node).send(client).await?;
    let found = answer.node.ok_or_else(|| strange("nothing".to_owned()))?;
    let kind = found
        .obj_type
        .ok_or_else(|| strange("something without a kind".to_owned()))?;
    let kind = match DocumentKind::from_str(kind.as_str()) {
        Ok(DocumentKind::Wiki) | Err(_) => return Err(strange(super::reference::shown(kind.as_str()))),
        Ok(kind) => kind,
    };
    match found.obj_token.filter(|token| !token.is_empty()) {
        Some(token) => Ok(reference.resolved(kind, &token)),
        None => Err(strange(format!("a {kind} without a token"))),
    }
}
