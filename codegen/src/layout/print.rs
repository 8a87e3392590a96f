//! Prints a tree in the canonical layout: one line where it fits, else block style.

use granit_parser::ScalarStyle;

use super::key_order::{ROOT, order_entries, select_form};
use super::tree::{Document, Entry, Node, Scalar};
use crate::characters::is_hidden;
use crate::format::Form;

/// The width in characters up to which a value is on one line.
const MAX_WIDTH: usize = 120;

const INDENT: usize = 2;

/// Returns the text of a file.
pub(super) fn print_document(document: &Document) -> String {
    let form = select_form(Some(&ROOT), &document.root);
    let mut lines = document.header.clone();
    lines.extend(value_lines(document, &document.root, form, 0));
    let mut text = lines.join("\n");
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Returns the lines of a value below its key, without indentation.
fn value_lines(document: &Document, node: &Node, form: Option<&'static Form>, indent: usize) -> Vec<String> {
    match node {
        Node::Scalar(scalar) => vec![scalar_line(scalar, Context::Block)],
        Node::List(entries) if !entries.is_empty() => list_lines(document, entries, form, indent),
        Node::Map(entries) if !entries.is_empty() => map_lines(document, entries, form, indent),
        Node::List(_) => vec!["[]".to_owned()],
        Node::Map(_) => vec!["{}".to_owned()],
    }
}

fn map_lines(document: &Document, entries: &[Entry], form: Option<&'static Form>, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut after_large = false;
    for (entry, inner) in order_entries(form, entries) {
        let comments = &document.comments[entry.id];

        let large = is_large(form, entry);
        if (large || after_large) && !lines.is_empty() {
            lines.push(String::new());
        }
        after_large = large;
        lines.extend_from_slice(&comments.above);
        lines.extend(key_lines(document, entry, inner, indent));
        lines.extend_from_slice(&comments.below);
    }
    lines
}

/// Whether an entry has empty lines around it: endpoints, types, and the sections of a file.
fn is_large(form: Option<&'static Form>, entry: &Entry) -> bool {
    let filled = matches!(&entry.value, Node::Map(entries) if !entries.is_empty());
    filled
        && match form {
            Some(Form::Mapping(mapping)) => mapping.name == "file",
            Some(Form::Named(_, Form::Mapping(mapping))) => !mapping.short,
            _ => false,
        }
}

/// Returns the lines of a key with its value.
fn key_lines(document: &Document, entry: &Entry, form: Option<&'static Form>, indent: usize) -> Vec<String> {
    let key = entry
        .key
        .as_ref()
        .map(|key| scalar_line(key, Context::Flow))
        .unwrap_or_default();
    let right = document.comments[entry.id].right.as_deref();
    let head = format!("{key}:");
    if let Some(value) = value_on_key_line(document, &entry.value, form, indent + width(&head) + 1) {
        let space = if value.is_empty() { "" } else { " " };
        return vec![with_comment(format!("{head}{space}{value}"), right)];
    }
    let (mark, body) = value_below_key(document, &entry.value, form, indent + INDENT);
    let mut lines = vec![with_comment(format!("{head}{mark}"), right)];
    lines.extend(body.iter().map(|line| indent_line(line)));
    lines
}

fn list_lines(document: &Document, entries: &[Entry], form: Option<&'static Form>, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (entry, inner) in order_entries(form, entries) {
        let comments = &document.comments[entry.id];
        lines.extend_from_slice(&comments.above);
        lines.extend(item_lines(document, entry, inner, indent));
        lines.extend_from_slice(&comments.below);
    }
    lines
}

/// Returns the lines of a list item; the first key of a mapping is in the line of the dash.
fn item_lines(document: &Document, entry: &Entry, form: Option<&'static Form>, indent: usize) -> Vec<String> {
    let right = document.comments[entry.id].right.as_deref();
    if let Some(value) = value_on_key_line(document, &entry.value, form, indent + INDENT) {
        return vec![with_comment(format!("- {value}").trim_end().to_owned(), right)];
    }
    let (mark, body) = value_below_key(document, &entry.value, form, indent + INDENT);
    if !mark.is_empty() {
        let mut lines = vec![with_comment(format!("-{mark}"), right)];
        lines.extend(body.iter().map(|line| indent_line(line)));
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
            indent_line(line)
        });
    }
    lines
}

/// Returns a value that fits on the line of its key, starting in the column `from`.
fn value_on_key_line(document: &Document, node: &Node, form: Option<&'static Form>, from: usize) -> Option<String> {
    if let Node::Scalar(scalar) = node {
        return block_scalar(scalar)
            .is_none()
            .then(|| scalar_line(scalar, Context::Block));
    }
    one_line(document, node, form).filter(|value| from + width(value) <= MAX_WIDTH)
}

/// Returns the block marker on the line of the key, and the lines below it.
fn value_below_key(
    document: &Document,
    node: &Node,
    form: Option<&'static Form>,
    indent: usize,
) -> (String, Vec<String>) {
    if let Node::Scalar(scalar) = node
        && let Some((mark, lines)) = block_scalar(scalar)
    {
        return (format!(" {mark}"), lines.into_iter().map(str::to_owned).collect());
    }
    (String::new(), value_lines(document, node, form, indent))
}

fn with_comment(line: String, comment: Option<&str>) -> String {
    match comment {
        Some(comment) => format!("{line} {comment}"),
        None => line,
    }
}

fn indent_line(line: &str) -> String {
    if line.is_empty() {
        String::new()
    } else {
        format!("{:INDENT$}{line}", "")
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Returns a value on one line; `None` if it needs several lines.
fn one_line(document: &Document, node: &Node, form: Option<&'static Form>) -> Option<String> {
    match node {
        Node::Scalar(scalar) => {
            let text = scalar_line(scalar, Context::Flow);
            let single_line = block_scalar(scalar).is_none();
            // A string that needs quotes only inside brackets has its own line instead.
            (single_line && text == scalar_line(scalar, Context::Block) || text == "null").then_some(text)
        }
        Node::List(entries) if entries.is_empty() => Some("[]".to_owned()),
        Node::Map(entries) if entries.is_empty() => Some("{}".to_owned()),
        Node::List(entries) => list_on_line(document, entries, form),
        Node::Map(entries) => map_on_line(document, entries, form),
    }
}

fn list_on_line(document: &Document, entries: &[Entry], form: Option<&'static Form>) -> Option<String> {
    if matches!(form, Some(Form::List(Form::Line))) || has_comments(document, entries) {
        return None;
    }
    let items = order_entries(form, entries);
    let data = is_data(form);
    let items: Option<Vec<String>> = items
        .iter()
        .map(|(entry, form)| match entry.value {
            Node::Map(_) if !data => None,
            _ => one_line(document, &entry.value, *form),
        })
        .collect();
    Some(format!("[{}]", items?.join(", ")))
}

fn map_on_line(document: &Document, entries: &[Entry], form: Option<&'static Form>) -> Option<String> {
    let short = match form {
        Some(Form::Mapping(mapping)) => mapping.short,
        Some(Form::Named(_, Form::Text)) => true,
        form => is_data(form),
    };
    if !short || has_comments(document, entries) {
        return None;
    }
    let data = is_data(form);
    let entries: Option<Vec<String>> = order_entries(form, entries)
        .into_iter()
        .map(|(entry, form)| match &entry.value {
            Node::Map(inner) if !data && !inner.is_empty() && !is_data(form) => None,
            value => Some(format!(
                "{}: {}",
                scalar_line(entry.key.as_ref()?, Context::Flow),
                one_line(document, value, form)?
            )),
        })
        .collect();
    Some(format!("{{ {} }}", entries?.join(", ")))
}

/// Whether a value is an example or default, or a part of one.
fn is_data(form: Option<&'static Form>) -> bool {
    matches!(form, None | Some(Form::Any))
}

fn has_comments(document: &Document, entries: &[Entry]) -> bool {
    entries.iter().any(|entry| !document.comments[entry.id].is_empty())
}

/// The context of a scalar.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// After a key or a dash.
    Block,
    /// Inside brackets, or as a key.
    Flow,
}

/// Words that a YAML 1.1 or 1.2 parser does not read as strings.
const RESERVED_WORDS: &[&str] = &[
    "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf",
];

/// Returns a scalar on one line.
pub(super) fn scalar_line(scalar: &Scalar, place: Context) -> String {
    let text = &scalar.text;
    let plain = match scalar.style {
        // A plain scalar with an empty line contains a line break.
        ScalarStyle::Plain => !text.contains('\n') && (place == Context::Block || !text.contains(BRACKETS)),
        _ => is_safe_plain(text) && (place == Context::Block || !text.contains(BRACKETS)),
    };
    match (plain, scalar.style) {
        (true, ScalarStyle::Plain) if text.is_empty() && place == Context::Flow => "null".to_owned(),
        (true, _) => text.clone(),
        (false, _) => quote(text),
    }
}

const BRACKETS: [char; 5] = ['[', ']', '{', '}', ','];

/// Whether a quoted string can be a plain scalar and remains a string.
fn is_safe_plain(text: &str) -> bool {
    text.starts_with(char::is_alphabetic)
        && !text.ends_with(|c: char| c.is_whitespace() || c == ':')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.chars().any(is_hidden)
        && !RESERVED_WORDS.contains(&text.to_lowercase().as_str())
}

/// Quotes a string: in single quotes if double quotes would need escapes, else in double quotes.
fn quote(text: &str) -> String {
    let escapes = text.contains(['"', '\\']);
    let hidden = text.chars().any(is_hidden);
    if escapes && !hidden && !text.contains('\'') {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            _ if is_hidden(c) => quoted.push_str(&format!("\\U{:08X}", u32::from(c))),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Returns the marker and the lines of a block scalar; `None` if the string has to be quoted.
fn block_scalar(scalar: &Scalar) -> Option<(&'static str, Vec<&str>)> {
    let folded = matches!(scalar.style, ScalarStyle::Literal | ScalarStyle::Folded);
    let (mark, body) = match scalar.text.strip_suffix('\n') {
        Some(body) => ("|", body),
        None => ("|-", scalar.text.as_str()),
    };
    let lines: Vec<&str> = body.split('\n').collect();
    let several = lines.len() > 1 || mark == "|";
    let hidden = |c: char| c != '\n' && c != '\t' && is_hidden(c);
    let clean = !body.is_empty()
        && !body.starts_with(char::is_whitespace)
        && !body.ends_with('\n')
        && !body.contains(hidden)
        && lines.iter().all(|line| line.is_empty() || !line.trim().is_empty());
    (folded && several && clean).then_some((mark, lines))
}

#[cfg(test)]
mod tests {
    use super::{Context, Scalar, ScalarStyle, scalar_line};

    fn from_quotes(text: &str, place: Context) -> String {
        let scalar = Scalar {
            text: text.to_owned(),
            style: ScalarStyle::DoubleQuoted,
        };
        scalar_line(&scalar, place)
    }

    #[test]
    fn removes_unnecessary_quotes() {
        assert_eq!(
            from_quotes("drive:drive:readonly", Context::Flow),
            "drive:drive:readonly"
        );
        assert_eq!(from_quotes("It's fine.", Context::Block), "It's fine.");
    }

    #[test]
    fn keeps_necessary_quotes() {
        for text in [
            "", " a", "a ", "012", "true", "No", "~", "- a", "a: b", "a #b", "a:", "*a", "[string]", "#",
        ] {
            assert_eq!(from_quotes(text, Context::Block), format!("\"{text}\""));
        }
        assert_eq!(from_quotes("a, b", Context::Flow), "\"a, b\"");
        assert_eq!(from_quotes("a, b", Context::Block), "a, b");
    }

    #[test]
    fn prefers_single_quotes_to_escapes() {
        assert_eq!(from_quotes("\"a\"", Context::Block), "'\"a\"'");
        assert_eq!(from_quotes("\"'\"", Context::Block), "\"\\\"'\\\"\"");
        assert_eq!(from_quotes("\"\n", Context::Block), "\"\\\"\\n\"");
    }
}
