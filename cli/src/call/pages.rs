//! `--all`: page after page, each item a line.

use std::collections::{HashMap, HashSet};

use larkspur::Client;
use larkspur::dynamic::Request;
use larkspur::error::PaginationError;
use larkspur_codegen::model::{Endpoint, Pagination};
use serde_json::Value;
use serde_json::value::RawValue;

use super::failed;
use super::output::Output;
use crate::stop::Stop;

/// What a page says.
struct Page<'p> {
    items: Vec<&'p RawValue>,
    /// Token of the next page, if there is one; empty where the page does not give it.
    next: Option<String>,
}

/// The pagination of an endpoint whose answers come in pages.
pub(super) fn of(endpoint: &Endpoint) -> Result<&Pagination, Stop> {
    let problem = || Stop::unable(format!("{} gives no pages: leave out --all", endpoint.id));
    endpoint.pagination.as_ref().ok_or_else(problem)
}

/// Writes every item from the page that the request asks for on.
pub(super) async fn write(
    client: &Client,
    mut request: Request,
    pagination: &Pagination,
    output: &mut Output,
) -> Result<(), Stop> {
    let mut earlier = HashSet::new();
    loop {
        let text = client.call_json(&request).await.map_err(|error| failed(&error))?;
        let page = read(&text, pagination)?;
        for item in page.items {
            output.line(item.get())?;
        }
        let Some(next) = page.next else {
            return Ok(());
        };
        if next.is_empty() {
            return Err(Stop::failed(PaginationError::NoToken));
        }
        if !earlier.insert(next.clone()) {
            return Err(Stop::failed(PaginationError::Circle { token: next }));
        }
        request = request.with(&pagination.token, next).map_err(Stop::failed)?;
    }
}

/// Takes a page apart. A list that did not come is empty, as it is for a request type.
fn read<'p>(answer: &'p str, pagination: &Pagination) -> Result<Page<'p>, Stop> {
    let wrong = |key: &str, error| Stop::failed(format!("`{key}` of the answer cannot be understood: {error}"));
    let fields: HashMap<String, &RawValue> = serde_json::from_str(answer).map_err(|error| wrong("data", error))?;
    let items = match fields.get(&pagination.items) {
        Some(items) if items.get() != "null" => {
            serde_json::from_str(items.get()).map_err(|error| wrong(&pagination.items, error))?
        }
        _ => Vec::new(),
    };
    let says = |key: &str| fields.get(key).map(|value| text(value)).unwrap_or_default();
    let more = matches!(says(&pagination.more).as_str(), "true" | "1");
    Ok(Page {
        items,
        next: more.then(|| says(&pagination.next)),
    })
}

/// A scalar as text, whichever type it came as: the platform is lenient there.
fn text(value: &RawValue) -> String {
    match serde_json::from_str(value.get()) {
        Ok(Value::String(text)) => text,
        Ok(Value::Null) | Err(_) => String::new(),
        Ok(other) => other.to_string(),
    }
}
