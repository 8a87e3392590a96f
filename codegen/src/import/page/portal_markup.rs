//! Tables in the portal's own elements, `md-table` and `md-dt-table`: rows may have a level, cells may have attributes.

use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};

use super::document::{Cell, Row, Table};

/// Reads the tables of a text. `first_line` is the number of its first line.
pub(super) fn read_tables(text: &str, first_line: u32) -> Vec<Table> {
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
