//! Facts that a page tells in sentences alone: the few that can be read, and notes of the others.

use super::note::{Notes, shown};
use super::page::{Document, Kind};

/// Words for a bound.
const BOUNDS: &[&str] = &[
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

/// The largest size that a sentence in lower case allows: `100 MB`.
pub(super) fn largest_size(sentence: &str) -> Option<String> {
    if !speaks_of_a_bound(sentence) {
        return None;
    }
    let mut sizes = sizes(sentence);
    let (size, None) = (sizes.next()?, sizes.next()) else {
        return None;
    };
    Some(size)
}

fn speaks_of_a_bound(sentence: &str) -> bool {
    BOUNDS.iter().any(|word| sentence.contains(word))
}

/// Numbers with a unit of bytes.
fn sizes(sentence: &str) -> impl Iterator<Item = String> {
    let starts = sentence.char_indices().filter(|(at, c)| {
        let inside = sentence[..*at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '.');
        c.is_ascii_digit() && !inside
    });
    starts.filter_map(|(at, _)| {
        let rest = &sentence[at..];
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, behind) = rest.split_at(end);
        let behind = behind.trim_start();
        let unit = ["kb", "mb", "gb"].into_iter().find(|unit| {
            let after = behind.strip_prefix(unit);
            after.is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/'))
        })?;
        Some(format!("{number} {}", unit.to_uppercase()))
    })
}

/// Notes the sentences before the request that state a bound with a number. Those about how often one may call have
/// been read, or noted, as limits; that of the size of a download too.
pub(super) fn note_usage(page: &Document<'_>, is_download: bool, notes: &mut Notes) {
    for (line, number) in page.before_request().flat_map(|section| section.numbered()) {
        if line.kind == Kind::Code {
            continue;
        }
        let lower = line.text.to_lowercase();
        let of_download = lower.contains("下载") || lower.contains("download");
        let size_was_read = is_download && of_download && largest_size(&lower).is_some();
        if has_bound(&lower) && !super::limits::is_about(line.text) && !size_was_read {
            let message = format!("a restriction in words was not understood: {}", shown(line.text));
            notes.add(number, message);
        }
    }
}

/// Notes the lines of a description that state a bound with a number, apart from those that have been read as bounds.
pub(super) fn note_bounds(text: &str, line: u32, key: &str, notes: &mut Notes) {
    for sentence in text.lines().map(str::trim) {
        let lower = sentence.to_lowercase();
        if has_bound(&lower) && !super::bounds::is_labelled(sentence) {
            let message = format!(
                "a bound of {} in words was not understood: {}",
                shown(key),
                shown(sentence)
            );
            notes.add(line, message);
        }
    }
}

fn has_bound(lower: &str) -> bool {
    let plain = without_links(lower);
    plain.contains(|c: char| c.is_ascii_digit()) && speaks_of_a_bound(&plain)
}

/// A sentence without the addresses that it links to.
fn without_links(sentence: &str) -> String {
    let mut parts = sentence.split("](");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once(')').map_or("", |(_, behind)| behind));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{has_bound, largest_size};

    #[test]
    fn the_largest_size_is_that_of_one_number_with_a_unit() {
        assert_eq!(largest_size("files of at most 30mb"), Some("30 MB".to_owned()));
        assert_eq!(largest_size("文件最大 2 gb。"), Some("2 GB".to_owned()));
        for text in [
            "30 mb",
            "at most 30 mbit",
            "at most 3 mb or 4 mb",
            "at most 1.5 mb",
            "at most 3 mb/s",
        ] {
            assert_eq!(largest_size(text), None, "{text}");
        }
    }

    #[test]
    fn a_bound_is_a_word_and_a_number_outside_of_links() {
        assert!(has_bound("at most 3"));
        assert!(!has_bound("at most a few"));
        assert!(!has_bound("see 3 [x](https://y/at most)"));
    }
}
