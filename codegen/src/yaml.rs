//! Parses YAML text into a tree of nodes with positions.
//!
//! The only module that uses the YAML library. The library resolves plain scalars and drops their text
//! (`012` becomes 12.0), so the text is sliced from the source by its position: a scalar stays text until
//! a reader parses it.

use std::fmt;
use std::panic::catch_unwind;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::{Location, MergeKeyPolicy, NonFiniteFloatPolicy, Options, Spanned};

use crate::model::Origin;
use crate::parallel;

/// A value and its position.
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
pub(crate) struct Node {
    pub value: Value,
    pub origin: Origin,
}

impl Node {
    /// Sets the file index of every position in the tree.
    pub(crate) fn set_file(&mut self, file: usize) {
        self.origin.file = file;
        match &mut self.value {
            Value::Null | Value::Text(_) | Value::Literal(_) => {}
            Value::List(items) => items.iter_mut().for_each(|item| item.set_file(file)),
            Value::Map(entries) => {
                for (key, value) in entries {
                    key.origin.file = file;
                    value.set_file(file);
                }
            }
        }
    }
}

/// The value of a node.
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
pub(crate) enum Value {
    /// Empty, `~` or `null`.
    Null,
    /// Text, quoted or not.
    Text(String),
    /// A plain scalar that YAML resolves to a number or a boolean, as written.
    Literal(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in file order, without duplicate keys.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
pub(crate) struct Key {
    pub text: String,
    pub origin: Origin,
}

/// A syntax error, or YAML that the spec does not allow.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub message: String,
    pub origin: Origin,
}

/// Deeper nesting is rejected.
const MAX_DEPTH: usize = 64;

/// Parses the text of the file with index `file` on a separate thread: the caller's stack may be too small for the
/// library.
pub(crate) fn parse(file: usize, text: &str) -> Result<Node, SyntaxError> {
    let mut results = parallel::map(&[text], |text| parse_on_this_thread(file, text));
    results
        .pop()
        .unwrap_or_else(|| Err(file_error(file, "the parser returned no result")))
}

/// Parses the text of the file with index `file` on the current thread, which [`parallel::map`] has started.
///
/// A panic of the library becomes an error of this file.
pub(crate) fn parse_on_this_thread(file: usize, text: &str) -> Result<Node, SyntaxError> {
    catch_unwind(|| parse_tree(file, text)).unwrap_or_else(|_| Err(file_error(file, "the YAML library panicked")))
}

fn parse_tree(file: usize, text: &str) -> Result<Node, SyntaxError> {
    let mapper = PositionMapper { file, text };
    let error = match serde_yaml::from_str_with_options::<Spanned<Tree>>(text, parser_options()) {
        Ok(tree) => return Ok(mapper.node(tree)),
        Err(error) => error,
    };
    let error = error.without_snippet();
    let file_error = file_error(file, &format_message(error));
    Err(match error.location() {
        Some(location) => SyntaxError {
            origin: mapper.origin(&location),
            ..file_error
        },
        None => file_error,
    })
}

/// An error about a file as a whole.
fn file_error(file: usize, message: &str) -> SyntaxError {
    SyntaxError {
        message: message.to_owned(),
        origin: Origin {
            file,
            line: 1,
            column: 1,
            ..Origin::default()
        },
    }
}

/// Rejects what is ambiguous or expands: anchors and aliases (types are shared by name), merge keys, custom tags and
/// several documents.
fn parser_options() -> Options {
    serde_yaml::options! {
        strict_booleans: true,
        reject_unsupported_tags: true,
        merge_keys: MergeKeyPolicy::Error,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
        budget: serde_yaml::budget! {
            max_aliases: 0,
            max_anchors: 0,
            max_depth: MAX_DEPTH,
            max_documents: 1,
        },
    }
}

/// Returns the library's message without its position (a finding has its own) and without its advice to programmers.
fn format_message(error: &serde_yaml::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    if text.contains("Anchors {") || text.contains("anchor") {
        return "anchors and aliases are not allowed: share a type by name".to_owned();
    }
    if text.contains("Documents {") {
        return "several YAML documents in one file: write one document".to_owned();
    }
    if text.contains("Depth {") || text.contains("recursion limit") {
        return format!("nesting exceeds {MAX_DEPTH} levels");
    }
    if text.contains("cannot deserialize null into string") || text == "expected string scalar" {
        return "a key must be a string".to_owned();
    }
    text.split(", set ").next().unwrap_or(text).to_owned()
}

/// Converts the library's positions to [`Origin`]s.
struct PositionMapper<'t> {
    file: usize,
    text: &'t str,
}

impl PositionMapper<'_> {
    fn node(&self, tree: Spanned<Tree>) -> Node {
        let origin = self.origin(&tree.referenced);
        let value = match tree.value {
            Tree::Null => Value::Null,
            Tree::Text(text) => Value::Text(text),
            Tree::Plain => Value::Literal(self.slice(origin).to_owned()),
            Tree::List(items) => Value::List(items.into_iter().map(|item| self.node(item)).collect()),
            Tree::Map(entries) => Value::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| (self.key(key), self.node(value)))
                    .collect(),
            ),
        };
        Node { value, origin }
    }

    fn key(&self, key: Spanned<String>) -> Key {
        Key {
            origin: self.origin(&key.referenced),
            text: key.value,
        }
    }

    fn origin(&self, location: &Location) -> Origin {
        let line = u32::try_from(location.line()).unwrap_or(1).max(1);
        let column = u32::try_from(location.column()).unwrap_or(1).max(1);
        let span = location.span();
        let (offset, length) = match (span.byte_offset(), span.byte_len()) {
            (Some(offset), Some(length)) => (offset as usize, length as usize),
            _ => (self.offset_of(line, column), 0),
        };
        Origin {
            file: self.file,
            line,
            column,
            offset,
            length,
        }
    }

    /// Returns the byte offset of a line and column; for errors without an offset.
    fn offset_of(&self, line: u32, column: u32) -> usize {
        let before: usize = self
            .text
            .split_inclusive('\n')
            .take(line as usize - 1)
            .map(str::len)
            .sum();
        let rest = self.text.get(before..).unwrap_or_default();
        let within: usize = rest.chars().take(column as usize - 1).map(char::len_utf8).sum();
        before + within
    }

    fn slice(&self, origin: Origin) -> &str {
        self.text
            .get(origin.offset..origin.offset + origin.length)
            .unwrap_or_default()
    }
}

/// The tree that the library deserializes; plain scalars lack their text.
enum Tree {
    Null,
    Text(String),
    Plain,
    List(Vec<Spanned<Tree>>),
    Map(Vec<(Spanned<String>, Spanned<Tree>)>),
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Tree, E> {
        Ok(Tree::Plain)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Tree, E> {
        Ok(Tree::Plain)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Tree, E> {
        Ok(Tree::Plain)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Tree, E> {
        Ok(Tree::Plain)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Tree, E> {
        Ok(Tree::Plain)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
        Ok(Tree::Plain)
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut mapping: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = mapping.next_entry()? {
            entries.push(entry);
        }
        Ok(Tree::Map(entries))
    }
}
