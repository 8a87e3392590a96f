//! Extracts the facts of an endpoint from its page.

mod bounds;
mod endpoint_id;
mod enums;
mod examples;
mod fields;
mod nesting;
mod overview;
mod parameters;
mod patterns;
mod rate_limits;
mod response;
mod timestamps;

use std::collections::HashSet;

use serde_json::Value;

use super::MAX_PAGE_BYTES;
use super::model::{Endpoint, Field, Notes, Overview, ResponseForm, Type, quoted};
use super::page::{Document, Table, headings, read_page};
use crate::model::Api;
use fields::Place;
use parameters::{Parameter, TableShape};

/// The maximum number of table rows of a page. The longest page of the platform has 2,800.
const MAX_ROWS: usize = 10_000;

/// Extracts the endpoint that a page documents; `None`, with a note, if it documents none or exceeds a limit. `api` is the existing spec.
pub(super) fn extract_endpoint(name: &str, text: &str, api: &Api, notes: &mut Notes) -> Option<Endpoint> {
    if text.len() > MAX_PAGE_BYTES {
        let (size, limit) = (text.len(), MAX_PAGE_BYTES);
        notes.add(
            1,
            format!("skipped the page: it has {size} bytes, more than the limit of {limit}"),
        );
        return None;
    }
    let document = read_page(text);
    let tables = document.sections.iter().flat_map(|section| &section.tables);
    let rows: usize = tables.map(|table| table.rows.len()).sum();
    if rows > MAX_ROWS {
        notes.add(
            1,
            format!("skipped the page: its tables have {rows} rows, more than the limit of {MAX_ROWS}"),
        );
        return None;
    }
    let mut reader = TableReader::new(&document);
    let Some(mut overview) = overview::read_overview(reader.tables(headings::REQUEST), notes) else {
        notes.add(
            1,
            "the page describes no endpoint: no table has a valid `HTTP URL` and `HTTP Method`",
        );
        return None;
    };
    rate_limits::read_usage(&document, &mut overview.limits, notes);
    let id = endpoint_id::derive_endpoint_id(&document, text, &overview, api, notes);
    let headers = reader.parameters(headings::HEADERS, TableShape::Flat, notes, fields::read_headers);
    let place = if headers.multipart {
        Place::Multipart
    } else {
        Place::Body
    };
    let request_example = examples::find_json(&document, headings::REQUEST_EXAMPLE);
    let response_example = examples::find_json(&document, headings::RESPONSE_EXAMPLE);
    let nested = TableShape::Nested(request_example.as_ref());
    let path = reader.fields(headings::PATH, TableShape::Flat, Place::Path, notes);
    let mut query = reader.fields(headings::QUERY, TableShape::Flat, Place::Query, notes);
    let mut body = reader.fields(headings::BODY, nested, place, notes);
    if overview.method == "GET" && query.is_empty() {
        query = reader.fields(headings::PARAMETERS, TableShape::Flat, Place::Query, notes);
    } else if body.is_empty() {
        body = reader.fields(headings::PARAMETERS, nested, place, notes);
    }
    let nested = TableShape::Nested(response_example.as_ref());
    let response = reader.parameters(headings::RESPONSE_BODY, nested, notes, |rows, notes| {
        response::read_response(rows, &document, response_example.as_ref(), notes)
    });
    let mut errors = Vec::new();
    for titles in [headings::ERRORS, headings::STATUSES] {
        response::read_errors(reader.tables(titles), &mut errors, notes);
    }
    let mut endpoint = Endpoint {
        page: name.to_owned(),
        line: overview.line,
        docs: overview::docs_url(&document),
        updated: overview::last_update(&document),
        deprecated: overview::deprecation(&document, &id),
        id,
        headers,
        path,
        fixed_query: overview::fixed_query(&overview, &query, notes),
        query,
        body,
        response,
        download: None,
        errors,
        overview,
    };
    let is_binary = endpoint.response.form == ResponseForm::Binary;
    if is_binary {
        read_download(&mut endpoint, &document, &mut reader, notes);
    }
    note_unknown_keys(
        &endpoint,
        &document,
        request_example.as_ref(),
        response_example.as_ref(),
        notes,
    );
    bounds::note_usage_bounds(&document, is_binary, notes);
    reader.note_unread(notes);
    reconcile_path(&mut endpoint.path, &endpoint.overview, notes);
    Some(endpoint)
}

/// Reads the properties of a binary response.
fn read_download(
    endpoint: &mut Endpoint,
    document: &Document<'_>,
    reader: &mut TableReader<'_, '_>,
    notes: &mut Notes,
) {
    reader.tables(headings::PARTIAL_DOWNLOAD);
    reader.tables(headings::RESPONSE_HEADERS);
    let download = response::read_download(document, notes);
    if download.ranges {
        // The SDK has its own parameter for the range.
        endpoint
            .headers
            .fields
            .retain(|field| !field.key.eq_ignore_ascii_case("range"));
    }
    endpoint.download = Some(download);
}

/// Adds a note for each key that is in an example of the page and not in its table.
fn note_unknown_keys(
    endpoint: &Endpoint,
    page: &Document<'_>,
    request_example: Option<&Value>,
    response_example: Option<&Value>,
    notes: &mut Notes,
) {
    let line = |titles| page.section(titles).map_or(1, |section| section.line);
    if let Some(example) = request_example.filter(|_| !endpoint.body.is_empty()) {
        examples::note_unknown_keys(example, &endpoint.body, line(headings::REQUEST_EXAMPLE), notes);
    }
    let response = &endpoint.response;
    let has_fields = response.form != ResponseForm::Binary && !response.fields.is_empty();
    if let Some(example) = response_example.filter(|_| has_fields) {
        let inner = response::example_fields(response.form, example);
        let line = line(headings::RESPONSE_EXAMPLE);
        if inner.is_null() {
            notes.add(line, "the response example has no `data`");
        }
        examples::note_unknown_keys(&inner, &response.fields, line, notes);
    }
}

/// Aligns the path parameters with the URL: removes those that it does not have, and adds those without documentation.
fn reconcile_path(fields: &mut Vec<Field>, overview: &Overview, notes: &mut Notes) {
    let in_path: Vec<&str> = overview
        .path
        .split('/')
        .filter_map(|segment| segment.strip_prefix(':'))
        .collect();
    fields.retain(|field| {
        let is_in_path = in_path.contains(&field.key.as_str());
        if !is_in_path {
            notes.add(
                overview.line,
                format!("skipped the path parameter {}: not in the URL", quoted(&field.key)),
            );
        }
        is_in_path
    });
    for parameter in in_path {
        if !fields.iter().any(|field| field.key == parameter) {
            notes.add(
                overview.line,
                format!("undocumented path parameter {}; `string` assumed", quoted(parameter)),
            );
            fields.push(Field {
                required: true,
                ..Field::new(parameter, Type::String)
            });
        }
    }
}

/// Reads the tables of a page and records which sections have been read.
struct TableReader<'d, 't> {
    document: &'d Document<'t>,
    /// The sections that have been read, by line.
    read: HashSet<u32>,
}

impl<'d, 't> TableReader<'d, 't> {
    fn new(document: &'d Document<'t>) -> Self {
        Self {
            document,
            read: HashSet::new(),
        }
    }

    /// Returns the tables of the section with one of these headings.
    fn tables(&mut self, titles: &[&str]) -> &'d [Table] {
        let section = self.document.section(titles);
        self.read.extend(section.map(|section| section.line));
        section.map_or(&[], |section| &section.tables)
    }

    /// Applies `read` to the parameters of a section.
    fn parameters<T>(
        &mut self,
        titles: &[&str],
        shape: TableShape<'_>,
        notes: &mut Notes,
        read: impl FnOnce(Vec<Parameter<'d>>, &mut Notes) -> T,
    ) -> T {
        let rows = parameters::read_parameters(self.tables(titles), shape, notes);
        read(rows, notes)
    }

    /// Reads the fields of a section.
    fn fields(&mut self, titles: &[&str], shape: TableShape<'_>, place: Place, notes: &mut Notes) -> Vec<Field> {
        self.parameters(titles, shape, notes, |rows, notes| {
            fields::read_fields(&rows, place, notes)
        })
    }

    /// Adds a note for each table that has not been read and for each unknown element.
    fn note_unread(&self, notes: &mut Notes) {
        for section in &self.document.sections {
            for table in &section.tables {
                for (line, name) in &table.unknown_elements {
                    notes.add(*line, format!("unknown element {}", quoted(name)));
                }
                if !self.read.contains(&section.line) && !table.rows.is_empty() {
                    let title = quoted(section.title);
                    notes.add(table.line, format!("skipped a table of the section {title}"));
                }
            }
        }
    }
}
