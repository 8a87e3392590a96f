//! Reads scalars, lists and mappings, and examples and defaults as values of their field's type. The module `check` checks
//! their bounds and enum values.

use serde_json::{Map, Number, Value as Json};

use super::{Literal, MAX_SUGGESTIONS, Reader, Shape};
use crate::characters::{is_deceptive, quote};
use crate::model::{Bounds, Origin, Type};
use crate::yaml::{Key, Node, Value};
use crate::{finding, names};

/// A mapping whose keys have been checked.
pub(super) struct Entries<'n> {
    entries: &'n [(Key, Node)],
    pub origin: Origin,
}

impl<'n> Entries<'n> {
    /// Returns the value of a key; `None` if the key is missing or has no value.
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// Returns whether a key is present, with or without a value.
    fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(other, _)| other.text == key)
    }

    /// Returns the position of a key, or of the mapping if the key is missing.
    pub fn origin_of(&self, key: &str) -> Origin {
        self.entry(key).map_or(self.origin, |(key, _)| key.origin)
    }

    /// Returns every key with its position.
    pub fn key_origins(&self) -> Vec<(String, Origin)> {
        let keys = self.entries.iter().map(|(key, _)| key);
        keys.map(|key| (key.text.clone(), key.origin)).collect()
    }

    fn entry(&self, key: &str) -> Option<&'n (Key, Node)> {
        self.entries
            .iter()
            .find(|(other, node)| other.text == key && !matches!(node.value, Value::Null))
    }
}

impl Reader<'_> {
    /// Reads a mapping and reports keys other than `known` and keys without a value.
    pub(super) fn expect_known_keys<'n>(&mut self, node: &'n Node, known: &[&str]) -> Option<Entries<'n>> {
        let entries = self.expect_mapping(node)?;
        for (key, value) in entries {
            if !known.contains(&key.text.as_str()) {
                let help = suggest_nearest(&key.text, known, || format!("expected one of {}", known.join(", ")));
                let message = format!("unknown key {}", quote(&key.text));
                self.report_with_help(finding::UNKNOWN_KEY, key.origin, message, help);
            } else if matches!(value.value, Value::Null) {
                let message = format!("{} has no value", quote(&key.text));
                self.report_with_help(
                    finding::EMPTY_VALUE,
                    key.origin,
                    message,
                    "add a value or remove the key",
                );
            }
        }
        Some(Entries {
            entries,
            origin: node.origin,
        })
    }

    /// Reads a mapping whose keys are data.
    pub(super) fn expect_mapping<'n>(&mut self, node: &'n Node) -> Option<&'n [(Key, Node)]> {
        match &node.value {
            Value::Map(entries) => Some(entries),
            _ => self.report_mismatch(node, "a mapping"),
        }
    }

    /// Reads a list.
    pub(super) fn expect_list<'n>(&mut self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.value {
            Value::List(items) => Some(items),
            _ => self.report_mismatch(node, "a list"),
        }
    }

    /// Reads the value of an optional key.
    pub(super) fn read_optional<T>(
        &mut self,
        entries: &Entries<'_>,
        key: &str,
        read: impl FnOnce(&mut Self, &Node) -> Option<T>,
    ) -> Option<T> {
        let node = entries.get(key)?;
        self.at_key(key, |reader| read(reader, node))
    }

    /// Reads an optional list; empty if it is missing.
    pub(super) fn read_list<T>(
        &mut self,
        entries: &Entries<'_>,
        key: &str,
        read: impl FnOnce(&mut Self, &Node) -> Option<Vec<T>>,
    ) -> Vec<T> {
        self.read_optional(entries, key, read).unwrap_or_default()
    }

    /// Reads the value of a required key. A key without a value has been reported already.
    pub(super) fn read_required_key<T>(
        &mut self,
        entries: &Entries<'_>,
        key: &str,
        read: impl FnOnce(&mut Self, &Node) -> Option<T>,
    ) -> Option<T> {
        if !entries.has(key) {
            let message = format!("`{key}` is missing");
            self.report(finding::MISSING_KEY, entries.origin, message);
        }
        self.read_optional(entries, key, read)
    }

    /// Reads each item of a list.
    pub(super) fn read_each<T>(
        &mut self,
        node: &Node,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.expect_list(node)?;
        Some(items.iter().filter_map(|item| read(self, item)).collect())
    }

    /// Reads text that is sent or compared: one line, unchanged.
    pub(super) fn read_text(&mut self, node: &Node) -> Option<String> {
        let text = match &node.value {
            Value::Text(text) | Value::Literal(text) => text,
            _ => return self.report_mismatch(node, "text"),
        };
        // Reported after parsing.
        if text.contains(is_deceptive) {
            return None;
        }
        if let Some(c) = text.chars().find(|c| c.is_control()) {
            let message = format!("{} contains the character U+{:04X}", quote(text), u32::from(c));
            self.report(finding::FORBIDDEN_CHARACTER, node.origin, message);
            return None;
        }
        if text.trim().is_empty() {
            self.report(finding::EMPTY_VALUE, node.origin, "the text is empty");
            return None;
        }
        Some(text.clone())
    }

    /// Reads prose; collapses white space.
    pub(super) fn read_line(&mut self, node: &Node) -> Option<String> {
        let (Value::Text(text) | Value::Literal(text)) = &node.value else {
            return self.report_mismatch(node, "text");
        };
        let text = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        self.read_text(&Node {
            value: Value::Text(text),
            origin: node.origin,
        })
    }

    /// Reads text that `fits`; reports a violation of `rule` otherwise.
    pub(super) fn read_pattern(
        &mut self,
        node: &Node,
        rule: &'static str,
        expected: &str,
        fits: fn(&str) -> bool,
    ) -> Option<String> {
        let text = self.read_text(node)?;
        if fits(&text) {
            return Some(text);
        }
        self.report(
            rule,
            node.origin,
            format!("expected {expected}, found {}", quote(&text)),
        );
        None
    }

    /// Reads one of the given words.
    pub(super) fn read_word<T: Copy>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let text = self.read_text(node)?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*meaning);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("unknown value {}: expected one of {}", quote(&text), names.join(", "));
        self.report(finding::UNKNOWN_WORD, node.origin, message);
        None
    }

    /// Reads `true` or `false`.
    pub(super) fn read_flag(&mut self, node: &Node) -> Option<bool> {
        match &node.value {
            Value::Literal(text) if text == "true" => Some(true),
            Value::Literal(text) if text == "false" => Some(false),
            _ => self.report_mismatch(node, "`true` or `false`"),
        }
    }

    /// Reads a decimal integer.
    pub(super) fn read_integer(&mut self, node: &Node) -> Option<i64> {
        match parse_integer(&node.value) {
            Some(number) => Some(number),
            None => self.report_mismatch(node, "a decimal integer of at most 64 bits"),
        }
    }

    /// Reads an integer that fits into `T`, such as a count.
    pub(super) fn read_count<T: TryFrom<i64>>(&mut self, node: &Node) -> Option<T> {
        let number = self.read_integer(node)?;
        match T::try_from(number) {
            Ok(number) => Some(number),
            Err(_) => self.report_mismatch(node, "a non-negative integer in range"),
        }
    }

    /// Reads a decimal number.
    pub(super) fn read_number(&mut self, node: &Node) -> Option<f64> {
        match parse_number(&node.value) {
            Some(number) => Some(number),
            None => self.report_mismatch(node, "a decimal number"),
        }
    }

    /// Reports that a node is not what `expected` describes.
    pub(super) fn report_mismatch<T>(&mut self, node: &Node, expected: &str) -> Option<T> {
        let seen = match &node.value {
            Value::Null => "nothing".to_owned(),
            Value::Text(text) => format!("the text {}", quote(text)),
            Value::Literal(text) => quote(text),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a mapping".to_owned(),
        };
        let message = format!("expected {expected}, found {seen}");
        self.report(finding::WRONG_VALUE, node.origin, message);
        None
    }
}

/// Returns the value of `key` if `node` is a mapping that contains it.
pub(super) fn child<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    match &node.value {
        Value::Map(entries) => entries
            .iter()
            .find(|(other, _)| other.text == key)
            .map(|(_, value)| value),
        _ => None,
    }
}

/// Parses a plain scalar as a decimal integer without leading zeros.
pub(super) fn parse_integer(value: &Value) -> Option<i64> {
    let Value::Literal(text) = value else {
        return None;
    };
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = digits == "0" || !digits.starts_with('0');
    (canonical && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// Parses a plain scalar as a decimal number.
pub(super) fn parse_number(value: &Value) -> Option<f64> {
    let Value::Literal(text) = value else {
        return None;
    };
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.split(['.', 'e', 'E']).next().unwrap_or_default();
    let canonical = whole == "0" || whole.starts_with(|c: char| ('1'..='9').contains(&c));
    canonical
        .then(|| text.parse().ok().filter(|number: &f64| number.is_finite()))
        .flatten()
}

/// Returns `did you mean ...?` with the nearest of `known`, or else `otherwise`. Does not search more than
/// [`MAX_SUGGESTIONS`] candidates.
pub(super) fn suggest_nearest(text: &str, known: &[&str], otherwise: impl FnOnce() -> String) -> String {
    let nearest = (known.len() <= MAX_SUGGESTIONS).then(|| names::nearest(text, known.iter().copied()));
    nearest
        .flatten()
        .map_or_else(otherwise, |near| format!("did you mean `{near}`?"))
}

impl Reader<'_> {
    /// Reads the value of `key` as a value of type `ty` and records it for the checks.
    pub(super) fn read_literal_key(
        &mut self,
        entries: &Entries<'_>,
        key: &str,
        ty: &Type,
        bounds: Bounds,
    ) -> Option<Json> {
        let node = entries.get(key)?;
        self.at_key(key, |reader| {
            let value = reader.read_literal(node, ty)?;
            let subject = reader.format_subject();
            reader.literals.push(Literal {
                value: value.clone(),
                ty: ty.clone(),
                bounds,
                origin: node.origin,
                subject,
            });
            Some(value)
        })
    }

    fn read_literal(&mut self, node: &Node, ty: &Type) -> Option<Json> {
        match ty {
            Type::String => self.read_literal_text(node),
            Type::Int => self.read_integer(node).map(Json::from),
            Type::Float => self.read_number(node).map(Json::from),
            Type::Bool => self.read_flag(node).map(Json::from),
            Type::Any => self.read_untyped_literal(node),
            Type::File => {
                self.report(
                    finding::KEY_NOT_APPLICABLE,
                    node.origin,
                    "a file cannot have an example or a default",
                );
                None
            }
            Type::List(item) => {
                let items = self.expect_list(node)?;
                items.iter().map(|node| self.read_literal(node, item)).collect()
            }
            Type::Map(value) => {
                let entries = self.expect_mapping(node)?;
                let values = entries
                    .iter()
                    .map(|(key, node)| Some((key.text.clone(), self.read_literal(node, value)?)));
                Some(Json::Object(values.collect::<Option<Map<_, _>>>()?))
            }
            Type::Named(id) => match self.types.shape(*id) {
                Shape::StringEnum => self.read_literal_text(node),
                Shape::IntEnum => self.read_integer(node).map(Json::from),
                Shape::Object => {
                    self.expect_mapping(node)?;
                    self.read_untyped_literal(node)
                }
            },
        }
    }

    /// Reads text that may be empty: some fields default to it.
    fn read_literal_text(&mut self, node: &Node) -> Option<Json> {
        match &node.value {
            Value::Text(text) if text.is_empty() => Some(Json::from("")),
            Value::Text(text) if text.contains('\n') => {
                let lines = text.lines().map(|line| self.check_text_line(line, node.origin));
                lines.collect::<Option<Vec<()>>>()?;
                Some(Json::from(text.as_str()))
            }
            _ => self.read_text(node).map(Json::from),
        }
    }

    fn check_text_line(&mut self, line: &str, origin: Origin) -> Option<()> {
        let value = Value::Text(format!("{line}."));
        self.read_text(&Node { value, origin }).map(drop)
    }

    /// Reads the value of a fixed field by the type of its YAML scalar: a text, an integer or a boolean.
    pub(super) fn read_fixed_value(&mut self, node: &Node) -> Option<Json> {
        let text = self.read_text(node)?;
        match &node.value {
            Value::Literal(_) => match (text.as_str(), parse_integer(&node.value)) {
                ("true", _) => Some(Json::Bool(true)),
                ("false", _) => Some(Json::Bool(false)),
                (_, Some(number)) => Some(Json::from(number)),
                _ if parse_number(&node.value).is_none() => Some(Json::from(text)),
                _ => self.report_mismatch(node, "a text, an integer, `true` or `false`"),
            },
            _ => Some(Json::from(text)),
        }
    }

    /// Reads a value without a declared type by the type of its YAML scalar.
    fn read_untyped_literal(&mut self, node: &Node) -> Option<Json> {
        match &node.value {
            Value::Null => Some(Json::Null),
            Value::Text(_) => self.read_literal_text(node),
            Value::Literal(text) => Some(parse_untyped_scalar(&node.value, text)),
            Value::List(items) => items.iter().map(|item| self.read_untyped_literal(item)).collect(),
            Value::Map(entries) => {
                let values = entries
                    .iter()
                    .map(|(key, node)| Some((key.text.clone(), self.read_untyped_literal(node)?)));
                Some(Json::Object(values.collect::<Option<Map<_, _>>>()?))
            }
        }
    }
}

fn parse_untyped_scalar(value: &Value, text: &str) -> Json {
    let number = parse_integer(value)
        .map(Number::from)
        .or_else(|| parse_number(value).and_then(Number::from_f64));
    match (text, number) {
        ("true", _) => Json::Bool(true),
        ("false", _) => Json::Bool(false),
        (_, Some(number)) => Json::Number(number),
        (_, None) => Json::from(text),
    }
}
