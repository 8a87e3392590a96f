//! Lengths and ranges that a description states.

use super::note::{Notes, shown};
use super::tree::{Map, Tree};
use super::types::Type;

/// What a field may be, in the order of the spec's keys.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Bounds {
    /// Of a number.
    pub value: (Option<i64>, Option<i64>),
    /// Of a text, in characters.
    pub length: (Option<i64>, Option<i64>),
    /// Of a list.
    pub items: (Option<i64>, Option<i64>),
}

/// Which bound a label names: lower, upper or both.
const LABELS: &[(&str, bool, Side)] = &[
    ("取值范围", false, Side::Both),
    ("最小值", false, Side::Low),
    ("最大值", false, Side::High),
    ("长度范围", true, Side::Both),
    ("长度限制", true, Side::Both),
    ("最小长度", true, Side::Low),
    ("最大长度", true, Side::High),
    ("Value range", false, Side::Both),
    ("Minimum value", false, Side::Low),
    ("Maximum value", false, Side::High),
    ("Length range", true, Side::Both),
    ("Minimum length", true, Side::Low),
    ("Maximum length", true, Side::High),
];

/// Whether a line of a description is one that is read as a bound.
pub(super) fn is_labelled(line: &str) -> bool {
    let bare = bare(line);
    LABELS.iter().any(|(label, ..)| bare.starts_with(label))
}

fn bare(line: &str) -> &str {
    line.trim().trim_start_matches(['-', '*', ' '])
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Low,
    High,
    Both,
}

impl Bounds {
    /// The bounds in a description; those that the format cannot say become notes.
    pub fn read(text: &str, line: u32, ty: &Type, notes: &mut Notes) -> Self {
        let mut bounds = Self::default();
        for row in text.lines() {
            let row = bare(row);
            if row.starts_with("正则") || row.starts_with("Regular expression") {
                notes.add(
                    line,
                    format!("a pattern for values has no place in the format: {}", shown(row)),
                );
            }
            let label = LABELS.iter().find(|(label, ..)| row.starts_with(label));
            let Some((label, of_length, side)) = label else {
                continue;
            };
            let limits = limits(&row[label.len()..], *side);
            if limits.is_none_or(|limits| !bounds.set(*of_length, limits, row, ty)) {
                notes.add(line, format!("a bound was not understood: {}", shown(row)));
            }
        }
        bounds
    }

    fn set(&mut self, of_length: bool, limits: (Option<i64>, Option<i64>), row: &str, ty: &Type) -> bool {
        let place = match ty {
            Type::Int | Type::Float if !of_length => &mut self.value,
            Type::String if of_length && !row.contains("字节") && !row.contains("byte") => &mut self.length,
            Type::List(_) | Type::Map(_) if of_length => &mut self.items,
            _ => return false,
        };
        let negative = |limit: Option<i64>| limit.is_some_and(|limit| limit < 0);
        if of_length && (negative(limits.0) || negative(limits.1)) {
            return false;
        }
        // No text and no list has less than nothing, so that is no bound.
        let low = limits.0.filter(|low| !of_length || *low > 0);
        *place = (low.or(place.0), limits.1.or(place.1));
        !matches!(*place, (Some(low), Some(high)) if low > high) || {
            *place = (None, None);
            false
        }
    }

    /// Whether it says anything.
    pub fn count(&self) -> usize {
        let all = [self.value, self.length, self.items];
        all.iter()
            .map(|(low, high)| usize::from(low.is_some()) + usize::from(high.is_some()))
            .sum()
    }

    /// Whether a value is within them.
    pub fn allow(&self, value: &serde_json::Value) -> bool {
        use serde_json::Value;
        let within = |(low, high): (Option<i64>, Option<i64>), count: f64| {
            low.is_none_or(|low| count >= low as f64) && high.is_none_or(|high| count <= high as f64)
        };
        match value {
            Value::Number(number) => number.as_f64().is_some_and(|number| within(self.value, number)),
            Value::String(text) => within(self.length, text.chars().count() as f64),
            Value::Array(items) => within(self.items, items.len() as f64),
            _ => true,
        }
    }

    pub fn write(&self, map: &mut Map) {
        let pairs = [
            ("min", "max", self.value),
            ("min_length", "max_length", self.length),
            ("min_items", "max_items", self.items),
        ];
        for (low, high, limits) in pairs {
            map.put_some(low, limits.0.map(Tree::literal));
            map.put_some(high, limits.1.map(Tree::literal));
        }
    }
}

/// The numbers behind a label.
fn limits(text: &str, side: Side) -> Option<(Option<i64>, Option<i64>)> {
    let numbers = numbers(text)?;
    match (side, numbers.as_slice()) {
        (Side::Low, [low]) => Some((Some(*low), None)),
        (Side::High, [high]) => Some((None, Some(*high))),
        (Side::Both, [low, high]) => Some((Some(*low), Some(*high))),
        _ => None,
    }
}

/// The whole numbers of a text; `None` where one is too large or has a fraction.
fn numbers(text: &str) -> Option<Vec<i64>> {
    let pieces = text.split(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '.' | ','));
    let number = |piece: &str| piece.replace(',', "").parse().ok();
    let with_digits = |piece: &&str| piece.contains(|c: char| c.is_ascii_digit());
    pieces.filter(with_digits).map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, ty: &Type) -> Bounds {
        let mut notes = Notes::new("page.md");
        let bounds = Bounds::read(text, 1, ty, &mut notes);
        assert!(notes.finish().is_empty(), "{text}");
        bounds
    }

    #[test]
    fn a_length_of_at_least_nothing_is_no_bound() {
        let text = read("Length range: `0` to `50` characters", &Type::String);
        assert_eq!(text.length, (None, Some(50)));
    }

    #[test]
    fn a_number_of_at_least_nothing_is_a_bound() {
        assert_eq!(read("Minimum value: `0`", &Type::Int).value, (Some(0), None));
    }
}
