//! Rate limits: the overview table and the sentences about usage.

use super::super::model::{Notes, quoted};
use super::super::page::Document;

/// Units of time in the portal's words.
const UNITS: &[(&str, &str)] = &[
    ("秒", "second"),
    ("分", "minute"),
    ("小时", "hour"),
    ("天", "day"),
    ("日", "day"),
    ("second", "second"),
    ("minute", "minute"),
    ("hour", "hour"),
    ("day", "day"),
];

/// Reads the rate limit windows in a cell of the overview table.
pub(super) fn read_cell(text: &str, line: u32, notes: &mut Notes) -> Vec<String> {
    let mut found = Vec::new();
    for window in parse_windows(text) {
        add_window(window, line, &mut found, notes);
    }
    if text.contains("特殊频控") || text.to_lowercase().contains("special rate limit") {
        found.insert(0, "special".to_owned());
    }
    if found.is_empty() {
        notes.add(line, format!("unrecognized rate limit: {}", quoted(text)));
    }
    found
}

/// Adds the windows that sentences before the request state for calls of the endpoint.
pub(super) fn read_usage(page: &Document<'_>, found: &mut Vec<String>, notes: &mut Notes) {
    for section in page.before_request() {
        for (line, number) in section.numbered() {
            let line = line.text;
            if !mentions_rate(line) {
                continue;
            }
            let windows = if is_per_object(line) {
                Vec::new()
            } else {
                parse_windows(line)
            };
            if windows.is_empty() {
                notes.add(number, format!("unrecognized rate limit: {}", quoted(line)));
            }
            for window in windows {
                add_window(window, number, found, notes);
            }
        }
    }
}

/// Whether a sentence mentions a rate.
pub(super) fn mentions_rate(line: &str) -> bool {
    let lower = line.to_lowercase();
    [
        "qps",
        "频率",
        "次/",
        "queries per",
        "requests per",
        "times per",
        "times/",
        "rate limit",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

/// Adds a window, unless there is one with the same unit of time.
fn add_window(window: String, line: u32, found: &mut Vec<String>, notes: &mut Notes) {
    let span = |window: &str| window.split_once('/').map(|(_, span)| span.to_owned());
    match found
        .iter()
        .find(|other| span(other) == span(&window) && span(&window).is_some())
    {
        None => found.push(window),
        Some(same) if *same == window => {}
        Some(other) => notes.add(line, format!("skipped the rate limit {window}: conflicts with {other}")),
    }
}

/// Whether a limit applies per document, user or chat instead of per app.
fn is_per_object(line: &str) -> bool {
    let lower = line.to_lowercase();
    [
        "单篇",
        "单个文档",
        "同一",
        "每个用户",
        "单个用户",
        "单个群",
        "群内",
        "each ",
        "same ",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

/// Returns the windows in a text: `5 QPS`, `1000 次/分钟`, `10000 times/day`.
fn parse_windows(text: &str) -> Vec<String> {
    let mut windows = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (number, after) = split_number(&rest[start..]);
        let unit = unit_after(after).or_else(|| unit_before(&rest[..start], after));
        if let (Some(number), Some(unit)) = (number, unit) {
            windows.push(format!("{number}/{unit}"));
        }
        rest = after;
    }
    windows.dedup();
    windows
}

fn split_number(text: &str) -> (Option<u32>, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != ',')
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let number = digits.replace(',', "").parse().ok().filter(|number| *number > 0);
    (number, rest)
}

/// Returns the unit before the number: `每秒 5 次`.
fn unit_before(before: &str, rest: &str) -> Option<&'static str> {
    let before = before.trim_end();
    let unit = UNITS
        .iter()
        .find(|(name, _)| before.ends_with(&format!("每{name}")) || before.ends_with(&format!("每{name}钟")));
    unit.filter(|_| rest.trim_start().starts_with('次'))
        .map(|(_, unit)| *unit)
}

fn unit_after(text: &str) -> Option<&'static str> {
    let text = text.trim_start();
    if text.starts_with("QPS") {
        return Some("second");
    }
    let calls = ["次", "times", "queries", "requests", ""];
    let per = calls.iter().find_map(|word| {
        let rest = text.strip_prefix(word)?.trim_start();
        rest.strip_prefix('/').or_else(|| rest.strip_prefix("per "))
    })?;
    let per = per.trim_start();
    UNITS
        .iter()
        .find(|(name, _)| per.starts_with(name))
        .map(|(_, unit)| *unit)
}

#[cfg(test)]
mod tests {
    use super::parse_windows;

    #[test]
    fn reads_every_window() {
        assert_eq!(parse_windows("1000 次/分钟、50 次/秒"), ["1000/minute", "50/second"]);
        assert_eq!(parse_windows("上限为 5 QPS，10000 次/天"), ["5/second", "10000/day"]);
        assert_eq!(parse_windows("100 times/minute"), ["100/minute"]);
        assert_eq!(parse_windows("每秒 5 次，每分钟 20 次"), ["5/second", "20/minute"]);
    }

    #[test]
    fn ignores_other_numbers() {
        assert_eq!(parse_windows("30 MB, 5 个文件, 0 次/秒"), Vec::<String>::new());
    }
}
