//! A documentation page as a neutral [`Document`], read from any of its three formats.

mod copied_text;
mod notation;
mod tables;

pub(super) use notation::{ScopeLabels, is_tree_mark, is_wide, labelled, parse_type, tree_levels, unescape};

/// Reads a page in any of the formats. Any other text becomes a document without tables.
pub(super) fn read_page(text: &str) -> Document<'_> {
    if let Some(document) = copied_text::read_copied_text(text) {
        return document;
    }
    let mut document = read_outline(text);
    for section in &mut document.sections {
        let text = section.text();
        let has_elements = text.contains("<md-") || text.contains("<table");
        let mut tables = if has_elements {
            tables::read_markup_tables(&text, section.line + 1)
        } else {
            Vec::new()
        };
        tables.extend(tables::read_markdown_tables(&mut section.lines, section.line + 1));
        tables.sort_by_key(|table| table.line);
        section.tables = tables;
    }
    document
}

/// Reads the front matter and the headings of Markdown.
fn read_outline(text: &str) -> Document<'_> {
    let mut front = Vec::new();
    let mut sections = vec![Section::new("", 0)];
    let (mut in_front, mut code, mut island) = (false, false, false);
    // Saved pages may have the front matter inside of a comment.
    let opens = |line: &str, number| number == 1 && matches!(line, "---" | "<!--");
    for (line, number) in text.lines().zip(1..) {
        let trimmed = line.trim();
        let mut edge = false;
        match trimmed {
            _ if opens(trimmed, number) => in_front = true,
            "---" | "-->" if in_front => (in_front, edge) = (false, true),
            _ if in_front => front.extend(key_value(trimmed)),
            _ if is_fence(trimmed) => (code, edge) = (!code, true),
            ":::" if !code => (island, edge) = (false, true),
            _ if trimmed.starts_with(":::") && !code => island = true,
            _ => {}
        }
        let kind = if code || in_front || edge {
            LineKind::Code
        } else if island {
            LineKind::Island
        } else {
            LineKind::Text
        };
        let title = (kind == LineKind::Text).then(|| parse_heading(line)).flatten();
        match (title, sections.last_mut()) {
            (Some(title), _) => sections.push(Section::new(title, number)),
            (None, Some(section)) => section.lines.push(Line { text: line, kind }),
            (None, None) => {}
        }
    }
    Document { front, sections }
}

/// Whether a line opens or closes a code block. A line that does both does neither.
fn is_fence(line: &str) -> bool {
    let rest = line.trim_start_matches('`');
    line.len() - rest.len() >= 3 && !rest.contains("```")
}

fn parse_heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    let depth = line.len() - rest.len();
    let title = || rest.trim().trim_end_matches('#').trim();
    ((1..=6).contains(&depth) && rest.starts_with(' ')).then(title)
}

/// A page: its front matter, and its sections in order.
pub(super) struct Document<'t> {
    pub front: Vec<(&'t str, &'t str)>,
    pub sections: Vec<Section<'t>>,
}

/// A heading with the lines and tables below it, up to the next heading.
pub(super) struct Section<'t> {
    pub title: &'t str,
    /// 1-based line of the heading.
    pub line: u32,
    /// The lines below the heading; the first has the number `line + 1`.
    pub lines: Vec<Line<'t>>,
    pub tables: Vec<Table>,
}

/// A line of a section.
#[derive(Clone, Copy)]
pub(super) struct Line<'t> {
    pub text: &'t str,
    pub kind: LineKind,
}

/// The context of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// Running text.
    Text,
    /// Part of a code block or of the front matter.
    Code,
    /// Part of a `:::` block of the portal.
    Island,
    /// Part of a Markdown table.
    Table,
}

impl<'t> Document<'t> {
    /// Returns a value of the front matter.
    pub fn front_matter(&self, key: &str) -> Option<&'t str> {
        let found = self.front.iter().find(|(name, _)| *name == key);
        found.map(|(_, value)| *value)
    }

    /// Returns the first section with one of these headings.
    pub fn section(&self, headings: &[&str]) -> Option<&Section<'t>> {
        self.sections.iter().find(|section| section.has_heading(headings))
    }

    /// Returns the sections before the request: the purpose of the endpoint and its usage limits.
    pub fn before_request(&self) -> impl Iterator<Item = &Section<'t>> {
        let is_before = |section: &&Section<'t>| !section.has_heading(headings::REQUEST);
        self.sections.iter().take_while(is_before)
    }
}

impl<'t> Section<'t> {
    pub fn new(title: &'t str, line: u32) -> Self {
        Self {
            title,
            line,
            lines: Vec::new(),
            tables: Vec::new(),
        }
    }

    pub fn has_heading(&self, headings: &[&str]) -> bool {
        headings.iter().any(|heading| heading.eq_ignore_ascii_case(self.title))
    }

    /// Returns all lines as one text.
    pub fn text(&self) -> String {
        let lines: Vec<&str> = self.lines.iter().map(|line| line.text).collect();
        lines.join("\n")
    }

    /// Returns the lines with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (Line<'t>, u32)> {
        self.lines.iter().copied().zip(self.line + 1..)
    }
}

/// Splits a line of front matter, `key: value`.
fn key_value(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    Some((key.trim(), value.trim().trim_matches('"')))
}

/// A table.
#[derive(Default)]
pub(super) struct Table {
    /// 1-based line of the page.
    pub line: u32,
    /// The texts of the header cells.
    pub head: Vec<String>,
    pub rows: Vec<Row>,
    /// Whether the rows state their nesting level.
    pub has_levels: bool,
    /// Whether the format cannot express nesting, so that all levels are 0.
    pub lost_levels: bool,
    /// Unknown elements with their lines.
    pub unknown_elements: Vec<(u32, String)>,
}

/// A row of a table body.
#[derive(Default)]
pub(super) struct Row {
    /// 1-based line of the page.
    pub line: u32,
    /// The nesting level of its field, 0 for the top level.
    pub level: usize,
    pub cells: Vec<Cell>,
}

/// A cell: its text, and the attributes of the portal's elements in it.
#[derive(Default)]
pub(super) struct Cell {
    pub line: u32,
    /// Whether it is a header cell (`th`).
    pub is_head: bool,
    pub text: String,
    /// The keys of `md-enum-item`.
    pub values: Vec<String>,
    /// The names of scopes, each with the offset in the text of the scope or of its list.
    pub scopes: Vec<(usize, String)>,
    /// The types of `md-tag`.
    pub tags: Vec<String>,
    /// The types of `md-app-support`.
    pub apps: Option<String>,
}

impl Table {
    /// Returns the index of the column with one of these names.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        let is = |head: &String| {
            let bare = normalized(head);
            names.iter().any(|name| normalized(name) == bare)
        };
        self.head.iter().position(is)
    }

    /// Turns a first row of header cells into the head, where the table has no `thead`.
    pub fn promote_header_row(&mut self) {
        let is_header = |row: &Row| row.cells.iter().all(|cell| cell.is_head);
        if self.head.is_empty() && self.rows.first().is_some_and(is_header) {
            let first = self.rows.remove(0);
            let text = |cell: Cell| cell.text.trim().to_owned();
            self.head = first.cells.into_iter().map(text).collect();
        }
    }
}

/// Returns a column name in lower case, without spaces and asterisks.
fn normalized(head: &str) -> String {
    let letters = head.chars().filter(|c| !c.is_whitespace() && *c != '*');
    letters.flat_map(char::to_lowercase).collect()
}

impl Row {
    /// Returns the trimmed text of a cell, empty if the row is shorter.
    pub fn text(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", |cell| cell.text.trim())
    }
}

/// The headings of the sections of a page, in Chinese and English.
pub(in crate::import) mod headings {
    pub(in crate::import) const REQUEST: &[&str] = &["请求", "Request"];
    pub(in crate::import) const PATH: &[&str] = &["路径参数", "Path parameters", "Path parameter"];
    pub(in crate::import) const QUERY: &[&str] = &["查询参数", "Query parameters", "Query parameter"];
    pub(in crate::import) const HEADERS: &[&str] = &["请求头", "Request header", "Request headers"];
    pub(in crate::import) const BODY: &[&str] = &["请求体", "Request body"];
    /// On old pages: the query of a GET request, the body of other requests.
    pub(in crate::import) const PARAMETERS: &[&str] = &["请求参数", "Request parameters"];
    pub(in crate::import) const PARTIAL_DOWNLOAD: &[&str] = &["部分下载", "Partial download"];
    pub(in crate::import) const RESPONSE: &[&str] = &["响应", "Response"];
    pub(in crate::import) const RESPONSE_BODY: &[&str] = &["响应体", "Response body"];
    pub(in crate::import) const RESPONSE_HEADERS: &[&str] = &["响应头", "Response header", "Response headers"];
    pub(in crate::import) const ERRORS: &[&str] = &["错误码", "Error code", "Error codes"];
    pub(in crate::import) const STATUSES: &[&str] = &["状态码", "Status code", "Status codes"];
    pub(in crate::import) const REQUEST_EXAMPLE: &[&str] = &["请求体示例", "Request body example"];
    pub(in crate::import) const RESPONSE_EXAMPLE: &[&str] = &[
        "响应体示例",
        "响应示例",
        "返回示例",
        "Response body example",
        "Response example",
    ];

    /// The sections whose tables are read.
    pub(in crate::import) const WITH_TABLES: &[&[&str]] = &[
        REQUEST,
        PATH,
        QUERY,
        HEADERS,
        BODY,
        PARAMETERS,
        PARTIAL_DOWNLOAD,
        RESPONSE_BODY,
        RESPONSE_HEADERS,
        ERRORS,
        STATUSES,
    ];

    /// The sections whose tables are not read. They separate the others.
    pub(in crate::import) const WITHOUT_TABLES: &[&str] = &[
        "前提条件",
        "使用限制",
        "注意事项",
        "使用说明",
        "请求示例",
        "相关问题",
        "后续操作",
        "Prerequisites",
        "Prerequisite",
        "Limits",
        "Usage limits",
        "Precautions",
        "Notes",
        "Request example",
        "Related questions",
        "FAQs",
    ];

    /// Whether a line of copied text is a heading.
    pub(in crate::import) fn is_heading(line: &str) -> bool {
        let is = |titles: &&[&str]| titles.iter().any(|title| title.eq_ignore_ascii_case(line));
        let known: [&[&str]; 4] = [RESPONSE, REQUEST_EXAMPLE, RESPONSE_EXAMPLE, WITHOUT_TABLES];
        WITH_TABLES.iter().chain(&known).any(is)
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn column_lookup_ignores_case_and_spacing() {
        let table = Table {
            head: vec!["**参数**".to_owned(), "HTTP Status  code".to_owned()],
            ..Table::default()
        };
        assert_eq!(table.column(&["参数"]), Some(0));
        assert_eq!(table.column(&["HTTP status code"]), Some(1));
    }
}
