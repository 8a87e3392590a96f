//! Paged lists: three pages, the last of them short.

use larkspur_codegen::model::{Field, Pagination, Type, TypeId, TypeKind};
use serde_json::{Map, Value};

use crate::call::Call;
use crate::refusal::{Refusal, Violation};
use crate::state::State;
use crate::synthesize::Synthesizer;

/// How many pages there are.
const PAGES: usize = 3;
/// Elements on a page where the caller does not say.
const USUAL: usize = 10;
/// Elements on a page where the caller asks for more.
const MOST: usize = 500;

/// Replaces list, token and flag of a made-up answer by those of the page that was asked for.
///
/// `body` are the fields of the request's body: some endpoints take the token there.
pub(crate) fn turn(
    state: &State,
    call: &Call<'_>,
    paging: &Pagination,
    body: &Map<String, Value>,
    response: (TypeId, &mut Map<String, Value>),
) -> Result<(), Refusal> {
    let (ty, answer) = response;
    let size = paging.size.as_deref().and_then(|key| given(call, body, key));
    let size = size.and_then(|text| text.parse().ok()).unwrap_or(USUAL).clamp(1, MOST);
    let token = given(call, body, &paging.token).unwrap_or_default();
    let page = page_of(&token).ok_or_else(|| unknown_page(call, paging, token))?;
    let last = page + 1 == PAGES;

    let count = if last { size.div_ceil(2) } else { size };
    let numbers = (page * size..).take(count);
    let elements = numbers.filter_map(|number| element(state, ty, &paging.items, number));
    answer.insert(paging.items.clone(), elements.collect());
    answer.insert(paging.more.clone(), Value::from(!last));
    answer.remove(&paging.next);
    if !last {
        answer.insert(paging.next.clone(), Value::from(format!("page-{}", page + 1)));
    }
    Ok(())
}

/// What came for a field of the request, wherever it travels.
fn given(call: &Call<'_>, body: &Map<String, Value>, key: &str) -> Option<String> {
    let of_query = call.query(key).map(str::to_owned);
    of_query.or_else(|| match body.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

fn page_of(token: &str) -> Option<usize> {
    if token.is_empty() {
        return Some(0);
    }
    let page = token.strip_prefix("page-")?.parse().ok()?;
    (1..PAGES).contains(&page).then_some(page)
}

fn unknown_page(call: &Call<'_>, paging: &Pagination, token: String) -> Refusal {
    let violation = Violation {
        field: paging.token.clone(),
        value: token,
        description: "is no token of a page".to_owned(),
    };
    Refusal::fields(call.endpoint, vec![violation])
}

/// The element with this number. Its texts that name something differ from those of the others, so
/// that a test can tell whether each came once.
fn element(state: &State, response: TypeId, key: &str, number: usize) -> Option<Value> {
    let TypeKind::Object(fields) = &state.api.type_def(response).kind else {
        return None;
    };
    let list: &Field = fields.iter().find(|field| field.key == key)?;
    let Type::List(ty) = &list.ty else {
        return None;
    };
    let mut element = Synthesizer::new(&state.api).value(ty, key)?;
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
