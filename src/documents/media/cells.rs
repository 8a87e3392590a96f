//! Media in the cells of a spreadsheet.

use std::collections::VecDeque;
use std::fmt;

use super::{DocumentPart, Found, Media, MediaKind, MediaLocation, SkipReason, Skipped};
use crate::documents::{DocumentKind, DocumentRef};
use crate::sheets::v2::spreadsheet::ValuesBatchGet;
use crate::sheets::v3::spreadsheet_sheet::{Query, Sheet, SheetResourceType};
use crate::sheets::v3::spreadsheet_sheet_float_image::{self as float_image, FloatImage};
use crate::wire::Value;
use crate::{Client, Result};

/// Maximum number of columns per range, a limit of the platform for some forms of range.
const MAX_COLUMNS: u64 = 100;
/// Maximum number of cells per range. A response is limited to 10 MB, which few sheets exceed with this size.
const MAX_CELLS: u64 = 20_000;
/// Error code of a response that is too large, from the page of common codes.
const TOO_LARGE: i64 = 90_221;

/// The cells of a spreadsheet and the images over them, scanned by sheet and range.
pub(super) struct Cells {
    document: DocumentRef,
    /// The only sheet to scan, if set.
    only: Option<String>,
    /// What is still to be scanned; `None` until the sheets are known.
    steps: Option<VecDeque<Step>>,
}

/// A step of the scan, with one call.
enum Step {
    /// The cells of a range.
    Range(Range),
    /// The images that float over the sheet with this id.
    FloatingImages(String),
}

/// A range of a sheet. Rows and columns count from 0; the ends are exclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    sheet_id: String,
    rows: (u64, u64),
    columns: (u64, u64),
}

impl Cells {
    pub(super) fn new(token: &str) -> Self {
        Self {
            document: DocumentRef::new(DocumentKind::Sheet, token),
            only: None,
            steps: None,
        }
    }

    /// Restricts the scan to this sheet.
    pub(super) fn only(mut self, sheet_id: String) -> Self {
        self.only = Some(sheet_id);
        self
    }

    /// Scans the next range, or the images over the next sheet.
    pub(super) async fn scan(&mut self, client: &Client) -> Result<Option<Vec<Found>>> {
        let Some(steps) = &mut self.steps else {
            let (steps, skipped) = self.list_sheets(client).await?;
            self.steps = Some(steps);
            return Ok(Some(skipped));
        };
        match steps.pop_front() {
            None => Ok(None),
            Some(Step::Range(range)) => self.scan_range(client, range).await.map(Some),
            Some(Step::FloatingImages(sheet_id)) => Ok(Some(self.scan_floating_images(client, &sheet_id).await)),
        }
    }

    /// Returns the steps of the scan, and what has no cells and no endpoint.
    async fn list_sheets(&self, client: &Client) -> Result<(VecDeque<Step>, Vec<Found>)> {
        let sheets = Query::new(self.document.token()).send(client).await?.sheets;
        let wanted = |sheet: &&Sheet| self.only.is_none() || self.only.as_ref() == Some(&sheet.sheet_id);
        let (mut steps, mut skipped) = (VecDeque::new(), Vec::new());
        for sheet in sheets.iter().filter(wanted) {
            let sheet_id = sheet.sheet_id.as_str();
            match &sheet.resource_type {
                None | Some(SheetResourceType::Sheet) if sheet.grid_properties.is_some() => {
                    steps.extend(Range::from_sheet(sheet).map(Step::Range));
                    steps.push_back(Step::FloatingImages(sheet_id.to_owned()));
                }
                None | Some(SheetResourceType::Sheet) => {
                    skipped.push(skip(DocumentPart::Sheet, sheet_id, SkipReason::Undecodable));
                }
                Some(SheetResourceType::Bitable) => {
                    skipped.push(skip(DocumentPart::Table, sheet_id, SkipReason::NoEndpoint));
                }
                Some(_) => skipped.push(skip(DocumentPart::Sheet, sheet_id, SkipReason::NoEndpoint)),
            }
        }
        if let (Some(only), true) = (&self.only, steps.is_empty() && skipped.is_empty()) {
            skipped.push(skip(DocumentPart::Sheet, only, SkipReason::Missing));
        }
        Ok((steps, skipped))
    }

    async fn scan_range(&mut self, client: &Client, mut range: Range) -> Result<Vec<Found>> {
        let steps = self.steps.get_or_insert_default();
        while let Some([first, rest]) = range.split_to_limit() {
            steps.push_front(Step::Range(rest));
            range = first;
        }
        let request = ValuesBatchGet::new(self.document.token(), range.to_string());
        match request.send(client).await {
            Ok(response) => Ok(match response.value_ranges.first() {
                Some(values) => range.found(&self.document, values.values.iter()),
                None => vec![skip(DocumentPart::Sheet, &range.sheet_id, SkipReason::Missing)],
            }),
            Err(error) if error.code() == Some(TOO_LARGE) => {
                let halves = range.halves().ok_or(error)?;
                halves
                    .into_iter()
                    .rev()
                    .for_each(|half| steps.push_front(Step::Range(half)));
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the images over a sheet. If they cannot be listed, the cells of other sheets still can.
    async fn scan_floating_images(&self, client: &Client, sheet_id: &str) -> Vec<Found> {
        match float_image::Query::new(self.document.token(), sheet_id)
            .send(client)
            .await
        {
            Ok(response) => {
                let images = response.items.iter();
                images
                    .filter_map(|image| self.floating_image(sheet_id, image))
                    .collect()
            }
            Err(error) => vec![skip(DocumentPart::FloatingImages, sheet_id, SkipReason::Call(error))],
        }
    }

    fn floating_image(&self, sheet_id: &str, image: &FloatImage) -> Option<Found> {
        let Some(token) = image.float_image_token.clone() else {
            return Some(skip(DocumentPart::FloatingImages, sheet_id, SkipReason::Undecodable));
        };
        let media = Media {
            token,
            kind: MediaKind::File,
            name: None,
            document: self.document.clone(),
            location: MediaLocation::FloatingImage {
                sheet_id: sheet_id.to_owned(),
                float_image_id: image.float_image_id.clone().unwrap_or_default(),
            },
            extra: None,
        };
        (!media.token.is_empty()).then_some(Found::Media(media))
    }
}

fn skip(part: DocumentPart, sheet_id: &str, reason: SkipReason) -> Found {
    Found::Skipped(Skipped {
        part,
        location: MediaLocation::Sheet {
            sheet_id: sheet_id.to_owned(),
        },
        reason,
    })
}

impl Range {
    /// Returns all cells of a sheet, if it has any.
    fn from_sheet(sheet: &Sheet) -> Option<Self> {
        let grid = sheet.grid_properties.as_ref()?;
        let size = |count: Option<i64>| count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
        let (rows, columns) = (size(grid.row_count), size(grid.column_count));
        (rows > 0 && columns > 0).then(|| Self {
            sheet_id: sheet.sheet_id.clone(),
            rows: (0, rows),
            columns: (0, columns),
        })
    }

    /// Splits off the part that fits into one call; `None` if the whole range fits.
    fn split_to_limit(&self) -> Option<[Self; 2]> {
        let ((top, bottom), (left, right)) = (self.rows, self.columns);
        let width = right - left;
        if width > MAX_COLUMNS {
            return Some(self.split_at_column(left + MAX_COLUMNS));
        }
        let height = (MAX_CELLS / width.max(1)).max(1);
        (bottom - top > height).then(|| self.split_at_row(top + height))
    }

    /// Splits a range into halves; `None` for a single cell.
    fn halves(&self) -> Option<[Self; 2]> {
        let half = |(from, to): (u64, u64)| (to - from > 1).then(|| from + (to - from) / 2);
        match (half(self.rows), half(self.columns)) {
            (Some(row), _) => Some(self.split_at_row(row)),
            (None, Some(column)) => Some(self.split_at_column(column)),
            (None, None) => None,
        }
    }

    fn split_at_row(&self, row: u64) -> [Self; 2] {
        let with = |rows| Self { rows, ..self.clone() };
        [with((self.rows.0, row)), with((row, self.rows.1))]
    }

    fn split_at_column(&self, column: u64) -> [Self; 2] {
        let with = |columns| Self {
            columns,
            ..self.clone()
        };
        [with((self.columns.0, column)), with((column, self.columns.1))]
    }

    fn found<'a>(&self, document: &DocumentRef, rows: impl Iterator<Item = &'a Vec<Value>>) -> Vec<Found> {
        let mut found = Vec::new();
        for (row, cells) in (self.rows.0..).zip(rows) {
            for (column, cell) in (self.columns.0..).zip(cells) {
                find_media(cell, &mut |token, name| {
                    let location = MediaLocation::Cell {
                        sheet_id: self.sheet_id.clone(),
                        cell: cell_name(row, column),
                    };
                    found.push(Found::Media(Media {
                        token: token.to_owned(),
                        kind: MediaKind::File,
                        document: document.clone(),
                        name: name.map(str::to_owned),
                        location,
                        extra: None,
                    }));
                });
            }
        }
        found
    }
}

/// The notation of the platform, such as `Q7PlXT!A2:B6`.
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = cell_name(self.rows.0, self.columns.0);
        let last = cell_name(self.rows.1.saturating_sub(1), self.columns.1.saturating_sub(1));
        write!(f, "{}!{first}:{last}", self.sheet_id)
    }
}

/// Finds media in a cell: an object with a token, or a list with such objects.
fn find_media(cell: &Value, found: &mut dyn FnMut(&str, Option<&str>)) {
    match cell {
        Value::Array(parts) => parts.iter().for_each(|part| find_media(part, found)),
        Value::Object(fields) => {
            let text = |key: &str| fields.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
            if let Some(token) = text("fileToken") {
                found(token, text("text"));
            }
        }
        _ => {}
    }
}

/// Returns the name of a cell, such as `AA10`; row and column count from 0.
fn cell_name(row: u64, column: u64) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        // At most 25.
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
    fn names_cells_like_spreadsheets() {
        let names = [(0, 0), (9, 25), (0, 26), (4, 51), (0, 52), (0, 701), (0, 702)]
            .map(|(row, column)| cell_name(row, column));
        assert_eq!(names, ["A1", "Z10", "AA1", "AZ5", "BA1", "ZZ1", "AAA1"]);
    }

    #[test]
    fn splits_sheets_of_any_size() {
        let sheet = Range {
            sheet_id: "s".to_owned(),
            rows: (0, i64::MAX as u64),
            columns: (0, i64::MAX as u64),
        };
        let mut range = sheet.clone();
        while let Some([first, _]) = range.split_to_limit() {
            range = first;
        }
        assert_eq!(range.to_string(), "s!A1:CV200");
    }
}
