//! Response values synthesized from the types of the spec, with its examples where it has them.
//!
//! Paginated lists have three pages, the last of them shorter.

use larkspur_codegen::model::{Api, Field, Pagination, Type, TypeId, TypeKind};
use serde_json::{Map, Value};

use crate::call::Call;
use crate::response::ErrorResponse;

/// Maximum recursion depth of a type that contains itself.
const MAX_RECURSION: usize = 1;

/// Number of objects after which only required fields are synthesized. Types that contain one another in many ways would
/// otherwise grow exponentially.
const MAX_OBJECTS: usize = 2000;

/// Maximum number of elements that bounds add to a list.
const MAX_ELEMENTS: usize = 1000;

/// Maximum number of characters that bounds add to a text.
const MAX_LENGTH: usize = 1 << 20;

/// Synthesizes values.
pub(crate) struct Synthesizer<'a> {
    api: &'a Api,
    /// The types being synthesized, outermost first.
    open: Vec<TypeId>,
    /// Number of objects so far.
    objects: usize,
}

impl<'a> Synthesizer<'a> {
    /// Creates a synthesizer for the types of this spec.
    pub(crate) fn new(api: &'a Api) -> Self {
        Self {
            api,
            open: Vec::new(),
            objects: 0,
        }
    }

    /// Returns an object with all fields.
    pub(crate) fn object(&mut self, id: TypeId) -> Map<String, Value> {
        self.complete_object(id).unwrap_or_default()
    }

    /// Returns an object with all fields of finite depth, or `None` if a required field recurses without end.
    fn complete_object(&mut self, id: TypeId) -> Option<Map<String, Value>> {
        self.open.push(id);
        let object = self.synthesize_fields(id);
        self.open.pop();
        object
    }

    fn synthesize_fields(&mut self, id: TypeId) -> Option<Map<String, Value>> {
        let TypeKind::Object(fields) = &self.api.type_def(id).kind else {
            return None;
        };
        self.objects += 1;
        let mut object = Map::new();
        for field in fields {
            if self.objects > MAX_OBJECTS && !field.required {
                continue;
            }
            match self.field(field) {
                Some(value) => {
                    object.insert(field.key.clone(), value);
                }
                None if field.required => return None,
                None => {}
            }
        }
        Some(object)
    }

    /// Returns a value of a field, or `None` if it recurses without end.
    fn field(&mut self, field: &Field) -> Option<Value> {
        if let Some(example) = &field.example {
            return Some(example.clone());
        }
        if let Some(time) = field.time {
            return Some(apply_bounds(field, time.sample(field)));
        }
        let value = self.value(&field.ty, &field.key)?;
        Some(apply_bounds(field, value))
    }

    /// Returns a value of a type, or `None` if it recurses without end.
    pub(crate) fn value(&mut self, ty: &Type, key: &str) -> Option<Value> {
        Some(match ty {
            Type::String | Type::File => Value::from(key),
            Type::Int => Value::from(1),
            Type::Float => Value::from(1.5),
            Type::Bool => Value::from(true),
            Type::Any => Value::Object(Map::new()),
            // Lists and maps end the recursion by being empty.
            Type::List(element) => Value::Array(self.value(element, key).into_iter().collect()),
            Type::Map(element) => {
                let entry = self.value(element, key).map(|value| (key.to_owned(), value));
                Value::Object(entry.into_iter().collect())
            }
            Type::Named(id) => return self.named(*id),
        })
    }

    fn named(&mut self, id: TypeId) -> Option<Value> {
        match &self.api.type_def(id).kind {
            TypeKind::StringEnum(variants) => variants.first().map(|variant| Value::from(variant.value.as_str())),
            TypeKind::IntEnum(variants) => variants.first().map(|variant| Value::from(variant.value)),
            TypeKind::Object(_) => {
                let depth = self.open.iter().filter(|open| **open == id).count();
                if depth >= MAX_RECURSION {
                    return None;
                }
                self.complete_object(id).map(Value::Object)
            }
        }
    }
}

/// Adjusts a value to the bounds of its field.
fn apply_bounds(field: &Field, value: Value) -> Value {
    let bounds = &field.bounds;
    match value {
        Value::String(text) => {
            let min = bounds.min_length.map_or(0, bound_as_size);
            let max = bounds.max_length.map_or(usize::MAX, bound_as_size).max(1);
            let filler = std::iter::repeat_n('x', min.saturating_sub(text.chars().count()));
            Value::String(text.chars().chain(filler).take(max).collect())
        }
        Value::Number(number) if bounds.min.is_some() || bounds.max.is_some() => {
            let initial = number.as_f64().unwrap_or_default();
            let adjusted = initial
                .max(bounds.min.unwrap_or(initial))
                .min(bounds.max.unwrap_or(f64::MAX));
            match field.ty {
                // Casts from float to integer saturate.
                Type::Int => Value::from(adjusted as i64),
                _ => Value::from(adjusted),
            }
        }
        Value::Array(elements) => {
            let min = bounds.min_items.map_or(0, bound_as_size).min(MAX_ELEMENTS);
            let missing = min.saturating_sub(elements.len());
            let copies = elements.first().cloned().into_iter().cycle().take(missing);
            let more: Vec<_> = copies.collect();
            Value::Array(elements.into_iter().chain(more).collect())
        }
        other => other,
    }
}

/// Converts a bound to a size, limited to [`MAX_LENGTH`].
fn bound_as_size(bound: u64) -> usize {
    usize::try_from(bound).unwrap_or(usize::MAX).min(MAX_LENGTH)
}

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
