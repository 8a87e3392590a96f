//! The names of error codes as comments, so that the errors of an endpoint can be understood without `errors.yaml`:
//! `- 1061002 # invalid_params`.

use std::collections::HashMap;

use super::tree::{self, Comments, Document, Entry, Node};
use crate::Source;

/// The names of the error codes of a project version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorNames(HashMap<String, String>);

impl ErrorNames {
    /// Reads the names from the bytes of an `errors.yaml`; none if it is not valid YAML.
    pub fn read(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes)
            .ok()
            .filter(|text| crate::yaml::parse(0, text).is_ok());
        let document = text.and_then(tree::parse_document);
        let Some(codes) = document.as_ref().and_then(|document| member(&document.root, "errors")) else {
            return Self::default();
        };
        let name = |(code, definition): (String, &Node)| match member(definition, "name")? {
            Node::Scalar(name) => Some((code, name.text.clone())),
            Node::List(_) | Node::Map(_) => None,
        };
        Self(entries(codes).filter_map(name).collect())
    }

    /// Reads the names for the file at `path` from the `errors.yaml` of its directory in `spec`.
    pub(crate) fn of_file(spec: &Source, path: &str) -> Self {
        let Some((directory, _)) = path.rsplit_once('/') else {
            return Self::default();
        };
        let errors = format!("{directory}/{FILE_NAME}");
        let file = spec.files().find(|(path, _)| *path == errors);
        file.map(|(_, bytes)| Self::read(bytes)).unwrap_or_default()
    }
}

/// The name of the file with the error codes of a project version.
pub(crate) const FILE_NAME: &str = "errors.yaml";

/// Writes the name of each listed code into the comment after it. A comment that is not a name stays.
pub(super) fn write_comments(document: &mut Document, names: &ErrorNames) {
    let mut named = Vec::new();
    for item in listed_codes(&document.root) {
        if let Node::Scalar(code) = &item.value
            && let Some(name) = names.0.get(&code.text)
        {
            named.push((item.id, format!("# {name}")));
        }
    }
    for (id, comment) in named {
        let right = &mut document.comments[id].right;
        if right.as_deref().is_none_or(is_name) {
            *right = Some(comment);
        }
    }
}

/// Removes the names after listed codes.
pub(super) fn remove_comments(document: &mut Document) {
    let ids: Vec<usize> = listed_codes(&document.root).map(|item| item.id).collect();
    for id in ids {
        let Comments { right, .. } = &mut document.comments[id];
        if right.as_deref().is_some_and(is_name) {
            *right = None;
        }
    }
}

/// Iterates over the codes that endpoints list.
fn listed_codes(root: &Node) -> impl Iterator<Item = &Entry> {
    let endpoints = member(root, "endpoints").into_iter().flat_map(entries);
    let lists = endpoints.filter_map(|(_, endpoint)| member(endpoint, "errors"));
    let items = lists.flat_map(|errors| match errors {
        Node::List(items) => items.as_slice(),
        Node::Scalar(_) | Node::Map(_) => &[],
    });
    items.filter(|item| matches!(item.value, Node::Scalar(_)))
}

/// Returns whether a comment is a name in snake_case.
fn is_name(comment: &str) -> bool {
    let text = comment.trim_start_matches('#').trim();
    text.bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn entries(node: &Node) -> impl Iterator<Item = (String, &Node)> {
    let entries = match node {
        Node::Map(entries) => entries.as_slice(),
        Node::Scalar(_) | Node::List(_) => &[],
    };
    entries
        .iter()
        .filter_map(|entry| Some((entry.key.as_ref()?.text.clone(), &entry.value)))
}

fn member<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    entries(node).find(|(other, _)| other == key).map(|(_, value)| value)
}
