//! Formats spec files: `spec fmt`.
//!
//! A file is printed from its parsed tree and then compared with the original: values, comments and the resulting API
//! must be equal, otherwise the file is left unchanged.

mod edit;
mod error_names;
mod key_order;
mod merge;
mod print;
mod tree;

pub(crate) use edit::{Definition, Editor};
pub use error_names::ErrorNames;
pub(crate) use error_names::FILE_NAME as ERRORS_FILE;
pub(crate) use merge::merge_texts;

use std::collections::HashMap;

use serde_json::Value as Json;

use crate::finding;
use crate::format::Form;
use crate::model::Origin;
use crate::read::Reader;
use crate::yaml::{self, Node, Value};
use crate::{Findings, Source, export, load, schema};
use key_order::ROOT;

/// The maximum number of passes until the layout is stable; two are enough for known files.
const MAX_PASSES: usize = 4;

/// Why a file was not formatted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// The file is not valid YAML.
    #[error("{0}")]
    Findings(Findings),
    /// The formatted text would differ in content.
    #[error("{path}: not formatted: {reason}: report this file as a bug")]
    Unsure {
        /// The file.
        path: String,
        /// The difference.
        reason: &'static str,
    },
}

/// Returns a spec file in its canonical layout. `path` is `spec/<project>/<version>/<resource>.yaml`.
///
/// # Errors
///
/// If the file is not valid YAML, or if its content would change.
pub fn layout(path: &str, bytes: &[u8]) -> Result<String, LayoutError> {
    layout_with_names(path, bytes, &ErrorNames::default())
}

/// Returns a spec file in its canonical layout, with the names of the error codes that its endpoints list as comments.
///
/// # Errors
///
/// As [`layout`].
pub fn layout_with_names(path: &str, bytes: &[u8], names: &ErrorNames) -> Result<String, LayoutError> {
    let (before, tree) = parse_file(path, bytes)?;
    let unsure = |reason| LayoutError::Unsure {
        path: path.to_owned(),
        reason,
    };
    let mut text = with_schema_comment(path, &before);
    for _ in 0..MAX_PASSES {
        let next = print_once(&text, names).ok_or_else(|| unsure("a comment has no place"))?;
        if next == text {
            compare_content(path, (&before, &tree), &text).map_err(unsure)?;
            return Ok(text);
        }
        text = next;
    }
    Err(unsure("the layout is not stable"))
}

/// Returns a text as a YAML scalar on one line, quoted where necessary.
pub(crate) fn scalar(text: &str) -> String {
    let scalar = tree::Scalar {
        text: text.to_owned(),
        style: granit_parser::ScalarStyle::DoubleQuoted,
    };
    print::scalar_line(&scalar, print::Context::Block)
}

fn print_once(text: &str, names: &ErrorNames) -> Option<String> {
    let mut document = tree::parse_document(text)?;
    error_names::write_comments(&mut document, names);
    Some(print::print_document(&document))
}

/// Parses a file. Returns its text, without byte order mark and carriage returns, and its tree.
fn parse_file(path: &str, bytes: &[u8]) -> Result<(String, Node), LayoutError> {
    let paths = [path];
    let mut reader = Reader::new(&paths);
    let start = Origin {
        line: 1,
        column: 1,
        ..Origin::default()
    };
    if let Some(text) = crate::read::check_text(&mut reader, start, bytes) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        match yaml::parse(0, &text) {
            Ok(tree) => return Ok((text, tree)),
            Err(error) => reader.report(finding::YAML_SYNTAX, error.origin, error.message),
        }
    }
    Err(LayoutError::Findings(Findings::new(reader.findings)))
}

/// Inserts the schema comment as the first line, or corrects the relative path in an existing one. A schema URL is not
/// changed.
fn with_schema_comment(path: &str, text: &str) -> String {
    let editor_line = schema::editor_line(path);
    match leading_comments(text).find(|line| schema_in_comment(line).is_some()) {
        None => format!("{editor_line}\n{text}"),
        Some(line) => text.replacen(line, &corrected_schema_comment(line, editor_line), 1),
    }
}

/// Corrects the relative path of the schema in a comment. Other comments are returned unchanged.
fn corrected_schema_comment(comment: &str, editor_line: &str) -> String {
    let (_, right) = editor_line.split_once('=').unwrap_or_default();
    match schema_in_comment(comment) {
        Some(name) if is_relative(name) => comment.replacen(&format!("={name}"), &format!("={right}"), 1),
        _ => comment.to_owned(),
    }
}

fn leading_comments(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines();
    lines.take_while(|line| line.trim().is_empty() || line.starts_with('#'))
}

/// Returns the schema that a `yaml-language-server` comment refers to.
fn schema_in_comment(comment: &str) -> Option<&str> {
    let text = comment.strip_prefix('#')?.trim_start();
    let text = text.strip_prefix("yaml-language-server")?.trim_start();
    let (_, name) = text.strip_prefix(':')?.split_once("$schema=")?;
    name.split_whitespace().next()
}

fn is_relative(name: &str) -> bool {
    !name.contains("://") && !name.starts_with('/')
}

/// Compares the content of the formatted text with the original. The error is the difference.
fn compare_content(path: &str, (old, old_tree): (&str, &Node), new: &str) -> Result<(), &'static str> {
    let new_tree = yaml::parse(0, new).map_err(|_| "the formatted text is not valid YAML")?;
    if !is_same_node(old_tree, &new_tree, Some(&ROOT)) {
        return Err("a value would change");
    }
    let editor_line = schema::editor_line(path);
    if sorted_comments(old, editor_line) != sorted_comments(new, editor_line) {
        return Err("a comment would change");
    }
    if load_alone(path, old) != load_alone(path, new) {
        return Err("the API would change");
    }
    Ok(())
}

/// Returns all comments except the schema comment and the names of error codes, sorted, since they may move with their keys.
fn sorted_comments(text: &str, editor_line: &str) -> Option<Vec<String>> {
    let mut document = tree::parse_document(text)?;
    error_names::remove_comments(&mut document);
    let of_entries = document
        .comments
        .into_iter()
        .flat_map(|comments| comments.above.into_iter().chain(comments.right).chain(comments.below));
    let mut all: Vec<String> = document.header.into_iter().chain(of_entries).collect();
    all.iter_mut()
        .for_each(|comment| *comment = corrected_schema_comment(comment, editor_line));
    all.retain(|comment| comment != editor_line);
    all.sort_unstable();
    Some(all)
}

/// Whether values are equal. Only the keys of the format may be in a different order.
fn is_same_node(old: &Node, new: &Node, form: Option<&'static Form>) -> bool {
    match (&old.value, &new.value) {
        (Value::Null, Value::Null) => true,
        (Value::Text(old), Value::Text(new)) | (Value::Literal(old), Value::Literal(new)) => old == new,
        (Value::List(old), Value::List(new)) => {
            old.len() == new.len()
                && old
                    .iter()
                    .zip(new)
                    .all(|(old, new)| is_same_node(old, new, form_of(form, "")))
        }
        (Value::Map(old), Value::Map(new)) if old.len() == new.len() => {
            let may_move = matches!(form, Some(Form::Mapping(_) | Form::OneOf(_)));
            let movable = if may_move { new.as_slice() } else { &[] };
            let by_key: HashMap<&str, &Node> = movable.iter().map(|(key, node)| (key.text.as_str(), node)).collect();
            old.iter().zip(new).all(|((key, old), (other, at_same_place))| {
                let new = if may_move {
                    by_key.get(key.text.as_str()).copied()
                } else {
                    Some(at_same_place).filter(|_| other.text == key.text)
                };
                new.is_some_and(|new| is_same_node(old, new, form_of(form, &key.text)))
            })
        }
        _ => false,
    }
}

fn form_of(form: Option<&'static Form>, key: &str) -> Option<&'static Form> {
    match form? {
        Form::Mapping(mapping) => mapping.form(key),
        Form::Named(_, inner) | Form::List(inner) | Form::Set(inner) => Some(inner),
        Form::OneOf(forms) => forms.iter().find_map(|form| form_of(Some(form), key)),
        _ => None,
    }
}

/// Loads the file on its own. Returns the API without line numbers, or the rules with findings.
fn load_alone(path: &str, text: &str) -> Result<Json, Vec<&'static str>> {
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
