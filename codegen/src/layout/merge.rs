//! New facts into a file that a person has written in.

use super::block;
use super::read::{self, Document, Entry, Node};

/// The text of `before` with what `facts` says in it: a key that both have gets the new value, what only one has
/// stays or is added, and comments stay where they are. `None` where one of the two is no YAML of the format.
pub(crate) fn merged(before: &str, facts: &str) -> Option<String> {
    let mut document = read::document(before)?;
    let mut facts = read::document(facts)?;
    shift(&mut facts.root, document.comments.len());
    document.comments.append(&mut facts.comments);
    let mut inner = Vec::new();
    merge(&mut document.root, facts.root, &mut inner);
    fill_types(&mut document, inner);
    Some(block::text(&document))
}

/// Fields of a named type, as a page lists them inline.
struct Named {
    name: String,
    fields: Node,
}

/// Gives the entries numbers behind those of the other document.
fn shift(node: &mut Node, by: usize) {
    if let Node::List(entries) | Node::Map(entries) = node {
        for entry in entries {
            entry.id += by;
            shift(&mut entry.value, by);
        }
    }
}

fn merge(old: &mut Node, new: Node, named: &mut Vec<Named>) {
    match (old, new) {
        (Node::Map(old), Node::Map(new)) => {
            let new = without_inline(old, new, named);
            for entry in new {
                let key = entry.key.as_ref().map(|key| key.text.as_str());
                let same = |other: &&mut Entry| other.key.as_ref().map(|key| key.text.as_str()) == key;
                match old.iter_mut().find(same) {
                    // A page that ends elsewhere than the entry says is still the same page.
                    Some(_) if matches!(key, Some("docs" | "rust" | "name")) => {}
                    Some(other) => merge(&mut other.value, entry.value, named),
                    None => old.push(entry),
                }
            }
        }
        (Node::List(old), Node::List(new)) => items(old, new, named),
        // The name of a type stays, and the fields go to that type.
        (Node::Scalar(name), fields @ Node::Map(_)) => named.push(Named {
            name: name.text.clone(),
            fields,
        }),
        // A mapping around a value says more of it.
        (Node::Map(old), new @ Node::Scalar(_)) => {
            let value = old
                .iter_mut()
                .find(|entry| entry.key.as_ref().is_some_and(|key| key.text == "value"));
            if let Some(value) = value {
                value.value = new;
            }
        }
        (old, new) => {
            if !same(old, &new) {
                *old = new;
            }
        }
    }
}

/// The keys of a field, where the one that exists has a named type: what the page lists inline goes there.
fn without_inline(old: &[Entry], new: Vec<Entry>, named: &mut Vec<Named>) -> Vec<Entry> {
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
            named.push(Named {
                name: name.clone(),
                fields: entry.value,
            });
        } else if !is(&entry, "type") && !is(&entry, "enum") {
            kept.push(entry);
        }
    }
    kept
}

/// Items of a list: mappings are the same by what tells them apart; a list of words is replaced where it differs.
fn items(old: &mut Vec<Entry>, new: Vec<Entry>, named: &mut Vec<Named>) {
    let told = |entry: &Entry| tell(&entry.value);
    if old
        .iter()
        .chain(&new)
        .all(|entry| matches!(entry.value, Node::Scalar(_)))
    {
        let (mut was, mut is): (Vec<_>, Vec<_>) = (old.iter().map(told).collect(), new.iter().map(told).collect());
        was.sort();
        is.sort();
        if was != is {
            *old = new;
        }
        return;
    }
    for entry in new {
        let key = told(&entry);
        match old.iter_mut().find(|other| told(other) == key) {
            Some(other) => merge(&mut other.value, entry.value, named),
            None => old.push(entry),
        }
    }
}

/// What tells an item: its text, its value, its code, or its status.
fn tell(node: &Node) -> Option<(u8, String)> {
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
            let keys = [(0, "value"), (1, "code"), (2, "http")];
            keys.into_iter().find_map(|(kind, key)| Some((kind, value(key)?)))
        }
    }
}

fn same(old: &Node, new: &Node) -> bool {
    match (old, new) {
        (Node::Scalar(old), Node::Scalar(new)) => old.text == new.text,
        _ => false,
    }
}

/// Merges what pages list inline into the types of those names, where the file has them.
fn fill_types(document: &mut Document, mut named: Vec<Named>) {
    while let Some(Named { name, fields }) = named.pop() {
        let Some(ty) = member(&mut document.root, "types").and_then(|types| member(types, &name)) else {
            continue;
        };
        if let Some(old) = member(ty, "fields") {
            merge(old, fields, &mut named);
        }
    }
}

fn member<'n>(node: &'n mut Node, name: &str) -> Option<&'n mut Node> {
    let Node::Map(entries) = node else { return None };
    let is = |entry: &&mut Entry| entry.key.as_ref().is_some_and(|key| key.text == name);
    entries.iter_mut().find(is).map(|entry| &mut entry.value)
}
