//! Scalars, lists and mappings, as every other reader needs them.

use super::reader::Reader;
use crate::characters::is_deceptive;
use crate::characters::quote;
use crate::finding;
use crate::model::Origin;
use crate::names;
use crate::yaml::{Key, Node, Value};

/// A mapping with known keys.
pub(super) struct Entries<'n> {
    entries: &'n [(Key, Node)],
    pub origin: Origin,
}

impl<'n> Entries<'n> {
    /// The value of a key that is there and has one.
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// Whether a key is there, with a value or without.
    fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(other, _)| other.text == key)
    }

    /// Where a key stands, or where the mapping begins.
    pub fn origin_of(&self, key: &str) -> Origin {
        self.entry(key).map_or(self.origin, |(key, _)| key.origin)
    }

    fn entry(&self, key: &str) -> Option<&'n (Key, Node)> {
        self.entries
            .iter()
            .find(|(other, node)| other.text == key && !matches!(node.value, Value::Null))
    }
}

impl Reader<'_> {
    /// A mapping whose keys are those of the format.
    pub(super) fn entries<'n>(&mut self, node: &'n Node, known: &[&str]) -> Option<Entries<'n>> {
        let entries = self.mapping(node)?;
        for (key, value) in entries {
            if !known.contains(&key.text.as_str()) {
                let help = suggest(&key.text, known, || format!("known here: {}", known.join(", ")));
                let message = format!("unknown key {}", quote(&key.text));
                self.report_with_help(finding::UNKNOWN_KEY, key.origin, message, help);
            } else if matches!(value.value, Value::Null) {
                let message = format!("{} has no value", quote(&key.text));
                self.report_with_help(finding::EMPTY_VALUE, key.origin, message, "give one or remove the key");
            }
        }
        Some(Entries {
            entries,
            origin: node.origin,
        })
    }

    /// A mapping whose keys are data.
    pub(super) fn mapping<'n>(&mut self, node: &'n Node) -> Option<&'n [(Key, Node)]> {
        match &node.value {
            Value::Map(entries) => Some(entries),
            _ => self.mismatch(node, "a mapping"),
        }
    }

    /// A sequence.
    pub(super) fn sequence<'n>(&mut self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.value {
            Value::List(items) => Some(items),
            _ => self.mismatch(node, "a list"),
        }
    }

    /// Reads the value of a key, where there is one.
    pub(super) fn optional<T>(
        &mut self,
        entries: &Entries<'_>,
        key: &str,
        read: impl FnOnce(&mut Self, &Node) -> Option<T>,
    ) -> Option<T> {
        let node = entries.get(key)?;
        self.inside(key, |reader| read(reader, node))
    }

    /// Reads a list that may be left out.
    pub(super) fn list<T>(
        &mut self,
        entries: &Entries<'_>,
        key: &str,
        read: impl FnOnce(&mut Self, &Node) -> Option<Vec<T>>,
    ) -> Vec<T> {
        self.optional(entries, key, read).unwrap_or_default()
    }

    /// Reads the value of a key that has to be there. One without a value has been reported already.
    pub(super) fn needed<T>(
        &mut self,
        entries: &Entries<'_>,
        key: &str,
        read: impl FnOnce(&mut Self, &Node) -> Option<T>,
    ) -> Option<T> {
        if !entries.has(key) {
            let message = format!("`{key}` is missing");
            self.report(finding::MISSING_KEY, entries.origin, message);
        }
        self.optional(entries, key, read)
    }

    /// Reads each item of a list.
    pub(super) fn each<T>(
        &mut self,
        node: &Node,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.sequence(node)?;
        Some(items.iter().filter_map(|item| read(self, item)).collect())
    }

    /// Text that goes over the wire or is compared with something: one line, as it stands.
    pub(super) fn text(&mut self, node: &Node) -> Option<String> {
        let text = match &node.value {
            Value::Text(text) | Value::Literal(text) => text,
            _ => return self.mismatch(node, "text"),
        };
        // Reported as soon as the file was parsed.
        if text.contains(is_deceptive) {
            return None;
        }
        if let Some(c) = text.chars().find(|c| c.is_control()) {
            let message = format!("{} holds the character U+{:04X}", quote(text), u32::from(c));
            self.report(finding::FORBIDDEN_CHARACTER, node.origin, message);
            return None;
        }
        if text.trim().is_empty() {
            self.report(finding::EMPTY_VALUE, node.origin, "the text is empty");
            return None;
        }
        Some(text.clone())
    }

    /// A sentence for people: white space of any kind becomes one space.
    pub(super) fn line(&mut self, node: &Node) -> Option<String> {
        let (Value::Text(text) | Value::Literal(text)) = &node.value else {
            return self.mismatch(node, "text");
        };
        let text = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        self.text(&Node {
            value: Value::Text(text),
            origin: node.origin,
        })
    }

    /// Text of a certain form.
    pub(super) fn pattern(
        &mut self,
        node: &Node,
        rule: &'static str,
        expected: &str,
        fits: fn(&str) -> bool,
    ) -> Option<String> {
        let text = self.text(node)?;
        if fits(&text) {
            return Some(text);
        }
        self.report(rule, node.origin, format!("{} is not {expected}", quote(&text)));
        None
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(node)?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*meaning);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("{} is not one of {}", quote(&text), names.join(", "));
        self.report(finding::UNKNOWN_WORD, node.origin, message);
        None
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, node: &Node) -> Option<bool> {
        match &node.value {
            Value::Literal(text) if text == "true" => Some(true),
            Value::Literal(text) if text == "false" => Some(false),
            _ => self.mismatch(node, "`true` or `false`"),
        }
    }

    /// A whole number in decimal digits.
    pub(super) fn integer(&mut self, node: &Node) -> Option<i64> {
        match integer_of(&node.value) {
            Some(number) => Some(number),
            None => self.mismatch(node, "a whole number of at most 64 bits in decimal digits"),
        }
    }

    /// A whole number that fits into `T`, such as a count.
    pub(super) fn count<T: TryFrom<i64>>(&mut self, node: &Node) -> Option<T> {
        let number = self.integer(node)?;
        match T::try_from(number) {
            Ok(number) => Some(number),
            Err(_) => self.mismatch(node, "a whole number that is neither negative nor too large"),
        }
    }

    /// A number, with or without a fraction.
    pub(super) fn number(&mut self, node: &Node) -> Option<f64> {
        match number_of(&node.value) {
            Some(number) => Some(number),
            None => self.mismatch(node, "a number in decimal digits"),
        }
    }

    /// Reports that a node is not what is expected.
    pub(super) fn mismatch<T>(&mut self, node: &Node, expected: &str) -> Option<T> {
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

/// The value of `key` in a mapping.
pub(super) fn child<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    match &node.value {
        Value::Map(entries) => entries
            .iter()
            .find(|(other, _)| other.text == key)
            .map(|(_, value)| value),
        _ => None,
    }
}

/// The whole number that a plain scalar writes in decimal digits, without leading zeros.
pub(super) fn integer_of(value: &Value) -> Option<i64> {
    let Value::Literal(text) = value else {
        return None;
    };
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = digits == "0" || !digits.starts_with('0');
    (canonical && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// The number that a plain scalar writes in decimal digits.
pub(super) fn number_of(value: &Value) -> Option<f64> {
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

/// Returns "did you mean" with the nearest of `known`, or `otherwise`. More than 1,000 candidates are not searched.
pub(super) fn suggest(text: &str, known: &[&str], otherwise: impl FnOnce() -> String) -> String {
    const MAX_CANDIDATES: usize = 1000;
    let nearest = (known.len() <= MAX_CANDIDATES).then(|| names::nearest(text, known.iter().copied()));
    nearest
        .flatten()
        .map_or_else(otherwise, |near| format!("did you mean `{near}`?"))
}
