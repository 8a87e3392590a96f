//! The overview table of a page, the date of its last edit, its address and its deprecation warning.

use std::collections::HashSet;

use time::{Date, Month, OffsetDateTime, UtcOffset};

use super::super::model::{Deprecation, Field, Notes, Overview, quoted};
use super::super::page::{Document, Row, Table};
use super::rate_limits;
use crate::format::HOSTS;
use crate::names;
use crate::read::find_path_error;

/// Reads the overview table; `None` if no table of the section has a valid method and path.
pub(super) fn read_overview(tables: &[Table], notes: &mut Notes) -> Option<Overview> {
    let rows = tables.iter().flat_map(|table| &table.rows);
    let mut overview = Overview::default();
    for row in rows {
        read_row(&mut overview, row, notes);
    }
    let is_method = ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&overview.method.as_str());
    (is_method && find_path_error(&overview.path).is_none()).then_some(overview)
}

fn read_row(overview: &mut Overview, row: &Row, notes: &mut Notes) {
    let (label, text) = (row.text(0), row.text(1));
    let lower = label.to_lowercase();
    let is = |names: &[&str]| names.iter().any(|name| lower.contains(name));
    if is(&["http url"]) {
        overview.line = row.line;
        read_address(overview, text, notes);
    } else if is(&["http method"]) {
        overview.method = text.to_uppercase();
    } else if is(&["频率限制", "rate limit"]) {
        overview.limits = rate_limits::read_cell(text, row.line, notes);
    } else if is(&["应用类型", "app type"]) {
        let types = row.cells.get(1).and_then(|cell| cell.apps.as_deref());
        overview.apps = app_kinds(types.unwrap_or(text));
        if overview.apps.is_empty() {
            notes.add(row.line, format!("unrecognized app kinds: {}", quoted(text)));
        }
    } else if is(&["字段权限要求", "field scope"]) {
        overview.field_scopes = read_scopes(row, notes);
    } else if is(&["权限要求", "required scope"]) {
        let scopes = read_scopes(row, notes);
        overview.scopes = (!scopes.is_empty() || is_none(text)).then_some(scopes);
    } else if !label.is_empty() {
        notes.add(
            row.line,
            format!("unrecognized row {} of the overview table", quoted(label)),
        );
    }
}

fn read_scopes(row: &Row, notes: &mut Notes) -> Vec<String> {
    let named = row.cells.get(1).map_or(&[][..], |cell| &cell.scopes);
    let (mut scopes, mut seen) = (Vec::new(), HashSet::new());
    if named.is_empty() && !is_none(row.text(1)) {
        note_unnamed_scopes(row, notes);
    }
    for (_, scope) in named {
        if !names::is_scope(scope) || !seen.insert(scope) {
            notes.add(
                row.line,
                format!("skipped the scope {}: invalid or duplicate", quoted(scope)),
            );
        } else {
            scopes.push(scope.clone());
        }
    }
    scopes.sort_unstable();
    scopes
}

fn is_none(text: &str) -> bool {
    matches!(text, "无" | "-" | "None" | "none")
}

/// Adds a note for each scope that copied text lists by its description only, one per line.
fn note_unnamed_scopes(row: &Row, notes: &mut Notes) {
    let Some(cell) = row.cells.get(1) else { return };
    for (line, number) in cell.text.lines().zip(cell.line..) {
        let explanations = [
            "仅自建应用",
            "仅商店应用",
            "开启任一",
            "开启任意",
            "only custom app",
            "only store app",
            "any scope",
        ];
        let lower = line.trim().to_lowercase();
        if !lower.is_empty() && !explanations.iter().any(|word| lower.contains(word)) {
            notes.add(
                number,
                format!("skipped a scope: the page has only its description {}", quoted(line)),
            );
        }
    }
}

/// Reads host, path and query of a URL.
fn read_address(overview: &mut Overview, address: &str, notes: &mut Notes) {
    let address = address.split_whitespace().next().unwrap_or_default();
    let rest = address.strip_prefix("https://").unwrap_or(address);
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let name = host.strip_suffix(".feishu.cn").or(host.strip_suffix(".larksuite.com"));
    overview.host = HOSTS.into_iter().find(|known| Some(*known) == name);
    if !host.is_empty() && overview.host.is_none() && name != Some("open") {
        let message = format!(
            "skipped the host {}: not a documented host of the platform",
            quoted(host)
        );
        notes.add(overview.line, message);
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    overview.path = path.to_owned();
    overview.query = form_pairs(query);
}

fn form_pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Returns the parameters of the URL's query that the page does not list, in the URL's order. They are part of the address; those
/// that the page lists are examples.
pub(super) fn fixed_query(overview: &Overview, listed: &[Field], notes: &mut Notes) -> Vec<(String, String)> {
    let mut fixed: Vec<(String, String)> = Vec::new();
    for (key, value) in &overview.query {
        let is_listed = listed.iter().any(|field| field.key == *key);
        if is_listed || fixed.iter().any(|(other, _)| other == key) {
            continue;
        }
        let is_plain = |text: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "_-.,:".contains(c);
            !text.is_empty() && text.chars().all(plain)
        };
        if is_plain(key) && is_plain(value) {
            fixed.push((key.clone(), value.clone()));
        } else {
            let message = format!("skipped the parameter {} of the URL: not a constant", quoted(key));
            notes.add(overview.line, message);
        }
    }
    fixed
}

/// Returns the app kinds in `custom,isv`, or in the words of copied text.
fn app_kinds(types: &str) -> Vec<&'static str> {
    let lower = types.to_lowercase();
    let kinds = [
        ("custom", ["custom", "自建应用"]),
        ("store", ["isv", "商店应用"]),
        ("store", ["store app", "marketplace app"]),
    ];
    let named = kinds
        .into_iter()
        .filter(|(_, words)| words.iter().any(|word| lower.contains(word)));
    let mut found: Vec<&str> = named.map(|(kind, _)| kind).collect();
    found.dedup();
    found
}

/// Returns the address of the page, if the spec format allows it.
pub(super) fn docs_url(document: &Document<'_>) -> Option<String> {
    let with_host = |path| format!("https://open.feishu.cn/document{path}");
    let address = document.front_matter("fullPath").map(with_host);
    let front = |key| document.front_matter(key).map(str::to_owned);
    let all = [front("source"), front("source_url"), address];
    all.into_iter().flatten().find(|address| names::is_docs_url(address))
}

/// Returns the date of the last edit, from the front matter or the line below the title.
pub(super) fn last_update(page: &Document<'_>) -> Option<String> {
    let timestamps = ["updateTime", "updatedAt", "last_remote_update_timestamp"];
    let timestamp = timestamps
        .iter()
        .find_map(|key| page.front_matter(key))
        .and_then(date_of_timestamp);
    let day = || page.front_matter("last_remote_update").and_then(leading_date);
    let mut lines = page.before_request().flat_map(|section| section.lines.iter());
    let mut line = || lines.find_map(|line| labelled_date(line.text));
    timestamp.or_else(day).or_else(&mut line)
}

/// Returns the date in a line such as `最后更新于 2023-10-13`.
fn labelled_date(line: &str) -> Option<String> {
    let labels = ["最后更新于", "Last updated on", "Last updated at", "Last updated"];
    let rest = labels.iter().find_map(|label| line.trim().strip_prefix(label))?;
    leading_date(rest.trim_start_matches([':', '：', ' ']))
}

/// Returns the date at the start of a text, in the form `YYYY-MM-DD`.
fn leading_date(text: &str) -> Option<String> {
    let day = text.get(..10)?;
    let is_digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = day.split('-').filter(is_digits).collect();
    let [year, month, number] = parts.as_slice() else {
        return None;
    };
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(year.parse().ok()?, month, number.parse().ok()?).ok()?;
    Some(iso_date(date)).filter(|iso| iso == day)
}

/// The portal shows dates in the time zone of Beijing.
const BEIJING_OFFSET_HOURS: i8 = 8;

/// The days since 1970 that are plausible for a page, 1997 to 2243; other numbers are not timestamps in milliseconds.
const PLAUSIBLE_DAYS: std::ops::Range<i32> = 10_000..100_000;

/// Returns the date of a timestamp in milliseconds since 1970.
fn date_of_timestamp(milliseconds: &str) -> Option<String> {
    let seconds = milliseconds.parse::<i64>().ok()? / 1000;
    let offset = UtcOffset::from_hms(BEIJING_OFFSET_HOURS, 0, 0).ok()?;
    let date = OffsetDateTime::from_unix_timestamp(seconds)
        .ok()?
        .checked_to_offset(offset)?
        .date();
    let days = date.to_julian_day() - OffsetDateTime::UNIX_EPOCH.date().to_julian_day();
    PLAUSIBLE_DAYS.contains(&days).then(|| iso_date(date))
}

fn iso_date(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

/// Phrases of a deprecation warning.
const DEPRECATION_PHRASES: &[&str] = &[
    "迁移至",
    "新版本>>",
    "已废弃",
    "不再维护",
    "deprecated",
    "migrate to",
    "no longer maintained",
];

/// Returns the deprecation of the endpoint, if the page has a deprecation warning.
pub(super) fn deprecation(page: &Document<'_>, id: &str) -> Option<Deprecation> {
    let mut lines = page
        .before_request()
        .flat_map(|section| section.lines.iter().map(|line| line.text));
    let warning = lines.find(|line| {
        DEPRECATION_PHRASES
            .iter()
            .any(|word| line.to_lowercase().contains(word))
    })?;
    let successor = warning
        .split('(')
        .filter_map(|link| link.split(')').next())
        .find_map(successor);
    Some(Deprecation {
        successor: successor.filter(|successor| successor != id),
    })
}

/// Returns the id of the endpoint that a URL of the portal documents: `/lingo-v1/file/upload`.
fn successor(link: &str) -> Option<String> {
    let path = link.split(['?', '#']).next().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').collect();
    let [.., module, resource, method] = segments.as_slice() else {
        return None;
    };
    let (project, version) = module.rsplit_once('-')?;
    let id = format!("{project}.{version}.{resource}.{method}");
    names::is_endpoint_id(&id).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_timestamps_to_days_in_beijing() {
        assert_eq!(date_of_timestamp("1697163790000").as_deref(), Some("2023-10-13"));
        assert_eq!(date_of_timestamp("1709222399000").as_deref(), Some("2024-02-29"));
        assert_eq!(date_of_timestamp("1709222400000").as_deref(), Some("2024-03-01"));
    }

    #[test]
    fn reads_the_date_of_a_line() {
        assert_eq!(labelled_date("最后更新于 2024-02-29").as_deref(), Some("2024-02-29"));
        assert_eq!(
            labelled_date("Last updated: 2023-10-13.").as_deref(),
            Some("2023-10-13")
        );
        for line in [
            "最后更新于 2023-02-29",
            "最后更新于 今天",
            "on 2023-10-13",
            "最后更新于 -023-10-13",
        ] {
            assert_eq!(labelled_date(line), None, "{line}");
        }
    }

    #[test]
    fn rejects_invalid_timestamps() {
        for text in ["", "0", "-1", "yesterday", "9223372036854775807"] {
            assert_eq!(date_of_timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn reads_app_kinds_in_both_languages() {
        assert_eq!(app_kinds("custom,isv"), ["custom", "store"]);
        assert_eq!(app_kinds("仅自建应用"), ["custom"]);
        assert_eq!(app_kinds("Custom App, Store App"), ["custom", "store"]);
        assert_eq!(app_kinds("机器人"), Vec::<&str>::new());
    }
}
