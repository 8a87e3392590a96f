//! `--all`: requests page after page and writes each item on a line.

use std::collections::{HashMap, HashSet};

use larkspur::Client;
use larkspur::dynamic::DynamicRequest;
use larkspur::error::PaginationError;
use larkspur_codegen::command::output::Stop;
use larkspur_codegen::model::{Endpoint, Pagination};
use serde_json::Value;
use serde_json::value::RawValue;

use super::output::{JsonOutput, call_error};

/// A page of a list.
struct Page<'p> {
    items: Vec<&'p RawValue>,
    /// Token of the next page, `None` on the last page; empty if the platform omits it.
    next: Option<String>,
}

/// Returns the pagination of an endpoint.
pub(super) fn pagination(endpoint: &Endpoint) -> Result<&Pagination, Stop> {
    let error = || Stop::unable(format!("{} is not paginated: remove --all", endpoint.id));
    endpoint.pagination.as_ref().ok_or_else(error)
}

/// Writes every item, starting with the requested page.
pub(super) async fn write_pages(
    client: &Client,
    mut request: DynamicRequest,
    pagination: &Pagination,
    output: &mut JsonOutput,
) -> Result<(), Stop> {
    let mut seen = HashSet::new();
    loop {
        let text = client.call_json(&request).await.map_err(|error| call_error(&error))?;
        let page = parse_page(&text, pagination)?;
        for item in page.items {
            output.write_line(item.get())?;
        }
        let Some(next) = page.next else {
            return Ok(());
        };
        if next.is_empty() {
            return Err(Stop::failed(PaginationError::NoToken));
        }
        if !seen.insert(next.clone()) {
            return Err(Stop::failed(PaginationError::Cycle { token: next }));
        }
        request = request.with(&pagination.token, next).map_err(Stop::failed)?;
    }
}

/// Parses a page. A missing list is empty, as for typed requests.
fn parse_page<'p>(response: &'p str, pagination: &Pagination) -> Result<Page<'p>, Stop> {
    let decode_error = |key: &str, error| Stop::failed(format!("cannot decode `{key}` of the response: {error}"));
    let fields: HashMap<String, &RawValue> =
        serde_json::from_str(response).map_err(|error| decode_error("data", error))?;
    let items = match fields.get(&pagination.items) {
        Some(items) if items.get() != "null" => {
            serde_json::from_str(items.get()).map_err(|error| decode_error(&pagination.items, error))?
        }
        _ => Vec::new(),
    };
    let text = |key: &str| fields.get(key).map(|value| scalar_text(value)).unwrap_or_default();
    let has_more = matches!(text(&pagination.more).as_str(), "true" | "1");
    Ok(Page {
        items,
        next: has_more.then(|| text(&pagination.next)),
    })
}

/// Returns the text of a scalar of any type, as the platform does not always send the documented type.
fn scalar_text(value: &RawValue) -> String {
    match serde_json::from_str(value.get()) {
        Ok(Value::String(text)) => text,
        Ok(Value::Null) | Err(_) => String::new(),
        Ok(other) => other.to_string(),
    }
}
