//! The table of a section of a page that has lost its marks.
//!
//! What was a cell is a line, or several; in some copies tabs part the cells of a row. A row begins where lines
//! follow each other that fit the first columns: a name, a type, and whether it is required; or a status and a code.

use super::page::Section;
use super::table::{Cell, Row, Table};
use super::titles;
use super::types;

/// The table, if the section has one.
pub(super) fn tables(section: &Section<'_>) -> Vec<Table> {
    let pieces = pieces(section);
    let table = if section.is(titles::REQUEST) {
        Some(basics(&pieces))
    } else if titles::WITH_TABLES.iter().any(|known| section.is(known)) {
        headed(&pieces)
    } else {
        None
    };
    table.into_iter().collect()
}

/// A line, or what tabs part of one.
struct Piece<'t> {
    line: u32,
    text: &'t str,
    /// Whether an empty line, or the beginning, stands before it.
    apart: bool,
}

fn pieces<'t>(section: &Section<'t>) -> Vec<Piece<'t>> {
    let mut pieces = Vec::new();
    let mut apart = true;
    for (line, number) in section.numbered() {
        for text in line.text.split('\t').map(str::trim) {
            if !text.is_empty() {
                pieces.push(Piece {
                    line: number,
                    text,
                    apart,
                });
                apart = false;
            }
        }
        apart |= line.text.trim().is_empty();
    }
    pieces
}

/// Labels of the first table, as they begin.
const FACTS: &[&str] = &[
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

/// The table of address and method: each label, and what follows it.
fn basics(pieces: &[Piece<'_>]) -> Table {
    let is_label = |piece: &Piece<'_>| {
        let lower = piece.text.to_lowercase();
        FACTS.iter().any(|label| lower.starts_with(label)) && piece.text.chars().count() < 40
    };
    let starts: Vec<usize> = (0..pieces.len()).filter(|at| is_label(&pieces[*at])).collect();
    let row = |(index, start): (usize, &usize)| {
        let end = starts.get(index + 1).copied().unwrap_or(pieces.len());
        let label = &pieces[*start..=*start];
        row(&[label, &pieces[start + 1..end]])
    };
    Table {
        line: pieces.first().map_or(0, |piece| piece.line),
        rows: starts.iter().enumerate().map(row).collect(),
        ..Table::default()
    }
}

fn row(cells: &[&[Piece<'_>]]) -> Row {
    Row {
        line: cells.iter().find_map(|cell| cell.first()).map_or(0, |piece| piece.line),
        level: 0,
        cells: cells.iter().map(|pieces| cell(pieces)).collect(),
    }
}

fn cell(pieces: &[Piece<'_>]) -> Cell {
    let mut text = String::new();
    for piece in pieces {
        if !text.is_empty() {
            text.push_str(if piece.apart { "\n\n" } else { "\n" });
        }
        text.push_str(piece.text);
    }
    Cell {
        line: pieces.first().map_or(0, |piece| piece.line),
        scopes: super::access::in_words(&text),
        text,
        ..Cell::default()
    }
}

/// Heads of columns.
const HEADS: &[(&str, Column)] = &[
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
    ("排查建议", Column::Rest),
    ("troubleshooting suggestions", Column::Rest),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    Type,
    Required,
    Status,
    Code,
    Text,
    Rest,
}

fn column(text: &str) -> Option<Column> {
    let lower = text.trim().to_lowercase();
    HEADS.iter().find(|(head, _)| *head == lower).map(|(_, column)| *column)
}

/// Whether a line can be the first one of a table.
pub(super) fn begins(line: &str) -> bool {
    line.split('\t').next().and_then(column).is_some()
}

/// A table with heads, and rows below them.
fn headed(pieces: &[Piece<'_>]) -> Option<Table> {
    let column = |piece: &Piece<'_>| column(piece.text);
    let start = pieces.iter().position(|piece| column(piece).is_some())?;
    let columns: Vec<Column> = pieces[start..].iter().map_while(column).collect();
    let body = &pieces[start + columns.len()..];
    let fixed: Vec<Column> = columns
        .iter()
        .copied()
        .take_while(|column| !matches!(column, Column::Text | Column::Rest))
        .collect();
    let begins = |at: usize| {
        let first = body.get(at..at + fixed.len()).unwrap_or_default();
        // A word alone is a type where the cells of the row are parted like cells.
        let parted = first.iter().all(|piece| piece.apart) && body.get(at + fixed.len()).is_none_or(|next| next.apart)
            || first.last().map(|piece| piece.line) == first.first().map(|piece| piece.line);
        let fits = |(piece, column): (&Piece<'_>, &Column)| column.fits(piece.text, &fixed, parted);
        !first.is_empty() && first.iter().zip(&fixed).all(fits)
    };
    let mut starts: Vec<usize> = Vec::new();
    for at in 0..body.len() {
        let inside = starts.last().is_some_and(|start| at < start + fixed.len());
        if !inside && begins(at) {
            starts.push(at);
        }
    }
    let row_at = |(index, start): (usize, &usize)| {
        let end = starts.get(index + 1).copied().unwrap_or(body.len());
        let (first, rest) = body[*start..end].split_at(fixed.len());
        let mut cells: Vec<&[Piece<'_>]> = first.chunks(1).collect();
        // The first line of the rest is the text that the platform sends; what helps is behind it.
        let texts = if columns.contains(&Column::Rest) {
            rest.len().min(1)
        } else {
            rest.len()
        };
        cells.push(&rest[..texts]);
        cells.push(&rest[texts..]);
        row(&cells)
    };
    Some(Table {
        line: pieces[start].line,
        head: pieces[start..start + columns.len()]
            .iter()
            .map(|piece| piece.text.to_owned())
            .collect(),
        rows: starts.iter().enumerate().map(row_at).collect(),
        lost_levels: true,
        ..Table::default()
    })
}

impl Column {
    /// Whether a line can be a cell of the column.
    fn fits(self, text: &str, all: &[Self], parted: bool) -> bool {
        match self {
            Self::Name => is_word(text) && text.len() <= 100 && text.contains(char::is_alphanumeric),
            // Where nothing else tells rows, the type does, and has to be one beyond doubt.
            Self::Type if !all.contains(&Self::Required) => is_type(text) || parted && is_word(text),
            Self::Type => text.is_ascii() && text.len() <= 100,
            Self::Required => matches!(text.to_lowercase().as_str(), "是" | "否" | "yes" | "no"),
            Self::Status => text.parse::<u16>().is_ok_and(|status| (100..600).contains(&status)),
            Self::Code => text.parse::<i64>().is_ok() || matches!(text, "-" | "--"),
            Self::Text | Self::Rest => true,
        }
    }
}

fn is_word(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '$'))
}

fn is_type(text: &str) -> bool {
    let bare = super::table::unescaped(text);
    let named = bare.contains('_') && is_word(&bare) && bare.to_lowercase() == bare;
    matches!(bare.as_str(), "-") || bare.ends_with("[]") || named || types::read(&bare, Vec::new()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::page::{Kind, Line, Section};
    use super::tables;

    fn read(title: &'static str, text: &'static str) -> Vec<Vec<String>> {
        let mut section = Section::new(title, 1);
        let kind = Kind::Words;
        section.lines = text.lines().map(|text| Line { text, kind }).collect();
        let table = tables(&section).remove(0);
        let texts = |row: super::Row| row.cells.into_iter().map(|cell| cell.text).collect();
        table.rows.into_iter().map(texts).collect()
    }

    #[test]
    fn a_row_begins_with_a_name_a_type_and_whether_it_is_required() {
        let text = "名称\t类型\t必填\t描述\ncage\n\nstring\n\n是\n\nwords\n\nid\nmore\n\nkeeper\n\nperson\n\n否\n\n";
        let rows = read("请求体", text);
        assert_eq!(rows[0], ["cage", "string", "是", "words\n\nid\nmore", ""]);
        assert_eq!(rows[1], ["keeper", "person", "否", "", ""]);
    }

    #[test]
    fn without_that_a_type_is_one_that_pages_have_or_a_word_between_empty_lines() {
        let text = "名称\n类型\n描述\ncage\n\ncage\n\nwords\n\nid\n\nstring\n\none of\na\nb\nc";
        let rows = read("响应体", text);
        assert_eq!(
            rows,
            [["cage", "cage", "words", ""], ["id", "string", "one of\na\nb\nc", ""]]
        );
    }

    #[test]
    fn tabs_may_part_the_cells() {
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
    fn a_failure_begins_with_a_status_and_a_code() {
        let text = "HTTP状态码\t错误码\t描述\t排查建议\n400\n\n47\n\nnot hungry\n\n等 200 秒\n\n404\n\n48\n\nno cage";
        let rows = read("错误码", text);
        assert_eq!(
            rows,
            [["400", "47", "not hungry", "等 200 秒"], ["404", "48", "no cage", ""]]
        );
    }
}
