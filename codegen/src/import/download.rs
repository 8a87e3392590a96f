//! What a page says of a file that it answers with.

use super::note::{Notes, shown};
use super::page::Document;
use super::table::{Row, Table, unescaped};
use super::titles;
use super::tree::{Map, Tree};
use super::words;
use crate::names;

/// Facts about the file.
#[derive(Debug, Default)]
pub(super) struct Download {
    /// Whether a part of it can be asked for.
    ranges: bool,
    /// `100 MB`.
    max_bytes: Option<String>,
    /// Names in lower case.
    headers: Vec<String>,
}

/// Reads them.
pub(super) fn read(page: &Document<'_>, notes: &mut Notes) -> Download {
    let mut download = Download {
        ranges: takes_ranges(page),
        ..Download::default()
    };
    for table in tables(page, titles::RESPONSE_HEADERS) {
        for row in &table.rows {
            download.header(row, notes);
        }
    }
    download.size(page, notes);
    download
}

fn tables<'p>(page: &'p Document<'_>, titles: &[&str]) -> &'p [Table] {
    page.section(titles).map_or(&[], |section| &section.tables)
}

fn first(row: &Row) -> String {
    unescaped(row.text(0)).trim_matches('`').to_owned()
}

/// Whether there is a `Range` to send, or a status for a part.
fn takes_ranges(page: &Document<'_>) -> bool {
    let has = |titles: &[&str], what: &str| {
        let mut rows = tables(page, titles).iter().flat_map(|table| &table.rows);
        rows.any(|row| first(row).eq_ignore_ascii_case(what))
    };
    has(titles::RANGES, "range")
        || has(titles::HEADERS, "range")
        || has(titles::STATUSES, "206")
        || has(titles::ERRORS, "206")
}

impl Download {
    fn header(&mut self, row: &Row, notes: &mut Notes) {
        let name = first(row).to_ascii_lowercase();
        if !names::is_header_name(&name) || self.headers.contains(&name) {
            let message = format!("the header {} of the answer is none, or there twice", shown(&name));
            notes.add(row.line, message);
        } else {
            self.headers.push(name);
        }
    }

    /// The largest size, where a sentence before the request tells that of what is downloaded; and what a header of
    /// the answer needs, which only a person can tell.
    fn size(&mut self, page: &Document<'_>, notes: &mut Notes) {
        for (line, number) in page.before_request().flat_map(|section| section.numbered()) {
            let lower = line.text.to_lowercase();
            if lower.contains("header") || lower.contains("content-disposition") {
                notes.add(
                    number,
                    format!("what a header does was not understood: {}", shown(line.text)),
                );
            }
            if !lower.contains("下载") && !lower.contains("download") {
                continue;
            }
            match words::largest_size(&lower) {
                None => {}
                Some(size) if self.max_bytes.as_ref().is_none_or(|other| *other == size) => {
                    self.max_bytes = Some(size);
                }
                Some(size) => notes.add(number, format!("a second size, {size}, was left out")),
            }
        }
    }

    /// The mapping of the spec, if there is anything to say.
    pub fn written(&self) -> Option<Tree> {
        let mut map = Map::default();
        map.put_some("ranges", self.ranges.then(|| Tree::literal(true)));
        map.put_some("max_bytes", self.max_bytes.as_ref().map(Tree::text));
        if !self.headers.is_empty() {
            let mut headers = Map::default();
            for name in &self.headers {
                headers.put(name, Tree::Map(Vec::new()));
            }
            map.put("headers", headers.done());
        }
        Some(map.done()).filter(|tree| *tree != Tree::Map(Vec::new()))
    }

    /// Whether the request's `Range` is said by this.
    pub fn ranges(&self) -> bool {
        self.ranges
    }
}
