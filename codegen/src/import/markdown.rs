//! Tables of Markdown: `名称 | 类型`, below it `--- | ---`.
//!
//! The portal's own Markdown breaks the lines inside of a cell: a line that ends in two spaces goes on in the next one.

use super::access;
use super::page::{Kind, Line};
use super::table::{Cell, Row, Table};

/// The tables of a section whose first line has that number; their lines become those of tables.
pub(super) fn tables(lines: &mut [Line<'_>], first_line: u32) -> Vec<Table> {
    let mut tables = Vec::new();
    let mut at = 0;
    while at + 1 < lines.len() {
        let words = lines[at].kind == Kind::Words && lines[at + 1].kind == Kind::Words;
        let head = lines[at].text;
        if !words || !head.contains('|') || !is_rule(lines[at + 1].text) {
            at += 1;
            continue;
        }
        let width = columns(lines[at + 1].text).max(cells(head, usize::MAX).len());
        let end = at + 2 + body(&lines[at + 2..]);
        let first_row = first_line + number(at + 2);
        tables.push(Table {
            line: first_line + number(at),
            head: cells(head, width)
                .iter()
                .map(|cell| cell.trim_matches(|c: char| c == '*' || c.is_whitespace()).to_owned())
                .collect(),
            rows: rows(&lines[at + 2..end], width, first_row),
            lost_levels: true,
            ..Table::default()
        });
        lines[at..end].iter_mut().for_each(|line| line.kind = Kind::Table);
        at = end;
    }
    tables
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX / 2)
}

/// `--- | ---`, `|:--|--:|`.
fn is_rule(line: &str) -> bool {
    line.contains('-') && line.contains('|') && line.chars().all(|c| matches!(c, '-' | '|' | ':' | ' ' | '\t'))
}

fn columns(rule: &str) -> usize {
    rule.split('|').filter(|part| part.contains('-')).count()
}

/// Whether a line goes on in the next one.
fn goes_on(line: &str) -> bool {
    let closed = line.trim_start().starts_with('|') && line.trim_end().ends_with('|');
    line.ends_with("  ") && !closed && !line.trim().is_empty()
}

/// How many of the lines are of the table.
fn body(lines: &[Line<'_>]) -> usize {
    let mut open = false;
    let ends = |line: &Line<'_>| {
        let inside = std::mem::replace(&mut open, goes_on(line.text));
        !inside && (line.text.trim().is_empty() || matches!(line.kind, Kind::Island | Kind::Code))
    };
    lines.iter().position(ends).unwrap_or(lines.len())
}

fn rows(lines: &[Line<'_>], width: usize, first_line: u32) -> Vec<Row> {
    // Where somebody's editor took the spaces at the ends of lines, a line without a bar goes on from the one before.
    let marked = lines.iter().any(|line| goes_on(line.text));
    let mut texts: Vec<(u32, String)> = Vec::new();
    let mut open = false;
    for (index, line) in lines.iter().enumerate() {
        let bare = !marked && !line.text.contains('|');
        match texts.last_mut() {
            Some((_, text)) if open || bare => {
                text.push('\n');
                text.push_str(line.text);
            }
            _ => texts.push((first_line + number(index), line.text.to_owned())),
        }
        open = goes_on(line.text);
    }
    let row = |(line, text): (u32, String)| Row {
        line,
        level: 0,
        cells: cells(&text, width).into_iter().map(|text| cell(line, &text)).collect(),
    };
    texts.into_iter().map(row).collect()
}

/// The cells of a row. Bars behind the last one are part of it, unless the row is closed with a bar.
fn cells(text: &str, width: usize) -> Vec<String> {
    let trimmed = text.trim();
    let (inner, closed) = match trimmed.strip_prefix('|') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let inner = inner.strip_suffix('|').filter(|_| closed).unwrap_or(inner);
    let (mut cells, mut escaped) = (vec![String::new()], false);
    for c in inner.chars() {
        let parts = c == '|' && !escaped && (closed || cells.len() < width);
        let last = cells.last_mut();
        match last {
            _ if parts => cells.push(String::new()),
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

fn cell(line: u32, raw: &str) -> Cell {
    let text = decoded(raw);
    Cell {
        line,
        scopes: access::in_words(&text),
        text,
        ..Cell::default()
    }
}

/// A text without the few pieces of HTML that Markdown of the portal has.
fn decoded(text: &str) -> String {
    const PIECES: &[(&str, &str)] = &[
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
    let decode = |text: String, (piece, meaning): &(&str, &str)| text.replace(piece, meaning);
    PIECES.iter().fold(text.to_owned(), decode)
}

#[cfg(test)]
mod tests {
    use super::super::page::{Kind, Line};
    use super::tables;

    /// The texts of the cells of the first table.
    fn read(text: &str) -> Vec<Vec<String>> {
        let kind = Kind::Words;
        let mut lines: Vec<Line<'_>> = text.lines().map(|text| Line { text, kind }).collect();
        let table = tables(&mut lines, 1).remove(0);
        let texts = |row: super::Row| row.cells.into_iter().map(|cell| cell.text.trim().to_owned()).collect();
        table.rows.into_iter().map(texts).collect()
    }

    #[test]
    fn a_line_that_ends_in_two_spaces_goes_on() {
        let rows = read("a | b\n---|---\nkey  \n  more | one  \ntwo\nnext | x");
        assert_eq!(rows, [["key  \n  more", "one  \ntwo"], ["next", "x"]]);
    }

    #[test]
    fn without_the_spaces_a_line_without_a_bar_goes_on() {
        let rows = read("a | b\n---|---\nkey | one\ntwo\nnext | x");
        assert_eq!(rows, [["key", "one\ntwo"], ["next", "x"]]);
    }

    #[test]
    fn a_row_may_stand_between_bars() {
        let rows = read("|a|b|\n|:-|-:|\n| key | one |  \n|next|x|||\n\nwords | more");
        assert_eq!(rows, [["key", "one"], ["next", "x"]]);
    }

    #[test]
    fn a_bar_in_the_last_cell_or_behind_a_backslash_parts_nothing() {
        let rows = read("a | b\n---|---\nk\\|ey | one | two");
        assert_eq!(rows, [["k|ey", "one | two"]]);
    }

    #[test]
    fn what_pages_write_as_html_is_read() {
        let rows = read("a | b\n---|---\n&emsp;key | map&lt;string, int&gt;<br>x");
        assert_eq!(rows, [["key", "map<string, int>\nx"]]);
    }
}
