//! Two pages of one route, such as those of both grants of a token endpoint: they become one entry.

use std::collections::HashMap;

use crate::import::model::{DocumentedError, Endpoint, EnumValue, Field, Note, Overview, quoted};
use crate::model::{self, Api, Place, TypeKind};

/// Merges the endpoints of pages with one id and route into the first of them.
pub(super) fn merge_pages(endpoints: &mut Vec<Endpoint>, notes: &mut Vec<Note>) {
    let mut merged: Vec<Endpoint> = Vec::with_capacity(endpoints.len());
    let mut positions: HashMap<(String, String, String), usize> = HashMap::new();
    for endpoint in endpoints.drain(..) {
        let Overview { method, path, .. } = &endpoint.overview;
        let key = (endpoint.id.clone(), method.clone(), path.clone());
        match positions.get(&key).and_then(|position| merged.get_mut(*position)) {
            Some(first) => {
                let message = format!(
                    "{} has the same route; both pages became {}, and required is what both require",
                    quoted(&first.page),
                    quoted(&first.id)
                );
                notes.push(Note::new(&endpoint.page, endpoint.line, message));
                merge_page(first, endpoint);
            }
            None => {
                positions.insert(key, merged.len());
                merged.push(endpoint);
            }
        }
    }
    *endpoints = merged;
}

/// Adds the request fields, response fields and errors of a second page. The rest is that of the first page.
fn merge_page(first: &mut Endpoint, mut second: Endpoint) {
    for (old, new) in first.request_fields_mut().into_iter().zip(second.request_fields_mut()) {
        merge_fields(old, std::mem::take(new));
    }
    merge_fields(&mut first.response.fields, std::mem::take(&mut second.response.fields));
    for error in second.errors {
        let is_known = |known: &DocumentedError| (known.code, known.http) == (error.code, error.http);
        if !first.errors.iter().any(is_known) {
            first.errors.push(error);
        }
    }
}

fn merge_fields(old: &mut Vec<Field>, new: Vec<Field>) {
    for field in old.iter_mut() {
        field.required &= new.iter().any(|other| other.key == field.key && other.required);
    }
    for mut field in new {
        match old.iter_mut().find(|known| known.key == field.key) {
            Some(known) => {
                // A page without a list of values allows any.
                if known.values.is_empty() || field.values.is_empty() {
                    known.values.clear();
                    continue;
                }
                add_values(&mut known.values, field.values);
            }
            None => {
                field.required = false;
                old.push(field);
            }
        }
    }
}

/// Relaxes the facts of endpoints whose entry in the spec is that of another page: only what both pages require is required,
/// and the values of an enum are those of both.
pub(super) fn relax_second_pages(api: &Api, endpoints: &mut [Endpoint], notes: &mut Vec<Note>) {
    for endpoint in endpoints {
        let Some(entry) = api.endpoint(&endpoint.id) else {
            continue;
        };
        if !is_other_page(entry.docs.as_deref(), endpoint.docs.as_deref()) {
            continue;
        }
        let places = [Place::Path, Place::Query, Place::Header, Place::Body];
        let fields = endpoint.request_fields_mut().into_iter().zip(places);
        // Parameters of the path are required in any case.
        for (fields, place) in fields.filter(|(_, place)| *place != Place::Path) {
            for field in fields {
                let mut existing = entry.fields.iter();
                let existing = existing.find(|existing| existing.place == place && existing.key == field.key);
                relax(api, field, existing);
            }
        }
        let message = format!(
            "the entry {} is that of another page: required is what both pages require",
            quoted(&endpoint.id)
        );
        notes.push(Note::new(&endpoint.page, endpoint.line, message));
    }
}

/// Returns whether two addresses are those of different pages. One page has several addresses, which end in the same name.
fn is_other_page(one: Option<&str>, other: Option<&str>) -> bool {
    let name = |address: &str| address.trim_end_matches('/').rsplit('/').next().map(str::to_owned);
    match (one.and_then(name), other.and_then(name)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    }
}

fn relax(api: &Api, field: &mut Field, existing: Option<&model::Field>) {
    field.required &= existing.is_some_and(|existing| existing.required);
    let Some(id) = existing.and_then(|existing| existing.ty.named()) else {
        return;
    };
    let known: Vec<String> = match &api.type_def(id).kind {
        TypeKind::StringEnum(variants) => variants.iter().map(|variant| variant.value.clone()).collect(),
        TypeKind::IntEnum(variants) => variants.iter().map(|variant| variant.value.to_string()).collect(),
        TypeKind::Object(_) => return,
    };
    if field.values.is_empty() {
        return;
    }
    let known = known.into_iter().map(|value| EnumValue {
        value,
        name: None,
        scopes: Vec::new(),
    });
    add_values(&mut field.values, known);
}

/// Adds the values that are not listed.
fn add_values(values: &mut Vec<EnumValue>, others: impl IntoIterator<Item = EnumValue>) {
    for other in others {
        if !values.iter().any(|listed| listed.value == other.value) {
            values.push(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_other_page;

    #[test]
    fn pages_differ_by_their_last_name() {
        let page = "https://open.feishu.cn/document/uAjLw4CM/access-token/get-user-access-token";
        let same = "https://open.feishu.cn/document/server-docs/get-user-access-token/";
        let other = "https://open.feishu.cn/document/uAjLw4CM/access-token/refresh-user-access-token";
        assert!(!is_other_page(Some(page), Some(same)));
        assert!(is_other_page(Some(page), Some(other)));
        assert!(!is_other_page(Some(page), None));
    }
}
