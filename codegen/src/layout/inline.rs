//! Values on one line.

use super::order::ordered;
use super::read::{Document, Entry, Node};
use super::scalar::{self, Where};
use crate::format::Form;

/// A list or a mapping on one line; `None` where it has to be broken into several.
pub(super) fn inline(document: &Document, node: &Node, form: Option<&'static Form>) -> Option<String> {
    match node {
        Node::Scalar(scalar) => {
            let text = scalar::line(scalar, Where::Flow);
            let one_line = scalar::block(scalar).is_none();
            // A text which only brackets force into quotes reads better on a line of its own.
            (one_line && text == scalar::line(scalar, Where::Block) || text == "null").then_some(text)
        }
        Node::List(entries) if entries.is_empty() => Some("[]".to_owned()),
        Node::Map(entries) if entries.is_empty() => Some("{}".to_owned()),
        Node::List(entries) => list(document, entries, form),
        Node::Map(entries) => map(document, entries, form),
    }
}

fn list(document: &Document, entries: &[Entry], form: Option<&'static Form>) -> Option<String> {
    if matches!(form, Some(Form::List(Form::Line))) || !bare(document, entries) {
        return None;
    }
    let items = ordered(form, entries);
    let data = is_data(form);
    let items: Option<Vec<String>> = items
        .iter()
        .map(|(entry, form)| match entry.value {
            Node::Map(_) if !data => None,
            _ => inline(document, &entry.value, *form),
        })
        .collect();
    Some(format!("[{}]", items?.join(", ")))
}

fn map(document: &Document, entries: &[Entry], form: Option<&'static Form>) -> Option<String> {
    let short = match form {
        Some(Form::Mapping(mapping)) => mapping.short,
        Some(Form::Named(_, Form::Text)) => true,
        form => is_data(form),
    };
    if !short || !bare(document, entries) {
        return None;
    }
    let data = is_data(form);
    let entries: Option<Vec<String>> = ordered(form, entries)
        .into_iter()
        .map(|(entry, form)| match &entry.value {
            Node::Map(inner) if !data && !inner.is_empty() && !is_data(form) => None,
            value => Some(format!(
                "{}: {}",
                scalar::line(entry.key.as_ref()?, Where::Flow),
                inline(document, value, form)?
            )),
        })
        .collect();
    Some(format!("{{ {} }}", entries?.join(", ")))
}

/// Whether a value is an example or a default, or stands in one.
fn is_data(form: Option<&'static Form>) -> bool {
    matches!(form, None | Some(Form::Any))
}

/// Whether no entry has a comment, for which there would be no place.
fn bare(document: &Document, entries: &[Entry]) -> bool {
    entries.iter().all(|entry| document.comments[entry.id].is_empty())
}
