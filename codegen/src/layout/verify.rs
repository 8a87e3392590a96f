//! Whether a new text says what the old one did.

use serde_json::Value as Json;

use super::{editor, read};
use crate::format::Form;
use crate::yaml::{self, Node, Value};
use crate::{Findings, Source, export, load, schema};

use super::order::ROOT;

/// Holds the new text of a file against the old one and what that said; an error says what is other.
pub(super) fn same(path: &str, (old, old_tree): (&str, &Node), new: &str) -> Result<(), &'static str> {
    let new_tree = yaml::parse(0, new).map_err(|_| "the new text would be no YAML")?;
    if !same_node(old_tree, &new_tree, Some(&ROOT)) {
        return Err("a value would change");
    }
    if comments(old) != comments(new) {
        return Err("a comment would change");
    }
    if meaning(path, old) != meaning(path, new) {
        return Err("the API would change");
    }
    Ok(())
}

/// Every comment but the editor's, sorted: they may change places with their keys, and nothing else.
fn comments(text: &str) -> Option<Vec<String>> {
    let document = read::document(text)?;
    let of_entries = document
        .comments
        .into_iter()
        .flat_map(|comments| comments.above.into_iter().chain(comments.right).chain(comments.below));
    let mut all: Vec<String> = document.header.into_iter().chain(of_entries).collect();
    all.iter_mut().for_each(|comment| *comment = editor::mended(comment));
    all.retain(|comment| comment != schema::EDITOR_LINE);
    all.sort_unstable();
    Some(all)
}

/// Values are the same, in the same order; only the keys of the format may change places.
fn same_node(old: &Node, new: &Node, form: Option<&'static Form>) -> bool {
    match (&old.value, &new.value) {
        (Value::Null, Value::Null) => true,
        (Value::Text(old), Value::Text(new)) | (Value::Literal(old), Value::Literal(new)) => old == new,
        (Value::List(old), Value::List(new)) => {
            old.len() == new.len()
                && old
                    .iter()
                    .zip(new)
                    .all(|(old, new)| same_node(old, new, inner(form, "")))
        }
        (Value::Map(old), Value::Map(new)) if old.len() == new.len() => {
            old.iter().enumerate().all(|(index, (key, old))| {
                let found = match form {
                    Some(Form::Mapping(_) | Form::OneOf(_)) => new.iter().find(|(other, _)| other.text == key.text),
                    _ => new.get(index).filter(|(other, _)| other.text == key.text),
                };
                found.is_some_and(|(_, new)| same_node(old, new, inner(form, &key.text)))
            })
        }
        _ => false,
    }
}

fn inner(form: Option<&'static Form>, key: &str) -> Option<&'static Form> {
    match form? {
        Form::Mapping(mapping) => mapping.form(key),
        Form::Named(_, inner) | Form::List(inner) | Form::Set(inner) => Some(inner),
        Form::OneOf(forms) => forms.iter().find_map(|form| inner(Some(form), key)),
        _ => None,
    }
}

/// What the loader makes of the file alone: an API without its line numbers, or the rules that it breaks.
fn meaning(path: &str, text: &str) -> Result<Json, Vec<&'static str>> {
    let mut source = Source::new();
    source.add(path, text);
    let api = load(&source).map_err(|findings: Findings| {
        let mut rules: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
        rules.sort_unstable();
        rules
    })?;
    let mut json = export::json(&api);
    for endpoint in json["endpoints"].as_array_mut().into_iter().flatten() {
        endpoint["source"]["line"] = Json::Null;
    }
    Ok(json)
}
