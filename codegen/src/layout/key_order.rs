//! The order of keys: the order in which the spec format declares them.

use super::tree::{Entry, Node};
use crate::format::{FILE, Form, Mapping};

/// The form of a spec file.
pub(super) static ROOT: Form = Form::Mapping(&FILE);

/// Selects the form of a value where the format allows several.
pub(super) fn select_form(form: Option<&'static Form>, node: &Node) -> Option<&'static Form> {
    let Form::OneOf(forms) = form? else { return form };
    let keys = map_keys(node);
    let fits = |form: &&Form| match form {
        Form::Mapping(mapping) => matches!(node, Node::Map(_)) && mapping.required.iter().all(|key| keys.contains(key)),
        Form::Named(..) | Form::Allowances => matches!(node, Node::Map(_)),
        Form::List(_) | Form::Set(_) => matches!(node, Node::List(_)),
        _ => matches!(node, Node::Scalar(_)),
    };
    forms.iter().find(fits)
}

fn map_keys(node: &Node) -> Vec<&str> {
    match node {
        Node::Map(entries) => entries
            .iter()
            .filter_map(|entry| Some(entry.key.as_ref()?.text.as_str()))
            .collect(),
        _ => Vec::new(),
    }
}

/// Returns the entries in canonical order, each with the form of its value.
pub(super) fn order_entries<'e>(
    form: Option<&'static Form>,
    entries: &'e [Entry],
) -> Vec<(&'e Entry, Option<&'static Form>)> {
    let with_form = |entry: &'e Entry| (entry, form_within(form, entry));
    let mut ordered: Vec<_> = entries.iter().map(with_form).collect();
    if let Some(Form::Mapping(mapping)) = form {
        ordered.sort_by_key(|(entry, _)| rank(mapping, entry));
    }
    ordered
}

/// Returns the position of a key in its mapping; unknown keys are last.
fn rank(mapping: &Mapping, entry: &Entry) -> usize {
    let key = entry.key.as_ref().map(|key| key.text.as_str());
    let known = mapping.names.iter().position(|name| Some(*name) == key);
    known.unwrap_or(mapping.names.len())
}

fn form_within(form: Option<&'static Form>, entry: &Entry) -> Option<&'static Form> {
    let form = match form? {
        Form::Mapping(mapping) => mapping.form(&entry.key.as_ref()?.text),
        Form::Named(_, inner) | Form::List(inner) | Form::Set(inner) => Some(*inner),
        Form::Allowances => Some(&Form::Line),
        _ => None,
    };
    select_form(form, &entry.value)
}
