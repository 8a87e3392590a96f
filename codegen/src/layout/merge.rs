//! Merges imported entries into an existing file.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use super::print;
use super::tree::{self, Document, Entry, Node};
use crate::format::SOURCES;

/// Merges `update` into `before`: keys in both get the new value, keys in one of them are preserved or added, comments
/// are preserved. `None` if one of the texts cannot be parsed.
pub(crate) fn merge_texts(before: &str, update: &str) -> Option<String> {
    let mut document = tree::parse_document(before)?;
    let mut update = tree::parse_document(update)?;
    shift_ids(&mut update.root, document.comments.len());
    document.comments.append(&mut update.comments);
    let mut type_fields = Vec::new();
    merge(&mut document.root, update.root, &mut type_fields);
    merge_types(&mut document, type_fields);
    Some(print::print_document(&document))
}

/// Inline fields of the update that belong to a named type of the file.
struct TypeFields {
    name: String,
    fields: Node,
}

/// Shifts the ids of the entries, so that they index the comments of both documents.
fn shift_ids(node: &mut Node, by: usize) {
    if let Node::List(entries) | Node::Map(entries) = node {
        for entry in entries {
            entry.id += by;
            shift_ids(&mut entry.value, by);
        }
    }
}

fn merge(old: &mut Node, new: Node, type_fields: &mut Vec<TypeFields>) {
    match (old, new) {
        // A person decided that the field has a constant value.
        (Node::Map(old), Node::Map(new)) if has_key(old, "fixed") && !has_key(&new, "fixed") => {}
        (Node::Map(old), Node::Map(new)) => {
            // The page documents what was from another source.
            if ["type", "http"].iter().any(|key| has_key(old, key)) && !has_key(&new, "source") {
                old.retain(|entry| !is_second_source(entry));
            }
            let new = take_inline_fields(old, new, type_fields);
            let key = |entry: &Entry| entry.key.as_ref().map(|key| key.text.clone());
            let index: HashMap<_, _> = old.iter().map(key).zip(0..).collect();
            for entry in new {
                let key = key(&entry);
                match index.get(&key) {
                    // Chosen by a person.
                    Some(_) if matches!(key.as_deref(), Some("docs" | "rust" | "name")) => {}
                    Some(at) if key.as_deref() == Some("errors") => merge_errors(&mut old[*at].value, entry.value),
                    Some(at) => merge(&mut old[*at].value, entry.value, type_fields),
                    None => old.push(entry),
                }
            }
        }
        (Node::List(old), Node::List(new)) => merge_items(old, new, type_fields),
        // The type name stays, and the fields are merged into that type.
        (Node::Scalar(name), fields @ Node::Map(_)) => type_fields.push(TypeFields {
            name: name.text.clone(),
            fields,
        }),
        // An enum value with a name: only the value itself is updated.
        (Node::Map(old), new @ Node::Scalar(_)) => {
            let value = old
                .iter_mut()
                .find(|entry| entry.key.as_ref().is_some_and(|key| key.text == "value"));
            if let Some(value) = value {
                value.value = new;
            }
        }
        (old, new) => {
            if !is_same_scalar(old, &new) {
                *old = new;
            }
        }
    }
}

fn is_second_source(entry: &Entry) -> bool {
    let is_source = entry.key.as_ref().is_some_and(|key| key.text == "source");
    is_source && matches!(&entry.value, Node::Scalar(value) if SOURCES.contains(&value.text.as_str()))
}

fn has_key(entries: &[Entry], name: &str) -> bool {
    let is = |entry: &Entry| entry.key.as_ref().is_some_and(|key| key.text == name);
    entries.iter().any(is)
}

/// Removes `type`, `enum` and `fields` from a field of the update if the existing field has a named type. The fields
/// are merged into that type.
fn take_inline_fields(old: &[Entry], new: Vec<Entry>, type_fields: &mut Vec<TypeFields>) -> Vec<Entry> {
    let is = |entry: &Entry, name: &str| entry.key.as_ref().is_some_and(|key| key.text == name);
    let ty = old
        .iter()
        .find(|entry| is(entry, "type"))
        .and_then(|entry| match &entry.value {
            Node::Scalar(scalar) => Some(scalar.text.trim_matches(['[', ']']).to_owned()),
            _ => None,
        });
    let Some(name) = ty.filter(|ty| ty.starts_with(|c: char| c.is_ascii_uppercase())) else {
        return new;
    };
    let mut kept = Vec::new();
    for entry in new {
        if is(&entry, "fields") {
            type_fields.push(TypeFields {
                name: name.clone(),
                fields: entry.value,
            });
        } else if !["type", "enum", "flags"].iter().any(|name| is(&entry, name)) {
            kept.push(entry);
        }
    }
    kept
}

/// Merges lists: a list of scalars is replaced if it differs as a set, mappings are matched by their identity.
fn merge_items(old: &mut Vec<Entry>, new: Vec<Entry>, type_fields: &mut Vec<TypeFields>) {
    let identity = |entry: &Entry| item_identity(&entry.value);
    if old.iter().any(|entry| second_source_kind(entry).is_some()) {
        return merge_token_kinds(old, new);
    }
    if old
        .iter()
        .chain(&new)
        .all(|entry| matches!(entry.value, Node::Scalar(_)))
    {
        let (mut was, mut is): (Vec<_>, Vec<_>) =
            (old.iter().map(identity).collect(), new.iter().map(identity).collect());
        was.sort();
        is.sort();
        if was != is {
            *old = new;
        }
        return;
    }
    // The first item of several with one identity, also of those that are added.
    let mut index = HashMap::new();
    for (at, entry) in old.iter().enumerate() {
        index.entry(identity(entry)).or_insert(at);
    }
    for entry in new {
        match index.entry(identity(&entry)) {
            Slot::Occupied(at) => merge(&mut old[*at.get()].value, entry.value, type_fields),
            Slot::Vacant(slot) => {
                slot.insert(old.len());
                old.push(entry);
            }
        }
    }
}

/// Replaces the token kinds of the page; a kind from another source stays unless the page has it.
fn merge_token_kinds(old: &mut Vec<Entry>, new: Vec<Entry>) {
    let of_page = |kind: &str| {
        new.iter()
            .any(|entry| matches!(&entry.value, Node::Scalar(text) if text.text == kind))
    };
    let kept: Vec<usize> = (0..old.len())
        .filter(|at| second_source_kind(&old[*at]).is_some_and(|kind| !of_page(kind)))
        .collect();
    let is_same = old.iter().enumerate().all(|(at, entry)| match &entry.value {
        Node::Scalar(kind) => of_page(&kind.text),
        _ => kept.contains(&at),
    });
    if is_same && old.len() == new.len() + kept.len() {
        return;
    }
    let mut at = 0;
    old.retain(|_| {
        at += 1;
        kept.contains(&(at - 1))
    });
    old.splice(0..0, new);
}

/// Returns the kind in `{ kind: user, source: sdk }`.
fn second_source_kind(entry: &Entry) -> Option<&str> {
    let Node::Map(entries) = &entry.value else { return None };
    let kind = entries
        .iter()
        .find(|entry| entry.key.as_ref().is_some_and(|key| key.text == "kind"))?;
    match &kind.value {
        Node::Scalar(kind) if entries.iter().any(is_second_source) => Some(&kind.text),
        _ => None,
    }
}

/// Merges the errors of an endpoint, or the definitions of error codes. Errors that the page does not have stay, and a code
/// becomes a mapping where the page differs from its definition.
fn merge_errors(old: &mut Node, new: Node) {
    let (old, new) = match (old, new) {
        (Node::List(old), Node::List(new)) => (old, new),
        (old @ Node::Map(_), new) => {
            merge(old, new, &mut Vec::new());
            if let Node::Map(definitions) = old {
                definitions.sort_by_key(|entry| entry.key.as_ref().and_then(|key| key.text.parse::<i64>().ok()));
            }
            return;
        }
        _ => return,
    };
    let mut index: HashMap<_, _> = HashMap::new();
    for (at, entry) in old.iter().enumerate() {
        index.entry(item_identity(&entry.value)).or_insert(at);
    }
    for entry in new {
        match index.entry(item_identity(&entry.value)) {
            Slot::Occupied(at) => match (&mut old[*at.get()].value, entry.value) {
                (old @ Node::Scalar(_), new @ Node::Map(_)) => *old = new,
                (old @ Node::Map(_), new @ Node::Map(_)) => merge(old, new, &mut Vec::new()),
                (old @ Node::Map(_), new @ Node::Scalar(_)) => remove_differences(old, new),
                _ => {}
            },
            Slot::Vacant(slot) => {
                slot.insert(old.len());
                old.push(entry);
            }
        }
    }
}

/// Removes the status and the message of a code that is now as its definition. Other keys are of a person.
fn remove_differences(old: &mut Node, code: Node) {
    let Node::Map(entries) = &mut *old else { return };
    let is = |entry: &Entry, names: &[&str]| entry.key.as_ref().is_some_and(|key| names.contains(&key.text.as_str()));
    entries.retain(|entry| !is(entry, &["http", "msg"]));
    if entries.iter().all(|entry| is(entry, &["code"])) {
        *old = code;
    }
}

/// Returns the identity of an item: its text, else its `value`, `code` or `http`.
fn item_identity(node: &Node) -> Option<(u8, String)> {
    match node {
        Node::Scalar(scalar) => Some((0, scalar.text.clone())),
        Node::List(_) => None,
        Node::Map(entries) => {
            let value = |name: &str| {
                let is = |entry: &&Entry| entry.key.as_ref().is_some_and(|key| key.text == name);
                entries.iter().find(is).and_then(|entry| match &entry.value {
                    Node::Scalar(scalar) => Some(scalar.text.clone()),
                    _ => None,
                })
            };
            let keys = [(0, "value"), (0, "code"), (1, "http")];
            keys.into_iter().find_map(|(kind, key)| Some((kind, value(key)?)))
        }
    }
}

fn is_same_scalar(old: &Node, new: &Node) -> bool {
    match (old, new) {
        (Node::Scalar(old), Node::Scalar(new)) => old.text == new.text,
        _ => false,
    }
}

/// Merges inline fields into the named types that the file declares.
fn merge_types(document: &mut Document, mut type_fields: Vec<TypeFields>) {
    while let Some(TypeFields { name, fields }) = type_fields.pop() {
        let Some(ty) = find_member(&mut document.root, "types").and_then(|types| find_member(types, &name)) else {
            continue;
        };
        if let Some(old) = find_member(ty, "fields") {
            merge(old, fields, &mut type_fields);
        }
    }
}

fn find_member<'n>(node: &'n mut Node, name: &str) -> Option<&'n mut Node> {
    let Node::Map(entries) = node else { return None };
    let is = |entry: &&mut Entry| entry.key.as_ref().is_some_and(|key| key.text == name);
    entries.iter_mut().find(is).map(|entry| &mut entry.value)
}
