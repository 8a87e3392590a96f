//! The values that a field can have.

use std::collections::HashSet;

use super::literal::is_wide;
use super::note::{Notes, shown};
use super::table::Cell;
use super::tree::{Map, Tree};
use super::types::Type;
use crate::names;

/// A value of an enum.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    pub value: String,
    /// Its name in Rust, where none can be made of it.
    name: Option<String>,
    scopes: Vec<String>,
}

impl Value {
    /// One of which the name does not matter.
    pub fn bare(value: &str, scopes: &[String]) -> Self {
        Self {
            value: value.to_owned(),
            name: None,
            scopes: scopes.to_vec(),
        }
    }

    /// Takes the name away.
    pub fn strip(&mut self) {
        self.name = None;
    }
}

/// The values of a field, if the page lists them; `heart` is its type below lists.
pub(super) fn read(cell: &Cell, heart: &Type, notes: &mut Notes) -> Vec<Value> {
    let listed = if cell.values.is_empty() {
        in_words(&cell.text)
    } else {
        cell.values.clone()
    };
    if listed.is_empty() && cell.text.lines().any(announces) {
        notes.add(cell.line, "the values that are listed were not understood");
    }
    if listed.is_empty() || *heart == Type::Bool {
        return Vec::new();
    }
    let whole = |value: &String| value.parse::<i64>().is_ok_and(|number| number.to_string() == *value);
    let fits = match heart {
        Type::String => true,
        Type::Int => listed.iter().all(whole),
        _ => false,
    };
    if !fits {
        let first = shown(&listed[0]);
        notes.add(
            cell.line,
            format!("values such as {first} do not go with the type {}", heart.written()),
        );
        return Vec::new();
    }
    values(listed, cell, heart, notes)
}

fn values(listed: Vec<String>, cell: &Cell, heart: &Type, notes: &mut Notes) -> Vec<Value> {
    let (mut seen, mut taken) = (HashSet::new(), HashSet::new());
    let mut values = Vec::new();
    for value in listed {
        let hidden = |c: char| c.is_control() || crate::characters::is_deceptive(c);
        if value.is_empty() || value.contains(hidden) || !seen.insert(value.clone()) {
            notes.add(
                cell.line,
                format!("the value {} is empty or there twice", shown(&value)),
            );
            continue;
        }
        let plain = (*heart == Type::String).then(|| names::variant(&value)).flatten();
        let name = match plain {
            Some(plain) if taken.insert(plain.clone()) => None,
            _ => {
                let name = numbered(&value, values.len(), &taken);
                taken.extend(names::variant(&name));
                Some(name)
            }
        };
        let scopes = Vec::new();
        values.push(Value { value, name, scopes });
    }
    values
}

/// A name for a value of which none can be made.
fn numbered(value: &str, index: usize, taken: &HashSet<String>) -> String {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let sign = if value.starts_with('-') { "minus" } else { "value" };
    let free = |name: &String| names::variant(name).is_some_and(|variant| !taken.contains(&variant));
    let of_value = format!("{sign}_{digits}");
    if !digits.is_empty() && free(&of_value) {
        return of_value;
    }
    (index + 1..)
        .map(|number| format!("item_{number}"))
        .find(free)
        .unwrap_or(of_value)
}

/// The values of a list in a description: `- open_id：...` below a line that says that values follow. Copied text
/// has lost the dashes, and may have the value on a line of its own, below an empty one.
fn in_words(text: &str) -> Vec<String> {
    let mut lines = text.lines().skip_while(|line| !announces(line));
    lines.next();
    let (mut values, mut dashed, mut apart) = (Vec::new(), false, true);
    for line in lines.map(str::trim) {
        let item = line.strip_prefix(['-', '*']).filter(|item| item.starts_with(' '));
        dashed |= item.is_some();
        let word = match item {
            _ if line.is_empty() => {
                apart = true;
                continue;
            }
            Some(item) => first_word(item),
            None if dashed => break,
            None => match bare_value(line, apart) {
                Some(word) => word,
                // Below a value on a line of its own stands what it means.
                None if !apart && !values.is_empty() => continue,
                None => break,
            },
        };
        apart = false;
        if word.is_empty() || word.contains(is_wide) {
            return Vec::new();
        }
        values.push(word.to_owned());
    }
    values
}

/// Whether a line says that values follow.
fn announces(line: &str) -> bool {
    const LABELS: &[&str] = &[
        "可选值有",
        "可选值如下",
        "可能值有",
        "可选值：",
        "optional values are",
        "possible values",
    ];
    let lower = line.to_lowercase();
    LABELS.iter().any(|label| lower.contains(label))
}

fn first_word(item: &str) -> &str {
    let mut words = item.split(['：', ':', ' ']).filter(|word| !word.is_empty());
    words.next().unwrap_or_default().trim_matches(['`', '"', '*'])
}

/// The value of a line without a dash: `card：...`, or the value alone.
fn bare_value(line: &str, apart: bool) -> Option<&str> {
    let is_value = |word: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        !word.is_empty() && !word.ends_with('.') && word.chars().all(plain)
    };
    let before = line
        .split_once('：')
        .or_else(|| line.split_once(": "))
        .map(|(word, _)| word.trim());
    before.or(Some(line).filter(|_| apart)).filter(|word| is_value(word))
}

/// Gives a value the scopes that it needs.
pub(super) fn need(values: &mut [Value], value: &str, scope: &str) -> bool {
    let found = values.iter_mut().find(|other| other.value == value);
    found.map(|found| found.scopes.push(scope.to_owned())).is_some()
}

/// The list of the spec.
pub(super) fn written(values: &[Value], heart: &Type) -> Tree {
    let one = |value: &Value| {
        let scalar = match heart {
            Type::Int => Tree::literal(&value.value),
            _ => Tree::text(&value.value),
        };
        if value.name.is_none() && value.scopes.is_empty() {
            return scalar;
        }
        let mut map = Map::default();
        map.put("value", scalar);
        map.put_some("name", value.name.as_ref().map(Tree::text));
        map.put_some("scopes", (!value.scopes.is_empty()).then(|| Tree::texts(&value.scopes)));
        map.done()
    };
    Tree::List(values.iter().map(one).collect())
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn values_stand_behind_dashes() {
        assert_eq!(
            in_words("**可选值有**：\n- `a`：x\n- b: y\n**默认值**：`a`"),
            ["a", "b"]
        );
    }

    #[test]
    fn copied_values_have_no_dashes() {
        assert_eq!(in_words("可选值有：\n\na：甲\nb：乙\n默认值：a"), ["a", "b"]);
        assert_eq!(
            in_words("Optional values are:\n\na\nwords, words.\n\nb\nmore words.\n\nMore."),
            ["a", "b"]
        );
    }

    #[test]
    fn a_list_of_sentences_has_no_values() {
        assert_eq!(in_words("可选值有：\n- 甲\n- 乙"), Vec::<String>::new());
        assert_eq!(in_words("- a\n- b"), Vec::<String>::new());
    }
}
