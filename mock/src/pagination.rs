//! Paginated lists: three pages, the last of them shorter.

use larkspur_codegen::model::{Api, Field, Pagination, Type, TypeId, TypeKind};
use serde_json::{Map, Value};

use crate::call::Call;
use crate::response::ErrorResponse;
use crate::synthesize::Synthesizer;

/// Number of pages of every list.
const PAGE_COUNT: usize = 3;
/// Page size if the caller sets none.
const DEFAULT_PAGE_SIZE: usize = 10;
/// Maximum page size.
const MAX_PAGE_SIZE: usize = 500;

/// Replaces list, page token and `has_more` of a synthesized response by those of the requested page.
///
/// `body` holds the fields of the request body, as some endpoints take the page token there.
pub(crate) fn apply_page(
    api: &Api,
    call: &Call<'_>,
    pagination: &Pagination,
    body: &Map<String, Value>,
    response: (TypeId, &mut Map<String, Value>),
) -> Result<(), ErrorResponse> {
    let (ty, data) = response;
    let size = pagination.size.as_deref().and_then(|key| call.field_text(body, key));
    let size = size
        .and_then(|text| text.parse().ok())
        .unwrap_or(DEFAULT_PAGE_SIZE)
        .clamp(1, MAX_PAGE_SIZE);
    let token = call.field_text(body, &pagination.token).unwrap_or_default();
    let page = page_index(&token).ok_or_else(|| invalid_page_token(call, pagination, token))?;
    let is_last = page + 1 == PAGE_COUNT;

    let count = if is_last { size.div_ceil(2) } else { size };
    let numbers = (page * size..).take(count);
    let elements = numbers.filter_map(|number| synthesize_element(api, ty, &pagination.items, number));
    data.insert(pagination.items.clone(), elements.collect());
    data.insert(pagination.more.clone(), Value::from(!is_last));
    data.remove(&pagination.next);
    if !is_last {
        data.insert(pagination.next.clone(), Value::from(format!("page-{}", page + 1)));
    }
    Ok(())
}

/// Returns the index of a page by its token. The first page has an empty token.
fn page_index(token: &str) -> Option<usize> {
    if token.is_empty() {
        return Some(0);
    }
    let page = token.strip_prefix("page-")?.parse().ok()?;
    (1..PAGE_COUNT).contains(&page).then_some(page)
}

fn invalid_page_token(call: &Call<'_>, pagination: &Pagination, token: String) -> ErrorResponse {
    ErrorResponse::invalid_field(call.endpoint, &pagination.token, token, "invalid page token".to_owned())
}

/// Returns the element with this number, whose names and ids differ from those of all other elements.
fn synthesize_element(api: &Api, response: TypeId, key: &str, number: usize) -> Option<Value> {
    let TypeKind::Object(fields) = &api.type_def(response).kind else {
        return None;
    };
    let list: &Field = fields.iter().find(|field| field.key == key)?;
    let Type::List(ty) = &list.ty else {
        return None;
    };
    let mut element = Synthesizer::new(api).value(ty, key)?;
    number_names(&mut element, number);
    Some(element)
}

fn number_names(element: &mut Value, number: usize) {
    match element {
        Value::String(text) => text.push_str(&format!("-{number}")),
        Value::Object(fields) => {
            for (key, value) in fields {
                if let Value::String(text) = value
                    && ["id", "key", "token", "name"].iter().any(|end| key.ends_with(end))
                {
                    text.push_str(&format!("-{number}"));
                }
            }
        }
        _ => {}
    }
}
