//! Bounds: those that labels of a description state, and sentences about bounds.

use super::super::model::{Bounds, Notes, Type, quoted};
use super::super::page::{Document, LineKind};
use super::rate_limits;

/// The labels of bounds, each with whether it bounds a length, and the side.
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

/// Whether a line of a description is a labelled bound.
fn is_labelled(line: &str) -> bool {
    let bare = strip_bullet(line);
    LABELS.iter().any(|(label, ..)| bare.starts_with(label))
}

fn strip_bullet(line: &str) -> &str {
    line.trim().trim_start_matches(['-', '*', ' '])
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Low,
    High,
    Both,
}

/// Reads the bounds in a description and adds a note for each bound that the spec format cannot express.
pub(super) fn read_bounds(text: &str, line: u32, ty: &Type, notes: &mut Notes) -> Bounds {
    let mut bounds = Bounds::default();
    for row in text.lines() {
        let row = strip_bullet(row);
        let label = LABELS.iter().find(|(label, ..)| row.starts_with(label));
        let Some((label, of_length, side)) = label else {
            continue;
        };
        let limits = parse_limits(&row[label.len()..], *side);
        if limits.is_none_or(|limits| !set_limits(&mut bounds, *of_length, limits, row, ty)) {
            notes.add(line, format!("unrecognized bound: {}", quoted(row)));
        }
    }
    bounds
}

/// Sets the bounds of values or lengths. Returns whether the type supports them and they are consistent.
fn set_limits(bounds: &mut Bounds, of_length: bool, limits: (Option<i64>, Option<i64>), row: &str, ty: &Type) -> bool {
    let place = match ty {
        Type::Int | Type::Float if !of_length => &mut bounds.value,
        Type::String if of_length && !row.contains("字节") && !row.contains("byte") => &mut bounds.length,
        Type::List(_) | Type::Map(_) if of_length => &mut bounds.items,
        _ => return false,
    };
    let negative = |limit: Option<i64>| limit.is_some_and(|limit| limit < 0);
    if of_length && (negative(limits.0) || negative(limits.1)) {
        return false;
    }
    // A minimum length of 0 does not restrict anything.
    let low = limits.0.filter(|low| !of_length || *low > 0);
    *place = (low.or(place.0), limits.1.or(place.1));
    !matches!(*place, (Some(low), Some(high)) if low > high) || {
        *place = (None, None);
        false
    }
}

/// Parses the numbers after a label.
fn parse_limits(text: &str, side: Side) -> Option<(Option<i64>, Option<i64>)> {
    let numbers = parse_integers(text)?;
    match (side, numbers.as_slice()) {
        (Side::Low, [low]) => Some((Some(*low), None)),
        (Side::High, [high]) => Some((None, Some(*high))),
        (Side::Both, [low, high]) => Some((Some(*low), Some(*high))),
        _ => None,
    }
}

/// Returns the integers in a text; `None` if a number is out of range or has a fraction.
fn parse_integers(text: &str) -> Option<Vec<i64>> {
    let parts = text.split(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '.' | ','));
    let number = |part: &str| part.replace(',', "").parse().ok();
    let with_digits = |part: &&str| part.contains(|c: char| c.is_ascii_digit());
    parts.filter(with_digits).map(number).collect()
}

/// Phrases that state a bound.
const BOUND_PHRASES: &[&str] = &[
    "不超过",
    "不能超过",
    "不得超过",
    "最大",
    "最多",
    "最长",
    "最小",
    "最少",
    "最短",
    "至多",
    "至少",
    "上限",
    "下限",
    "以内",
    "不少于",
    "不小于",
    "不大于",
    "at most",
    "at least",
    "up to",
    "no more than",
    "no less than",
    "not exceed",
    "cannot exceed",
    "maximum",
    "minimum",
    "within",
    "no larger than",
    "limited to",
];

/// Returns the maximum size that a sentence states: `100 MB`. The sentence must be in lower case.
pub(super) fn max_size(sentence: &str) -> Option<String> {
    if !states_bound(sentence) {
        return None;
    }
    let mut sizes = find_sizes(sentence);
    let (size, None) = (sizes.next()?, sizes.next()) else {
        return None;
    };
    Some(size)
}

fn states_bound(sentence: &str) -> bool {
    BOUND_PHRASES.iter().any(|word| sentence.contains(word))
}

/// Returns the numbers with a unit of bytes.
fn find_sizes(sentence: &str) -> impl Iterator<Item = String> {
    let starts = sentence.char_indices().filter(|(at, c)| {
        let inside = sentence[..*at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '.');
        c.is_ascii_digit() && !inside
    });
    starts.filter_map(|(at, _)| {
        let rest = &sentence[at..];
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, unit_text) = rest.split_at(end);
        let unit_text = unit_text.trim_start();
        let unit = ["kb", "mb", "gb"].into_iter().find(|unit| {
            let after = unit_text.strip_prefix(unit);
            after.is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/'))
        })?;
        Some(format!("{number} {}", unit.to_uppercase()))
    })
}

/// Adds a note for each sentence before the request that states a bound. Rate limits and the size of a download are
/// read elsewhere.
pub(super) fn note_usage_bounds(page: &Document<'_>, is_download: bool, notes: &mut Notes) {
    for (line, number) in page.before_request().flat_map(|section| section.numbered()) {
        if line.kind == LineKind::Code {
            continue;
        }
        let lower = line.text.to_lowercase();
        let mentions_download = lower.contains("下载") || lower.contains("download");
        let size_was_read = is_download && mentions_download && max_size(&lower).is_some();
        if contains_bound(&lower) && !rate_limits::mentions_rate(line.text) && !size_was_read {
            let message = format!("unrecognized restriction: {}", quoted(line.text));
            notes.add(number, message);
        }
    }
}

/// Adds a note for each line of a description that states a bound without a label.
pub(super) fn note_unread_bounds(text: &str, line: u32, key: &str, notes: &mut Notes) {
    for sentence in text.lines().map(str::trim) {
        let lower = sentence.to_lowercase();
        if contains_bound(&lower) && !is_labelled(sentence) {
            let message = format!("unrecognized bound of {}: {}", quoted(key), quoted(sentence));
            notes.add(line, message);
        }
    }
}

fn contains_bound(lower: &str) -> bool {
    let plain = without_links(lower);
    plain.contains(|c: char| c.is_ascii_digit()) && states_bound(&plain)
}

/// Removes the targets of Markdown links.
fn without_links(sentence: &str) -> String {
    let mut parts = sentence.split("](");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once(')').map_or("", |(_, rest)| rest));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, ty: &Type) -> Bounds {
        let mut notes = Notes::new("page.md");
        let bounds = read_bounds(text, 1, ty, &mut notes);
        assert!(notes.finish().is_empty(), "{text}");
        bounds
    }

    #[test]
    fn ignores_a_minimum_length_of_zero() {
        let text = read("Length range: `0` to `50` characters", &Type::String);
        assert_eq!(text.length, (None, Some(50)));
    }

    #[test]
    fn keeps_a_minimum_value_of_zero() {
        assert_eq!(read("Minimum value: `0`", &Type::Int).value, (Some(0), None));
    }

    #[test]
    fn reads_the_maximum_size() {
        assert_eq!(max_size("files of at most 30mb"), Some("30 MB".to_owned()));
        assert_eq!(max_size("文件最大 2 gb。"), Some("2 GB".to_owned()));
        for text in [
            "30 mb",
            "at most 30 mbit",
            "at most 3 mb or 4 mb",
            "at most 1.5 mb",
            "at most 3 mb/s",
        ] {
            assert_eq!(max_size(text), None, "{text}");
        }
    }

    #[test]
    fn detects_bounds_outside_of_links() {
        assert!(contains_bound("at most 3"));
        assert!(!contains_bound("at most a few"));
        assert!(!contains_bound("see 3 [x](https://y/at most)"));
    }
}
