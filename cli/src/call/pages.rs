//! `--all`: page after page, each item a line.

use std::collections::{HashMap, HashSet};

use larkspur::Client;
use larkspur::untyped::Request;
use larkspur_codegen::model::{Endpoint, Pagination};
use serde_json::value::RawValue;

use super::failed;
use super::output::Output;
use crate::stop::Stop;

/// What a page says.
struct Page<'p> {
    items: Vec<&'p RawValue>,
    /// Token of the next page, if there is one.
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
        let page = read(&text, pagination).map_err(Stop::failed)?;
        for item in page.items {
            output.line(item.get())?;
        }
        let Some(next) = page.next else {
            return Ok(());
        };
        if !earlier.insert(next.clone()) {
            let problem = "the platform gave the same page token twice, which would never end";
            return Err(Stop::failed(problem));
        }
        request = request.with(&pagination.token, next).map_err(Stop::failed)?;
    }
}

/// Takes a page apart. A list that did not come is empty, as it is for a request type.
fn read<'p>(text: &'p str, pagination: &Pagination) -> Result<Page<'p>, String> {
    let wrong = |key: &str, error: serde_json::Error| format!("`{key}` of the answer cannot be understood: {error}");
    let fields: HashMap<String, &RawValue> = serde_json::from_str(text).map_err(|error| wrong("data", error))?;
    let items = match fields.get(&pagination.items) {
        Some(items) if items.get() != "null" => {
            serde_json::from_str(items.get()).map_err(|error| wrong(&pagination.items, error))?
        }
        _ => Vec::new(),
    };
    let more = fields
        .get(&pagination.more)
        .map_or("", |more| more.get().trim_matches('"'));
    if !matches!(more, "true" | "1") {
        return Ok(Page { items, next: None });
    }
    let next: Option<String> = match fields.get(&pagination.next) {
        Some(next) => serde_json::from_str(next.get()).map_err(|error| wrong(&pagination.next, error))?,
        None => None,
    };
    match next.filter(|next| !next.is_empty()) {
        Some(next) => Ok(Page {
            items,
            next: Some(next),
        }),
        None => Err(format!(
            "`{}` of the answer says that there is more, and `{}` does not say where",
            pagination.more, pagination.next
        )),
    }
}
