//! Media in the cells of a spreadsheet.

use std::collections::VecDeque;

use super::{Find, Media, Place};
use crate::sheets::v2::spreadsheet::ValuesBatchGet;
use crate::sheets::v3::spreadsheet_sheet::{Query, Sheet, SheetResourceType};
use crate::wire::Value;
use crate::{Client, Error, Result};

/// How many columns a range has at most: the platform gives no more of some forms of range.
const COLUMNS: u64 = 100;
/// How many cells a range has at most. An answer may have 10 MB, which few sheets need for so many.
const CELLS: u64 = 20_000;
/// What the platform answers where that does not suffice, on its page of common codes.
const TOO_LARGE: i64 = 90_221;

/// The cells of a spreadsheet, sheet by sheet and range by range.
pub(super) struct Cells {
    token: String,
    /// The sheet that alone counts.
    only: Option<String>,
    /// What is to be looked at; `None` before the sheets are known.
    ranges: Option<VecDeque<Range>>,
}

/// A part of a sheet. Rows and columns are counted from 0, and those at the end are not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    sheet_id: String,
    rows: (u64, u64),
    columns: (u64, u64),
}

impl Cells {
    pub(super) fn new(token: &str) -> Self {
        Self {
            token: token.to_owned(),
            only: None,
            ranges: None,
        }
    }

    /// Those of this sheet alone.
    pub(super) fn only(mut self, sheet_id: String) -> Self {
        self.only = Some(sheet_id);
        self
    }

    /// Looks at the next range.
    pub(super) async fn look(&mut self, client: &Client) -> Result<Option<Vec<Find>>> {
        let ranges = match &mut self.ranges {
            Some(ranges) => ranges,
            None => {
                let sheets = Query::new(self.token.as_str()).send(client).await?.sheets;
                let wanted = |sheet: &&Sheet| self.only.is_none() || self.only.as_ref() == Some(&sheet.sheet_id);
                let ranges = sheets.iter().filter(wanted).flat_map(ranges_of).collect();
                self.ranges.insert(ranges)
            }
        };
        let Some(range) = ranges.pop_front() else {
            return Ok(None);
        };
        let request = ValuesBatchGet::new(self.token.as_str(), range.to_string());
        match request.send(client).await {
            Ok(answer) => {
                let rows = answer.value_ranges.iter().flat_map(|range| &range.values);
                Ok(Some(range.finds(rows)))
            }
            Err(error) => {
                let halves = halves(&range, &error).ok_or(error)?;
                halves.into_iter().rev().for_each(|half| ranges.push_front(half));
                Ok(Some(Vec::new()))
            }
        }
    }
}

/// All cells of a sheet, in ranges.
fn ranges_of(sheet: &Sheet) -> Vec<Range> {
    let size = |count: Option<i64>| count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
    let has_cells = sheet
        .resource_type
        .as_ref()
        .is_none_or(|kind| *kind == SheetResourceType::Sheet);
    let (Some(grid), true) = (&sheet.grid_properties, has_cells) else {
        return Vec::new();
    };
    let (rows, columns) = (size(grid.row_count), size(grid.column_count));
    let mut ranges = Vec::new();
    for column in parts(columns, COLUMNS) {
        let height = CELLS / (column.1 - column.0).max(1);
        for row in parts(rows, height) {
            ranges.push(Range {
                sheet_id: sheet.sheet_id.clone(),
                rows: row,
                columns: column,
            });
        }
    }
    ranges
}

/// So many, in parts of at most this length.
fn parts(count: u64, most: u64) -> impl Iterator<Item = (u64, u64)> {
    let starts = (0..count.div_ceil(most)).map(move |number| number * most);
    starts.map(move |start| (start, (start + most).min(count)))
}

/// The halves of a range for which the answer would have been too large.
fn halves(range: &Range, error: &Error) -> Option<[Range; 2]> {
    if error.code() != Some(TOO_LARGE) {
        return None;
    }
    let half = |(from, to): (u64, u64)| (to - from > 1).then(|| from + (to - from) / 2);
    let with = |rows, columns| Range {
        rows,
        columns,
        ..range.clone()
    };
    let ((top, bottom), (left, right)) = (range.rows, range.columns);
    match (half(range.rows), half(range.columns)) {
        (Some(row), _) => Some([with((top, row), range.columns), with((row, bottom), range.columns)]),
        (None, Some(column)) => Some([with(range.rows, (left, column)), with(range.rows, (column, right))]),
        (None, None) => None,
    }
}

impl Range {
    fn finds<'a>(&self, rows: impl Iterator<Item = &'a Vec<Value>>) -> Vec<Find> {
        let mut finds = Vec::new();
        for (row, cells) in (self.rows.0..).zip(rows) {
            for (column, cell) in (self.columns.0..).zip(cells) {
                of_cell(cell, &mut |token, name| {
                    let place = Place::Cell {
                        sheet_id: self.sheet_id.clone(),
                        cell: cell_name(row, column),
                    };
                    finds.push(Find::Media(Media {
                        token: token.to_owned(),
                        name: name.map(str::to_owned),
                        place,
                        extra: None,
                    }));
                });
            }
        }
        finds
    }
}

/// What the platform takes for a range: `Q7PlXT!A2:B6`.
impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let first = cell_name(self.rows.0, self.columns.0);
        let last = cell_name(self.rows.1.saturating_sub(1), self.columns.1.saturating_sub(1));
        write!(f, "{}!{first}:{last}", self.sheet_id)
    }
}

/// Media in a cell: an object with the token, or a list with such objects in it.
fn of_cell(cell: &Value, found: &mut dyn FnMut(&str, Option<&str>)) {
    match cell {
        Value::Array(parts) => parts.iter().for_each(|part| of_cell(part, found)),
        Value::Object(fields) => {
            let text = |key: &str| fields.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
            if let Some(token) = text("fileToken") {
                found(token, text("text"));
            }
        }
        _ => {}
    }
}

/// The name of a cell, both counted from 0: `A1`, `AA10`.
fn cell_name(row: u64, column: u64) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        // Never more than 25.
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    let column: String = letters.iter().rev().collect();
    format!("{column}{}", row + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_spreadsheets_name_them() {
        let names = [(0, 0), (9, 25), (0, 26), (4, 51), (0, 52), (0, 701), (0, 702)]
            .map(|(row, column)| cell_name(row, column));
        assert_eq!(names, ["A1", "Z10", "AA1", "AZ5", "BA1", "ZZ1", "AAA1"]);
    }

    #[test]
    fn parts_cover_all_and_overlap_nowhere() {
        assert_eq!(parts(250, 100).collect::<Vec<_>>(), [(0, 100), (100, 200), (200, 250)]);
        assert_eq!(parts(0, 100).count(), 0);
        assert_eq!(parts(100, 100).collect::<Vec<_>>(), [(0, 100)]);
    }
}
