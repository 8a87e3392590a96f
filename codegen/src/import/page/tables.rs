//! Tables of a page: in Markdown, `名称 | 类型` above `--- | ---`, and in the portal's own elements, `md-table` and
//! `md-dt-table`.
//!
//! The portal's Markdown breaks lines inside of a cell: after a line that ends in two spaces, the cell continues. Rows of
//! its elements may have a level, and cells may have attributes.

use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};

use super::notation::scopes_in_text;
use super::{Cell, Line, LineKind, Row, Table};

/// Reads the tables of a section and marks their lines as [`LineKind::Table`].
pub(super) fn read_markdown_tables(lines: &mut [Line<'_>], first_line: u32) -> Vec<Table> {
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

/// Reads the tables of a text. `first_line` is the number of its first line.
pub(super) fn read_markup_tables(text: &str, first_line: u32) -> Vec<Table> {
    let mut builder = TableBuilder::new(text, first_line);
    let emitter = DefaultEmitter::<usize>::new_with_span();
    for token in Tokenizer::new_with_emitter(text, emitter) {
        match token {
            Ok(Token::StartTag(tag)) => builder.open(&tag),
            Ok(Token::EndTag(tag)) => builder.close(&tag.name),
            Ok(Token::String(text)) => builder.text(&String::from_utf8_lossy(&text.value)),
            _ => {}
        }
    }
    builder.tables.iter_mut().for_each(Table::promote_header_row);
    builder.tables
}

struct TableBuilder {
    tables: Vec<Table>,
    /// The byte offset of each line.
    line_offsets: Vec<usize>,
    first_line: u32,
    in_head: bool,
    in_cell: bool,
    /// Whether the current element's text is an explanation, which is skipped.
    skip_text: bool,
}

impl TableBuilder {
    fn new(text: &str, first_line: u32) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            tables: Vec::new(),
            line_offsets: [0].into_iter().chain(breaks).collect(),
            first_line,
            in_head: false,
            in_cell: false,
            skip_text: false,
        }
    }

    fn line(&self, offset: usize) -> u32 {
        let index = self.line_offsets.partition_point(|start| *start <= offset);
        self.first_line + u32::try_from(index.saturating_sub(1)).unwrap_or(u32::MAX - self.first_line)
    }

    fn open(&mut self, tag: &StartTag<usize>) {
        let line = self.line(tag.span.start);
        match element_name(&tag.name) {
            "table" | "dt-table" => self.tables.push(Table {
                line,
                ..Table::default()
            }),
            "thead" | "dt-thead" => self.in_head = true,
            "tbody" | "dt-tbody" => self.in_head = false,
            "tr" | "dt-tr" if !self.in_head => {
                let level = attribute(tag, "level").and_then(|level| level.parse().ok());
                if let Some(table) = self.tables.last_mut() {
                    table.has_levels |= level.is_some();
                    table.rows.push(Row {
                        line,
                        level: level.unwrap_or(0),
                        cells: Vec::new(),
                    });
                }
            }
            "th" | "dt-th" => self.open_cell(line, true),
            "td" | "dt-td" => self.open_cell(line, false),
            "enum-item" | "perm" | "tag" | "app-support" | "tooltip" => self.open_attribute_element(tag),
            "br" | "div" | "alert" => self.text("\n"),
            "tr" | "dt-tr" | "text" | "enum" | "code-json" => {}
            other if tag.name.starts_with(b"md-") => {
                if let Some(table) = self.tables.last_mut() {
                    table.unknown_elements.push((line, format!("md-{other}")));
                }
            }
            _ => {}
        }
    }

    fn open_cell(&mut self, line: u32, is_head: bool) {
        self.in_cell = true;
        self.skip_text = false;
        let Some(table) = self.tables.last_mut() else { return };
        if self.in_head {
            table.head.push(String::new());
        } else if let Some(row) = table.rows.last_mut() {
            row.cells.push(Cell {
                line,
                is_head,
                ..Cell::default()
            });
        }
    }

    fn open_attribute_element(&mut self, tag: &StartTag<usize>) {
        let kind = element_name(&tag.name);
        self.skip_text = !tag.self_closing && matches!(kind, "enum-item" | "perm" | "tooltip");
        let Some(cell) = self.cell() else { return };
        match kind {
            "enum-item" => cell.values.extend(attribute(tag, "key")),
            "perm" => cell
                .scopes
                .extend(attribute(tag, "name").map(|name| (cell.text.len(), name))),
            "tag" => cell.tags.extend(attribute(tag, "type")),
            "app-support" => cell.apps = attribute(tag, "types"),
            _ => {}
        }
    }

    fn close(&mut self, tag: &HtmlString) {
        match element_name(tag) {
            "thead" | "dt-thead" => self.in_head = false,
            "th" | "td" | "dt-th" | "dt-td" => self.in_cell = false,
            "enum-item" | "perm" | "tooltip" => self.skip_text = false,
            "div" | "alert" | "enum" => self.text("\n"),
            _ => {}
        }
    }

    fn cell(&mut self) -> Option<&mut Cell> {
        let row = self.tables.last_mut()?.rows.last_mut()?;
        row.cells.last_mut().filter(|_| self.in_cell && !self.in_head)
    }

    fn text(&mut self, text: &str) {
        if self.skip_text || !self.in_cell {
            return;
        }
        if self.in_head {
            let head = self.tables.last_mut().and_then(|table| table.head.last_mut());
            head.into_iter().for_each(|head| head.push_str(text.trim()));
        } else if let Some(cell) = self.cell() {
            cell.text.push_str(text);
        }
    }
}

/// Returns the name of an element without the prefix `md-`.
fn element_name(tag: &HtmlString) -> &str {
    let name = std::str::from_utf8(tag).unwrap_or_default();
    name.strip_prefix("md-").unwrap_or(name)
}

fn attribute(tag: &StartTag<usize>, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(&value.value).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::read_markdown_tables;
    use crate::import::page::{Line, LineKind};

    /// Returns the texts of the cells of the first table.
    fn read(text: &str) -> Vec<Vec<String>> {
        let kind = LineKind::Text;
        let mut lines: Vec<Line<'_>> = text.lines().map(|text| Line { text, kind }).collect();
        let table = read_markdown_tables(&mut lines, 1).remove(0);
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
