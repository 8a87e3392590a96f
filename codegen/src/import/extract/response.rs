//! Responses: their fields, binary responses, and error codes.

use std::collections::HashSet;

use serde_json::Value;

use super::super::model::{DocumentedError, Download, Notes, Response, ResponseForm, Type, quoted};
use super::super::page::{Document, Row, Table, headings, is_wide, parse_type, unescape};
use super::bounds;
use super::fields::{self, Place};
use super::parameters::Parameter;
use crate::characters::is_hidden;
use crate::names;

/// Returns the part of an example that the fields of the response describe.
pub(super) fn example_fields(form: ResponseForm, example: &Value) -> Value {
    if form == ResponseForm::Envelope {
        return example.get("data").cloned().unwrap_or_default();
    }
    let mut flat = example.clone();
    if let Some(object) = flat.as_object_mut() {
        object.retain(|key, _| !matches!(key.as_str(), "code" | "msg" | "error" | "error_description"));
    }
    flat
}

/// Reads the table of the response body.
pub(super) fn read_response(
    parameters: Vec<Parameter<'_>>,
    page: &Document<'_>,
    example: Option<&Value>,
    notes: &mut Notes,
) -> Response {
    if parameters.is_empty() {
        let form = if mentions_file(page) {
            ResponseForm::Binary
        } else {
            ResponseForm::Envelope
        };
        return Response {
            form,
            fields: Vec::new(),
        };
    }
    let has = |key: &str| parameters.iter().any(|parameter| parameter.key == key);
    let oauth = has("error") && has("error_description") && !has("msg");
    let (mut inner, mut siblings) = (None, Vec::new());
    for parameter in parameters {
        match parameter.key.as_str() {
            "code" | "msg" => {}
            "error" | "error_description" if oauth => {}
            "data" if inner.is_none() => inner = Some(parameter),
            _ => siblings.push(parameter),
        }
    }
    let Some(data) = inner else {
        let form = match (oauth, siblings.is_empty()) {
            (true, _) => ResponseForm::OAuth,
            (false, true) => ResponseForm::Envelope,
            (false, false) if is_inside_data(&siblings, example) => ResponseForm::Envelope,
            (false, false) => ResponseForm::Flat,
        };
        let fields = fields::read_fields(&siblings, Place::Response, notes);
        return Response { form, fields };
    };
    read_data(data, siblings, notes)
}

fn read_data<'t>(data: Parameter<'t>, mut siblings: Vec<Parameter<'t>>, notes: &mut Notes) -> Response {
    let is_collection = matches!(
        parse_type(&data.ty, Vec::new()),
        Ok(Type::List(_) | Type::Map(_)) | Err(Type::List(_))
    );
    if is_collection || !siblings.is_empty() {
        // The envelope cannot express this, but a flat response can: `data` becomes an ordinary field.
        for other in &siblings {
            notes.add(
                other.line,
                format!("{} is a sibling of `data`; flat response assumed", quoted(&other.key)),
            );
        }
        siblings.insert(0, data);
        return Response {
            form: ResponseForm::Flat,
            fields: fields::read_fields(&siblings, Place::Response, notes),
        };
    }
    Response {
        form: ResponseForm::Envelope,
        fields: fields::read_fields(&data.children, Place::Response, notes),
    }
}

/// Whether the parameters are inside `data` in the example: some tables omit `code`, `msg` and `data`.
fn is_inside_data(parameters: &[Parameter<'_>], example: Option<&Value>) -> bool {
    let Some(example) = example.and_then(Value::as_object) else {
        return false;
    };
    let data = example.get("data").and_then(Value::as_object);
    let inside = |parameter: &Parameter<'_>| data.is_some_and(|data| data.contains_key(&parameter.key));
    let outside = |parameter: &Parameter<'_>| example.contains_key(&parameter.key);
    parameters.iter().any(inside) && !parameters.iter().any(outside)
}

/// Whether the sections of the response mention a file.
fn mentions_file(page: &Document<'_>) -> bool {
    const WORDS: &[&str] = &["二进制", "文件流", "octet-stream", "binary"];
    let known = [headings::RESPONSE, headings::RESPONSE_BODY, headings::RESPONSE_HEADERS];
    let sections = known.iter().filter_map(|headings| page.section(headings));
    let mut lines = sections.flat_map(|section| &section.lines);
    lines.any(|line| WORDS.iter().any(|word| line.text.to_lowercase().contains(word)))
}

/// Reads the properties of a binary response.
pub(super) fn read_download(page: &Document<'_>, notes: &mut Notes) -> Download {
    let mut download = Download {
        ranges: supports_ranges(page),
        ..Download::default()
    };
    for table in tables(page, headings::RESPONSE_HEADERS) {
        for row in &table.rows {
            read_response_header(&mut download, row, notes);
        }
    }
    read_size(&mut download, page, notes);
    download
}

fn tables<'p>(page: &'p Document<'_>, headings: &[&str]) -> &'p [Table] {
    page.section(headings).map_or(&[], |section| &section.tables)
}

fn row_name(row: &Row) -> String {
    unescape(row.text(0)).trim_matches('`').to_owned()
}

/// Whether the page documents the request header `Range` or the status 206.
fn supports_ranges(page: &Document<'_>) -> bool {
    let has = |headings: &[&str], what: &str| {
        let mut rows = tables(page, headings).iter().flat_map(|table| &table.rows);
        rows.any(|row| row_name(row).eq_ignore_ascii_case(what))
    };
    has(headings::PARTIAL_DOWNLOAD, "range")
        || has(headings::HEADERS, "range")
        || has(headings::STATUSES, "206")
        || has(headings::ERRORS, "206")
}

fn read_response_header(download: &mut Download, row: &Row, notes: &mut Notes) {
    let name = row_name(row).to_ascii_lowercase();
    if !names::is_header_name(&name) || download.headers.contains(&name) {
        let message = format!("skipped the response header {}: invalid or duplicate", quoted(&name));
        notes.add(row.line, message);
    } else {
        download.headers.push(name);
    }
}

/// Reads the maximum size from a sentence before the request, and adds a note for each sentence about a header.
fn read_size(download: &mut Download, page: &Document<'_>, notes: &mut Notes) {
    for (line, number) in page.before_request().flat_map(|section| section.numbered()) {
        let lower = line.text.to_lowercase();
        if lower.contains("header") || lower.contains("content-disposition") {
            notes.add(
                number,
                format!("unrecognized sentence about a header: {}", quoted(line.text)),
            );
        }
        if !lower.contains("下载") && !lower.contains("download") {
            continue;
        }
        match bounds::max_size(&lower) {
            None => {}
            Some(size) if download.max_bytes.as_ref().is_none_or(|other| *other == size) => {
                download.max_bytes = Some(size);
            }
            Some(size) => notes.add(number, format!("skipped a second maximum size, {size}")),
        }
    }
}

/// Reads the tables of error codes and statuses. Adds each error that is not in `errors` yet.
pub(super) fn read_errors(tables: &[Table], errors: &mut Vec<DocumentedError>, notes: &mut Notes) {
    let mut seen: HashSet<ErrorIdentity> = errors.iter().map(ErrorIdentity::new).collect();
    for table in tables {
        let status = table.column(&["HTTP状态码", "HTTP status code", "状态码", "Status code"]);
        let code = table.column(&["错误码", "返回码", "Error code", "Code"]);
        let text = table.column(&[
            "描述",
            "Description",
            "错误信息",
            "错误描述",
            "Error message",
            "Message",
        ]);
        if status.is_none() && code.is_none() {
            notes.add(table.line, "skipped a table: it is not a table of error codes");
            continue;
        }
        for row in &table.rows {
            let cell = |index: Option<usize>| index.map(|index| unescape(row.text(index))).unwrap_or_default();
            if code.is_none() && cell(status).starts_with('2') {
                continue;
            }
            match parse_error(&cell(status), &cell(code), &cell(text)) {
                Some(new) if !seen.insert(ErrorIdentity::new(&new)) => {
                    notes.add(row.line, format!("skipped the duplicate error {}", quoted(&cell(code))));
                }
                Some(new) => {
                    if new.msg.is_none() {
                        notes.add(row.line, "the error has a description but no `msg`");
                    }
                    errors.push(new);
                }
                None => notes.add(row.line, "skipped a row of error codes: the code or status is invalid"),
            }
        }
    }
}

/// The status of errors that are documented by code only; the platform's rule is 400.
const DEFAULT_STATUS: u16 = 400;

fn parse_error(status: &str, code: &str, text: &str) -> Option<DocumentedError> {
    let http = match status {
        "" | "-" | "--" => Some(DEFAULT_STATUS),
        status => status.parse().ok().filter(|status| (200..600).contains(status)),
    };
    let code = match code {
        "" | "-" | "--" | "/" => None,
        code => Some(code.parse::<i64>().ok().filter(|code| *code != 0)?),
    };
    if code.is_none() && matches!(status, "" | "-" | "--") {
        return None;
    }
    Some(DocumentedError {
        http: http?,
        code,
        msg: error_message(text),
    })
}

/// Returns the `msg` of the response; a Chinese sentence is a description, not a message.
fn error_message(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty() && text != "-" && !text.contains(is_wide) && !text.contains(is_hidden)).then_some(text)
}

/// What an error is known by: its code, else its status.
#[derive(PartialEq, Eq, Hash)]
enum ErrorIdentity {
    Code(i64),
    Status(u16),
}

impl ErrorIdentity {
    fn new(error: &DocumentedError) -> Self {
        error.code.map_or(Self::Status(error.http), Self::Code)
    }
}
