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

/// The values of a field, if the page lists them; `heart` is its type below lists.
pub(super) fn read(cell: &Cell, heart: &Type, notes: &mut Notes) -> Vec<Value> {
    let listed = if cell.values.is_empty() {
        in_words(&cell.text)
    } else {
        cell.values.clone()
    };
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

/// The values of a list in a description: `- open_id：...` below a line that says that values follow.
fn in_words(text: &str) -> Vec<String> {
    const LABELS: &[&str] = &[
        "可选值有",
        "可能值有",
        "可选值：",
        "Optional values are",
        "Possible values",
    ];
    let mut lines = text
        .lines()
        .skip_while(|line| !LABELS.iter().any(|label| line.contains(label)));
    lines.next();
    let mut values = Vec::new();
    for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
        let Some(item) = line.strip_prefix(['-', '*']).filter(|item| item.starts_with(' ')) else {
            break;
        };
        let word = item
            .split(['：', ':', ' '])
            .find(|word| !word.is_empty())
            .unwrap_or_default();
        let word = word.trim_matches(['`', '"', '*']);
        if word.is_empty() || word.contains(is_wide) {
            return Vec::new();
        }
        values.push(word.to_owned());
    }
    values
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
