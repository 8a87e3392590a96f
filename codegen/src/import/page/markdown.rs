//! Markdown tables: `名称 | 类型`, below it `--- | ---`.
//!
//! The portal's Markdown breaks lines inside of a cell: after a line that ends in two spaces, the cell continues.

use super::document::{Cell, Line, LineKind, Row, Table};
use super::notation::scopes_in_text;

/// Reads the tables of a section and marks their lines as [`LineKind::Table`].
pub(super) fn read_tables(lines: &mut [Line<'_>], first_line: u32) -> Vec<Table> {
    let mut tables = Vec::new();
    let mut at = 0;
    while at + 1 < lines.len() {
        let is_text = lines[at].kind == LineKind::Text && lines[at + 1].kind == LineKind::Text;
        let head = lines[at].text;
        if !is_text || !head.contains('|') || !is_delimiter_row(lines[at + 1].text) {
            at += 1;
            continue;
        }
        let width = count_columns(lines[at + 1].text).max(split_cells(head, usize::MAX).len());
        let end = at + 2 + body_length(&lines[at + 2..]);
        let first_row = first_line + to_line_number(at + 2);
        tables.push(Table {
            line: first_line + to_line_number(at),
            head: split_cells(head, width)
                .iter()
                .map(|cell| cell.trim_matches(|c: char| c == '*' || c.is_whitespace()).to_owned())
                .collect(),
            rows: read_rows(&lines[at + 2..end], width, first_row),
            lost_levels: true,
            ..Table::default()
        });
        lines[at..end].iter_mut().for_each(|line| line.kind = LineKind::Table);
        at = end;
    }
    tables
}

fn to_line_number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX / 2)
}

/// `--- | ---`, `|:--|--:|`.
fn is_delimiter_row(line: &str) -> bool {
    line.contains('-') && line.contains('|') && line.chars().all(|c| matches!(c, '-' | '|' | ':' | ' ' | '\t'))
}

fn count_columns(delimiter_row: &str) -> usize {
    delimiter_row.split('|').filter(|part| part.contains('-')).count()
}

/// Whether the row continues on the next line.
fn continues(line: &str) -> bool {
    let closed = line.trim_start().starts_with('|') && line.trim_end().ends_with('|');
    line.ends_with("  ") && !closed && !line.trim().is_empty()
}

/// Returns the number of lines that belong to the table body.
fn body_length(lines: &[Line<'_>]) -> usize {
    let mut open = false;
    let ends = |line: &Line<'_>| {
        let continued = std::mem::replace(&mut open, continues(line.text));
        !continued && (line.text.trim().is_empty() || matches!(line.kind, LineKind::Island | LineKind::Code))
    };
    lines.iter().position(ends).unwrap_or(lines.len())
}

fn read_rows(lines: &[Line<'_>], width: usize, first_line: u32) -> Vec<Row> {
    // Some editors strip trailing spaces: then a line without a bar continues the previous row.
    let marked = lines.iter().any(|line| continues(line.text));
    let mut texts: Vec<(u32, String)> = Vec::new();
    let mut open = false;
    for (index, line) in lines.iter().enumerate() {
        let bare = !marked && !line.text.contains('|');
        match texts.last_mut() {
            Some((_, text)) if open || bare => {
                text.push('\n');
                text.push_str(line.text);
            }
            _ => texts.push((first_line + to_line_number(index), line.text.to_owned())),
        }
        open = continues(line.text);
    }
    let row = |(line, text): (u32, String)| Row {
        line,
        level: 0,
        cells: split_cells(&text, width)
            .into_iter()
            .map(|text| read_cell(line, &text))
            .collect(),
    };
    texts.into_iter().map(row).collect()
}

/// Splits a row into cells. Bars after the last cell belong to it, unless the row starts with a bar.
fn split_cells(text: &str, width: usize) -> Vec<String> {
    let trimmed = text.trim();
    let (inner, closed) = match trimmed.strip_prefix('|') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let inner = inner.strip_suffix('|').filter(|_| closed).unwrap_or(inner);
    let (mut cells, mut escaped) = (vec![String::new()], false);
    for c in inner.chars() {
        let separates = c == '|' && !escaped && (closed || cells.len() < width);
        let last = cells.last_mut();
        match last {
            _ if separates => cells.push(String::new()),
            Some(cell) => {
                if c == '|' && escaped {
                    cell.pop();
                }
                cell.push(c);
            }
            None => {}
        }
        escaped = c == '\\' && !escaped;
    }
    cells.truncate(width);
    cells
}

fn read_cell(line: u32, raw: &str) -> Cell {
    let text = decode_html(raw);
    Cell {
        line,
        scopes: scopes_in_text(&text),
        text,
        ..Cell::default()
    }
}

/// Decodes the line breaks and entities that the portal's Markdown contains.
fn decode_html(text: &str) -> String {
    const REPLACEMENTS: &[(&str, &str)] = &[
        ("<br>", "\n"),
        ("<br/>", "\n"),
        ("<br />", "\n"),
        ("&emsp;", "\u{2003}"),
        ("&ensp;", "\u{2002}"),
        ("&nbsp;", "\u{a0}"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ];
    let decode = |text: String, (html, plain): &(&str, &str)| text.replace(html, plain);
    REPLACEMENTS.iter().fold(text.to_owned(), decode)
}

#[cfg(test)]
mod tests {
    use super::super::document::{Line, LineKind};
    use super::read_tables;

    /// Returns the texts of the cells of the first table.
    fn read(text: &str) -> Vec<Vec<String>> {
        let kind = LineKind::Text;
        let mut lines: Vec<Line<'_>> = text.lines().map(|text| Line { text, kind }).collect();
        let table = read_tables(&mut lines, 1).remove(0);
        let texts = |row: super::Row| row.cells.into_iter().map(|cell| cell.text.trim().to_owned()).collect();
        table.rows.into_iter().map(texts).collect()
    }

    #[test]
    fn two_trailing_spaces_continue_a_read_cell() {
        let rows = read("a | b\n---|---\nkey  \n  more | one  \ntwo\nnext | x");
        assert_eq!(rows, [["key  \n  more", "one  \ntwo"], ["next", "x"]]);
    }

    #[test]
    fn a_line_without_a_bar_continues_a_row() {
        let rows = read("a | b\n---|---\nkey | one\ntwo\nnext | x");
        assert_eq!(rows, [["key", "one\ntwo"], ["next", "x"]]);
    }

    #[test]
    fn reads_rows_enclosed_in_bars() {
        let rows = read("|a|b|\n|:-|-:|\n| key | one |  \n|next|x|||\n\nwords | more");
        assert_eq!(rows, [["key", "one"], ["next", "x"]]);
    }

    #[test]
    fn keeps_escaped_and_trailing_bars() {
        let rows = read("a | b\n---|---\nk\\|ey | one | two");
        assert_eq!(rows, [["k|ey", "one | two"]]);
    }

    #[test]
    fn decodes_html_entities() {
        let rows = read("a | b\n---|---\n&emsp;key | map&lt;string, int&gt;<br>x");
        assert_eq!(rows, [["key", "map<string, int>\nx"]]);
    }
}
