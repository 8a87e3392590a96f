//! Text copied from a page: headings are ordinary lines, and table cells are on separate lines or separated by tabs.

use super::notation::{parse_type, scopes_in_text, unescape};
use super::{Cell, Document, Line, LineKind, Row, Section, Table, headings, key_value};

/// Reads the page, if it is copied text.
pub(super) fn read_copied_text(text: &str) -> Option<Document<'_>> {
    let lines: Vec<&str> = text.lines().collect();
    let request = request_heading(&lines)?;
    let first = first_line(&lines[..request]);
    let mut sections = vec![Section::new("", to_line_number(first))];
    for (index, line) in lines.iter().enumerate().skip(first) {
        let title = line.trim();
        let heading = if index < request {
            is_usage_heading(title)
        } else {
            headings::is_heading(title) && !is_cell(title, &lines[index + 1..])
        };
        match sections.last_mut() {
            _ if heading => sections.push(Section::new(title, to_line_number(index + 1))),
            _ if is_footer(title) && index > request => sections.push(Section::new("", to_line_number(index + 1))),
            Some(section) => section.lines.push(Line {
                text: line,
                kind: LineKind::Text,
            }),
            None => {}
        }
    }
    for section in &mut sections {
        section.tables = read_table(section).into_iter().collect();
    }
    let front = lines
        .iter()
        .take(MAX_SOURCE_LINE)
        .filter_map(|line| source_address(line))
        .collect();
    Some(Document { front, sections })
}

fn to_line_number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX / 2)
}

/// The last line in which the address of the page is expected.
const MAX_SOURCE_LINE: usize = 20;

fn source_address(line: &str) -> Option<(&str, &str)> {
    let (key, value) = key_value(line.trim_start_matches(['>', ' ']))?;
    key.eq_ignore_ascii_case("source").then_some(("source", value))
}

/// Returns the index of the heading of the request: the last one before the URL, at most 8 lines above it.
fn request_heading(lines: &[&str]) -> Option<usize> {
    const MAX_DISTANCE: usize = 8;
    let address = lines
        .iter()
        .position(|line| line.trim().to_lowercase().starts_with("http url"))?;
    let is = |line: &str| {
        headings::REQUEST
            .iter()
            .any(|title| title.eq_ignore_ascii_case(line.trim()))
    };
    let first = address.saturating_sub(MAX_DISTANCE);
    (first..address).rev().find(|at| is(lines[*at]))
}

/// Returns the index of the line with the date. The lines above it are the portal's menu.
fn first_line(lines: &[&str]) -> usize {
    let is_date = |line: &&str| {
        let line = line.trim();
        line.starts_with("最后更新于") || line.starts_with("Last updated")
    };
    lines.iter().rposition(is_date).unwrap_or(0)
}

/// Whether a line that reads like a heading is a cell, since no table follows it.
fn is_cell(title: &str, below: &[&str]) -> bool {
    let next = below.iter().map(|line| line.trim()).find(|line| !line.is_empty());
    let with_table = headings::WITH_TABLES[1..].iter().any(|titles| titles.contains(&title));
    with_table && !next.is_some_and(starts_table)
}

fn is_usage_heading(line: &str) -> bool {
    headings::WITHOUT_TABLES
        .iter()
        .any(|title| title.eq_ignore_ascii_case(line))
}

/// Whether a line is the first one of the footer of the page.
fn is_footer(line: &str) -> bool {
    const LINES: &[&str] = &[
        "上一篇",
        "下一篇",
        "更多错误码",
        "遇到其他问题",
        "返回顶部",
        "Previous",
        "Next",
        "For more error",
    ];
    LINES.iter().any(|start| line.starts_with(start))
}

/// Reads the table of a section, if it has one.
fn read_table(section: &Section<'_>) -> Option<Table> {
    let fragments = split_fragments(section);
    if section.has_heading(headings::REQUEST) {
        Some(read_overview_table(&fragments))
    } else if headings::WITH_TABLES.iter().any(|titles| section.has_heading(titles)) {
        read_table_with_head(&fragments)
    } else {
        None
    }
}

/// A line, or a part of a line between tabs.
struct Fragment<'t> {
    line: u32,
    text: &'t str,
    /// Whether it follows an empty line or the heading.
    after_blank: bool,
}

fn split_fragments<'t>(section: &Section<'t>) -> Vec<Fragment<'t>> {
    let mut fragments = Vec::new();
    let mut after_blank = true;
    for (line, number) in section.numbered() {
        for text in line.text.split('\t').map(str::trim) {
            if !text.is_empty() {
                fragments.push(Fragment {
                    line: number,
                    text,
                    after_blank,
                });
                after_blank = false;
            }
        }
        after_blank |= line.text.trim().is_empty();
    }
    fragments
}

/// How the labels of the overview table start.
const OVERVIEW_LABELS: &[&str] = &[
    "http url",
    "http method",
    "接口频率限制",
    "rate limit",
    "支持的应用类型",
    "supported app types",
    "权限要求",
    "required scopes",
    "字段权限要求",
    "required field scopes",
    "field scopes",
];

/// Reads the overview table: each label, and the text up to the next label.
fn read_overview_table(fragments: &[Fragment<'_>]) -> Table {
    let is_label = |fragment: &Fragment<'_>| {
        let lower = fragment.text.to_lowercase();
        OVERVIEW_LABELS.iter().any(|label| lower.starts_with(label)) && fragment.text.chars().count() < 40
    };
    let starts: Vec<usize> = (0..fragments.len()).filter(|at| is_label(&fragments[*at])).collect();
    let row = |(index, start): (usize, &usize)| {
        let end = starts.get(index + 1).copied().unwrap_or(fragments.len());
        let label = &fragments[*start..=*start];
        row(&[label, &fragments[start + 1..end]])
    };
    Table {
        line: fragments.first().map_or(0, |fragment| fragment.line),
        rows: starts.iter().enumerate().map(row).collect(),
        ..Table::default()
    }
}

fn row(cells: &[&[Fragment<'_>]]) -> Row {
    Row {
        line: cells
            .iter()
            .find_map(|cell| cell.first())
            .map_or(0, |fragment| fragment.line),
        level: 0,
        cells: cells.iter().map(|fragments| cell(fragments)).collect(),
    }
}

fn cell(fragments: &[Fragment<'_>]) -> Cell {
    let mut text = String::new();
    for fragment in fragments {
        if !text.is_empty() {
            text.push_str(if fragment.after_blank { "\n\n" } else { "\n" });
        }
        text.push_str(fragment.text);
    }
    Cell {
        line: fragments.first().map_or(0, |fragment| fragment.line),
        scopes: scopes_in_text(&text),
        text,
        ..Cell::default()
    }
}

/// Column names.
const COLUMNS: &[(&str, Column)] = &[
    ("名称", Column::Name),
    ("参数", Column::Name),
    ("parameter", Column::Name),
    ("name", Column::Name),
    ("类型", Column::Type),
    ("type", Column::Type),
    ("必填", Column::Required),
    ("required", Column::Required),
    ("http状态码", Column::Status),
    ("http 状态码", Column::Status),
    ("http status code", Column::Status),
    ("错误码", Column::Code),
    ("error code", Column::Code),
    ("描述", Column::Text),
    ("description", Column::Text),
    ("排查建议", Column::Troubleshooting),
    ("troubleshooting suggestions", Column::Troubleshooting),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    Type,
    Required,
    Status,
    Code,
    Text,
    Troubleshooting,
}

fn find_column(text: &str) -> Option<Column> {
    let lower = text.trim().to_lowercase();
    COLUMNS
        .iter()
        .find(|(head, _)| *head == lower)
        .map(|(_, column)| *column)
}

/// Whether a line can be the first line of a table.
fn starts_table(line: &str) -> bool {
    line.split('\t').next().and_then(find_column).is_some()
}

/// Reads a table with column names. A row starts where consecutive fragments fit the first columns: a name, a type and
/// whether it is required; or a status and a code.
fn read_table_with_head(fragments: &[Fragment<'_>]) -> Option<Table> {
    let column = |fragment: &Fragment<'_>| find_column(fragment.text);
    let start = fragments.iter().position(|fragment| column(fragment).is_some())?;
    let columns: Vec<Column> = fragments[start..]
        .iter()
        .map_while(column)
        .take(COLUMNS.len())
        .collect();
    let body = &fragments[start + columns.len()..];
    let fixed: Vec<Column> = columns
        .iter()
        .copied()
        .take_while(|column| !matches!(column, Column::Text | Column::Troubleshooting))
        .collect();
    let fits = |at: usize, separated: bool| {
        let first = body.get(at..at + fixed.len()).unwrap_or_default();
        let mut pairs = first.iter().zip(&fixed);
        !first.is_empty() && pairs.all(|(fragment, column)| column.fits(fragment.text, &fixed, separated))
    };
    // An unknown word is accepted as a type if the row's cells are separated, and no row starts one fragment later.
    let separated = |at: usize| {
        let first = body.get(at..at + fixed.len()).unwrap_or_default();
        let mut numbered = first.iter().enumerate();
        numbered.all(|(index, fragment)| fragment.after_blank || at + index == 0)
            && body.get(at + fixed.len()).is_none_or(|next| next.after_blank)
            || first.last().map(|fragment| fragment.line) == first.first().map(|fragment| fragment.line)
    };
    let starts_row = |at: usize| fits(at, false) || fits(at, true) && separated(at) && !fits(at + 1, false);
    let mut starts: Vec<usize> = Vec::new();
    for at in 0..body.len() {
        let inside = starts.last().is_some_and(|start| at < start + fixed.len());
        if !inside && starts_row(at) {
            starts.push(at);
        }
    }
    let row_at = |(index, start): (usize, &usize)| {
        let end = starts.get(index + 1).copied().unwrap_or(body.len());
        let (first, rest) = body[*start..end].split_at(fixed.len());
        let mut cells: Vec<&[Fragment<'_>]> = first.chunks(1).collect();
        // The first line after the code is the error message; the others are troubleshooting advice.
        let texts = if columns.contains(&Column::Troubleshooting) {
            rest.len().min(1)
        } else {
            rest.len()
        };
        cells.push(&rest[..texts]);
        cells.push(&rest[texts..]);
        row(&cells)
    };
    Some(Table {
        line: fragments[start].line,
        head: fragments[start..start + columns.len()]
            .iter()
            .map(|fragment| fragment.text.to_owned())
            .collect(),
        rows: starts.iter().enumerate().map(row_at).collect(),
        lost_levels: true,
        ..Table::default()
    })
}

impl Column {
    /// Whether a fragment can be a cell of the column.
    fn fits(self, text: &str, all: &[Self], separated: bool) -> bool {
        match self {
            Self::Name => is_word(text) && text.len() <= 100 && text.contains(char::is_alphanumeric),
            // Without the column `required`, only the type identifies a row, so it must be a certain one.
            Self::Type if !all.contains(&Self::Required) => is_type(text) || separated && is_word(text),
            Self::Type => text.is_ascii() && text.len() <= 100,
            Self::Required => matches!(text.to_lowercase().as_str(), "是" | "否" | "yes" | "no"),
            Self::Status => text.parse::<u16>().is_ok_and(|status| (100..600).contains(&status)),
            Self::Code => text.parse::<i64>().is_ok() || matches!(text, "-" | "--"),
            Self::Text | Self::Troubleshooting => true,
        }
    }
}

fn is_word(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '$'))
}

fn is_type(text: &str) -> bool {
    let bare = unescape(text);
    let named = bare.contains('_') && is_word(&bare) && bare.to_lowercase() == bare;
    matches!(bare.as_str(), "-") || bare.ends_with("[]") || named || parse_type(&bare, Vec::new()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::read_table;
    use crate::import::page::{Line, LineKind, Section};

    fn read(title: &'static str, text: &'static str) -> Vec<Vec<String>> {
        let mut section = Section::new(title, 1);
        let kind = LineKind::Text;
        section.lines = text.lines().map(|text| Line { text, kind }).collect();
        let table = read_table(&section).unwrap();
        let texts = |row: super::Row| row.cells.into_iter().map(|cell| cell.text).collect();
        table.rows.into_iter().map(texts).collect()
    }

    #[test]
    fn a_row_starts_with_name_type_and_required() {
        let text = "名称\t类型\t必填\t描述\ncage\n\nstring\n\n是\n\nwords\n\nid\nmore\n\nkeeper\n\nperson\n\n否\n\n";
        let rows = read("请求体", text);
        assert_eq!(rows[0], ["cage", "string", "是", "words\n\nid\nmore", ""]);
        assert_eq!(rows[1], ["keeper", "person", "否", "", ""]);
    }

    #[test]
    fn a_row_starts_with_name_and_known_type() {
        let text = "名称\n类型\n描述\ncage\n\ncage\n\nwords\n\nid\n\nstring\n\none of\na\nb\nc";
        let rows = read("响应体", text);
        assert_eq!(
            rows,
            [["cage", "cage", "words", ""], ["id", "string", "one of\na\nb\nc", ""]]
        );
    }

    #[test]
    fn tabs_separate_cells() {
        let rows = read(
            "Response body",
            "Name\tType\tDescription\ncage\tstring\twords\nkeepers\tperson[]\tmore",
        );
        assert_eq!(
            rows,
            [["cage", "string", "words", ""], ["keepers", "person[]", "more", ""]]
        );
    }

    #[test]
    fn an_error_starts_with_status_and_code() {
        let text = "HTTP状态码\t错误码\t描述\t排查建议\n400\n\n47\n\nnot hungry\n\n等 200 秒\n\n404\n\n48\n\nno cage";
        let rows = read("错误码", text);
        assert_eq!(
            rows,
            [["400", "47", "not hungry", "等 200 秒"], ["404", "48", "no cage", ""]]
        );
    }
}
