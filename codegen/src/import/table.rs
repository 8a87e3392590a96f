//! Tables, as every format of a page has them.

/// A table.
#[derive(Default)]
pub(super) struct Table {
    /// 1-based line of the page.
    pub line: u32,
    /// The texts of its head.
    pub head: Vec<String>,
    pub rows: Vec<Row>,
    /// Whether the rows say how deep they are.
    pub levelled: bool,
    /// Whether they would, had the format not lost it.
    pub lost_levels: bool,
    /// Elements that nobody knows, with their lines.
    pub strange: Vec<(u32, String)>,
}

/// A row of its body.
#[derive(Default)]
pub(super) struct Row {
    /// 1-based line of the page.
    pub line: u32,
    /// How deep its field is nested.
    pub level: usize,
    pub cells: Vec<Cell>,
}

/// A cell, with what its elements say apart from its text.
#[derive(Default)]
pub(super) struct Cell {
    pub line: u32,
    /// Whether it heads its row or column.
    pub is_head: bool,
    pub text: String,
    /// The keys of `md-enum-item`.
    pub values: Vec<String>,
    /// The names of scopes, each with the offset in the text where it, or the list that it is in, stands.
    pub scopes: Vec<(usize, String)>,
    /// The types of `md-tag`.
    pub tags: Vec<String>,
    /// The types of `md-app-support`.
    pub apps: Option<String>,
}

impl Table {
    /// The column with one of these heads.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        let is = |head: &String| {
            let bare = plain(head);
            names.iter().any(|name| plain(name) == bare)
        };
        self.head.iter().position(is)
    }

    /// Some tables have their head as the first row.
    pub fn find_head(&mut self) {
        let headed = |row: &Row| row.cells.iter().all(|cell| cell.is_head);
        if self.head.is_empty() && self.rows.first().is_some_and(headed) {
            let first = self.rows.remove(0);
            let text = |cell: Cell| cell.text.trim().to_owned();
            self.head = first.cells.into_iter().map(text).collect();
        }
    }
}

/// A head without what differs from page to page: spaces, capitals, stars.
fn plain(head: &str) -> String {
    let letters = head.chars().filter(|c| !c.is_whitespace() && *c != '*');
    letters.flat_map(char::to_lowercase).collect()
}

impl Row {
    /// The text of a cell; empty where there is none.
    pub fn text(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", |cell| cell.text.trim())
    }
}

/// A text of the page without the backslashes of Markdown.
pub(super) fn unescaped(text: &str) -> String {
    let mut chars = text.trim().chars().peekable();
    let mut plain = String::new();
    while let Some(c) = chars.next() {
        if c != '\\' || !chars.peek().is_some_and(char::is_ascii_punctuation) {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{Table, unescaped};

    #[test]
    fn a_backslash_goes_from_before_punctuation_alone() {
        assert_eq!(unescaped(r" string\[\] \n "), r"string[] \n");
    }

    #[test]
    fn a_head_is_found_however_it_is_spaced_and_capitalised() {
        let table = Table {
            head: vec!["**参数**".to_owned(), "HTTP Status  code".to_owned()],
            ..Table::default()
        };
        assert_eq!(table.column(&["参数"]), Some(0));
        assert_eq!(table.column(&["HTTP status code"]), Some(1));
    }
}
