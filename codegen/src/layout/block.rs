//! Values on several lines, each entry on its own.

use super::WIDTH;
use super::inline::inline;
use super::order::{ROOT, chosen, ordered};
use super::read::{Document, Entry, Node};
use super::scalar::{self, Where};
use crate::format::Form;

/// Each level is so much deeper than the one around it.
const INDENT: usize = 2;

/// The text of a file.
pub(super) fn text(document: &Document) -> String {
    let form = chosen(Some(&ROOT), &document.root);
    let mut lines = document.header.clone();
    lines.extend(below_key(document, &document.root, form, 0));
    let mut text = lines.join("\n");
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// The lines of a value that stands alone, without the indentation that the lines around it have.
fn below_key(document: &Document, node: &Node, form: Option<&'static Form>, indent: usize) -> Vec<String> {
    match node {
        Node::Scalar(scalar) => vec![scalar::line(scalar, Where::Block)],
        Node::List(entries) if !entries.is_empty() => list(document, entries, form, indent),
        Node::Map(entries) if !entries.is_empty() => map(document, entries, form, indent),
        Node::List(_) => vec!["[]".to_owned()],
        Node::Map(_) => vec!["{}".to_owned()],
    }
}

fn map(document: &Document, entries: &[Entry], form: Option<&'static Form>, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut apart = false;
    for (entry, inner) in ordered(form, entries) {
        let comments = &document.comments[entry.id];
        // Endpoints, types, and the parts of the file stand apart.
        let large = is_large(form, entry);
        if (large || apart) && !lines.is_empty() {
            lines.push(String::new());
        }
        apart = large;
        lines.extend_from_slice(&comments.above);
        lines.extend(keyed(document, entry, inner, indent));
        lines.extend_from_slice(&comments.below);
    }
    lines
}

/// Whether an entry has an empty line around it.
fn is_large(form: Option<&'static Form>, entry: &Entry) -> bool {
    let filled = matches!(&entry.value, Node::Map(entries) if !entries.is_empty());
    filled
        && match form {
            Some(Form::Mapping(mapping)) => mapping.name == "file",
            Some(Form::Named(_, Form::Mapping(mapping))) => !mapping.short,
            _ => false,
        }
}

/// A key with its value.
fn keyed(document: &Document, entry: &Entry, form: Option<&'static Form>, indent: usize) -> Vec<String> {
    let key = entry
        .key
        .as_ref()
        .map(|key| scalar::line(key, Where::Flow))
        .unwrap_or_default();
    let right = document.comments[entry.id].right.as_deref();
    let head = format!("{key}:");
    if let Some(value) = short(document, &entry.value, form, indent + width(&head) + 1) {
        let space = if value.is_empty() { "" } else { " " };
        return vec![with(format!("{head}{space}{value}"), right)];
    }
    let (mark, body) = long(document, &entry.value, form, indent + INDENT);
    let mut lines = vec![with(format!("{head}{mark}"), right)];
    lines.extend(body.iter().map(|line| indented(line)));
    lines
}

fn list(document: &Document, entries: &[Entry], form: Option<&'static Form>, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (entry, inner) in ordered(form, entries) {
        let comments = &document.comments[entry.id];
        lines.extend_from_slice(&comments.above);
        lines.extend(item(document, entry, inner, indent));
        lines.extend_from_slice(&comments.below);
    }
    lines
}

/// An item of a list; the first key of a mapping stands beside the dash.
fn item(document: &Document, entry: &Entry, form: Option<&'static Form>, indent: usize) -> Vec<String> {
    let right = document.comments[entry.id].right.as_deref();
    if let Some(value) = short(document, &entry.value, form, indent + INDENT) {
        return vec![with(format!("- {value}").trim_end().to_owned(), right)];
    }
    let (mark, body) = long(document, &entry.value, form, indent + INDENT);
    if !mark.is_empty() {
        let mut lines = vec![with(format!("-{mark}"), right)];
        lines.extend(body.iter().map(|line| indented(line)));
        return lines;
    }
    let comments = body.iter().take_while(|line| line.starts_with('#')).count();
    let (comments, body) = body.split_at(comments);
    let mut lines = comments.to_vec();
    lines.extend(right.map(str::to_owned));
    for (index, line) in body.iter().enumerate() {
        lines.push(if index == 0 {
            format!("- {line}")
        } else {
            indented(line)
        });
    }
    lines
}

/// A value that fits into the line of its key, which is taken up to the column `from`.
fn short(document: &Document, node: &Node, form: Option<&'static Form>, from: usize) -> Option<String> {
    if let Node::Scalar(scalar) = node {
        return scalar::block(scalar)
            .is_none()
            .then(|| scalar::line(scalar, Where::Block));
    }
    inline(document, node, form).filter(|value| from + width(value) <= WIDTH)
}

/// What follows the key in its line, and the lines below.
fn long(document: &Document, node: &Node, form: Option<&'static Form>, indent: usize) -> (String, Vec<String>) {
    if let Node::Scalar(scalar) = node
        && let Some((mark, lines)) = scalar::block(scalar)
    {
        return (format!(" {mark}"), lines.into_iter().map(str::to_owned).collect());
    }
    (String::new(), below_key(document, node, form, indent))
}

fn with(line: String, comment: Option<&str>) -> String {
    match comment {
        Some(comment) => format!("{line} {comment}"),
        None => line,
    }
}

fn indented(line: &str) -> String {
    if line.is_empty() {
        String::new()
    } else {
        format!("{:INDENT$}{line}", "")
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}
