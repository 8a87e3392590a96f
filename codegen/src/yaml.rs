//! YAML text to a tree of nodes that know where they stand.
//!
//! The one place that knows the YAML library. It resolves the type of a plain scalar and forgets the
//! text (`012` becomes 12.0), so the text is taken from the source again by its position: here nothing
//! is a number until a reader asks for one.

use std::fmt;
use std::panic::catch_unwind;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::{Location, MergeKeyPolicy, NonFiniteFloatPolicy, Options, Spanned};

use crate::model::Origin;
use crate::parallel;

/// A value and where it stands.
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
pub(crate) struct Node {
    pub value: Value,
    pub origin: Origin,
}

impl Node {
    /// Says of the whole tree that it stands in the file with index `file`.
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

/// What a node holds.
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
pub(crate) enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// Text, quoted or not.
    Text(String),
    /// A plain scalar that YAML takes for a number or a boolean, as it is written.
    Literal(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in the order of the file, without duplicates.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
pub(crate) struct Key {
    pub text: String,
    pub origin: Origin,
}

/// Why a text is no YAML that the spec allows.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub message: String,
    pub origin: Origin,
}

/// Deeper nesting is refused.
const MAX_DEPTH: usize = 64;

/// Parses the text of the file with index `file`, on a thread of its own: the caller's stack may be too small for the
/// library.
pub(crate) fn parse(file: usize, text: &str) -> Result<Node, SyntaxError> {
    let mut results = parallel::map(&[text], |text| parse_here(file, text));
    results.pop().unwrap_or_else(|| Err(failure(file, "it was not parsed")))
}

/// Parses the text of the file with index `file`; for work that [`parallel::map`] does.
///
/// Should the library ever panic on a text, that is a fault of one file and no end of the run.
pub(crate) fn parse_here(file: usize, text: &str) -> Result<Node, SyntaxError> {
    catch_unwind(|| tree(file, text)).unwrap_or_else(|_| Err(failure(file, "the YAML library cannot cope with it")))
}

fn tree(file: usize, text: &str) -> Result<Node, SyntaxError> {
    let places = Places { file, text };
    let error = match serde_yaml::from_str_with_options::<Spanned<Tree>>(text, options()) {
        Ok(tree) => return Ok(places.node(tree)),
        Err(error) => error,
    };
    let error = error.without_snippet();
    let failure = failure(file, &message(error));
    Err(match error.location() {
        Some(location) => SyntaxError {
            origin: places.origin(&location),
            ..failure
        },
        None => failure,
    })
}

/// A failure of a file as a whole.
fn failure(file: usize, message: &str) -> SyntaxError {
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

/// Nothing that lets one text mean two things, and nothing that grows: no anchors and aliases (types
/// are shared by name), no merge keys, no tags of one's own, one document.
fn options() -> Options {
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

/// The library's message, without the position (a finding has its own) and its advice to programmers.
fn message(error: &serde_yaml::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    if text.contains("Anchors {") || text.contains("anchor") {
        return "anchors and aliases are not allowed: share a type by its name".to_owned();
    }
    if text.contains("Documents {") {
        return "a file holds one YAML document".to_owned();
    }
    if text.contains("Depth {") || text.contains("recursion limit") {
        return format!("the text is nested deeper than {MAX_DEPTH} levels");
    }
    if text.contains("cannot deserialize null into string") || text == "expected string scalar" {
        return "a key must be text".to_owned();
    }
    text.split(", set ").next().unwrap_or(text).to_owned()
}

/// Turns the library's positions into ours.
struct Places<'t> {
    file: usize,
    text: &'t str,
}

impl Places<'_> {
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

    /// Byte offset of a line and column, where the library gives no offset.
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

/// What the library gives: plain scalars have lost their text.
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
