//! Entries of the spec as YAML.

use super::super::model::{
    Bounds, Deprecation, Download, Endpoint, EnumValue, Field, Headers, Response, ResponseForm, Type,
};
use super::errors::ErrorCatalog;
use super::yaml::{MapBuilder, Yaml};
use crate::names;

/// Returns the entry of an endpoint.
pub(super) fn endpoint_to_yaml(endpoint: &Endpoint, errors: &ErrorCatalog) -> Yaml {
    let overview = &endpoint.overview;
    let mut map = MapBuilder::default();
    map.put_some("docs", endpoint.docs.as_ref().map(Yaml::text));
    map.put_some("updated", endpoint.updated.as_ref().map(Yaml::literal));
    let name = names::camel(endpoint.file_and_key().1).filter(|name| names::is_reserved_type(name));
    map.put_some("rust", name.map(|name| Yaml::text(format!("{name}Request"))));
    map.put("http", Yaml::text(format!("{} {}", overview.method, overview.path)));
    map.put_some("host", overview.host.map(Yaml::text));
    map.put_some("deprecated", endpoint.deprecated.as_ref().map(deprecation_to_yaml));
    map.put_some("tokens", endpoint.headers.tokens.as_ref().map(Yaml::texts));
    map.put_some("apps", non_empty(&overview.apps));
    map.put_some("scopes", overview.scopes.as_ref().map(Yaml::texts));
    map.put_some("field_scopes", non_empty(&overview.field_scopes));
    let limits = overview.limits.iter().map(Yaml::literal).collect();
    map.put_some("limits", (!overview.limits.is_empty()).then_some(Yaml::List(limits)));
    map.put_some("headers", headers_to_yaml(&endpoint.headers));
    let body = if endpoint.headers.multipart {
        "multipart"
    } else {
        "body"
    };
    for (key, values) in [
        ("path", &endpoint.path),
        ("query", &endpoint.query),
        (body, &endpoint.body),
    ] {
        let fixed = if key == "query" {
            endpoint.fixed_query.as_slice()
        } else {
            &[]
        };
        map.put_some(key, request_fields_to_yaml(fixed, values));
    }
    put_response(endpoint, &mut map);
    map.put_some("errors", errors.errors_to_yaml(endpoint));
    map.finish()
}

fn put_response(endpoint: &Endpoint, map: &mut MapBuilder) {
    let Response { form, fields: values } = &endpoint.response;
    let envelope = match form {
        ResponseForm::Flat => Some("flat"),
        ResponseForm::OAuth => Some("oauth"),
        ResponseForm::Envelope | ResponseForm::Binary => None,
    };
    map.put_some("envelope", envelope.map(Yaml::text));
    if *form == ResponseForm::Binary {
        map.put("response", Yaml::text("binary"));
        map.put_some("download", endpoint.download.as_ref().and_then(download_to_yaml));
    } else if !values.is_empty() {
        map.put("response", fields_to_yaml(values));
    }
    let request: Vec<Field> = endpoint.query.iter().chain(&endpoint.body).cloned().collect();
    map.put_some("pagination", pagination_to_yaml(&request, values));
}

fn non_empty<T: AsRef<str>>(words: &[T]) -> Option<Yaml> {
    (!words.is_empty()).then(|| Yaml::texts(words))
}

fn deprecation_to_yaml(deprecation: &Deprecation) -> Yaml {
    let mut map = MapBuilder::default();
    map.put_some("successor", deprecation.successor.as_ref().map(Yaml::text));
    map.finish()
}

/// Returns the mapping of several fields by key.
pub(super) fn fields_to_yaml(fields: &[Field]) -> Yaml {
    Yaml::Map(fields.iter().map(|one| (one.key.clone(), field_to_yaml(one))).collect())
}

/// Returns the mapping of the fields of a request; `None` without one.
fn request_fields_to_yaml(fixed: &[(String, String)], fields: &[Field]) -> Option<Yaml> {
    let mut map = MapBuilder::default();
    for (key, value) in fixed {
        let mut field = MapBuilder::default();
        field.put("fixed", Yaml::text(value));
        map.put(key, field.finish());
    }
    for field in fields {
        map.put(&field.key, field_to_yaml(field));
    }
    map.finish_non_empty()
}

fn field_to_yaml(field: &Field) -> Yaml {
    let mut map = MapBuilder::default();
    map.put("type", Yaml::text(field.ty.expression()));
    map.put_some("required", field.required.then(|| Yaml::literal(true)));
    map.put_some("rust", field.rust.as_ref().map(Yaml::text));
    map.put_some("secret", field.secret.then(|| Yaml::literal(true)));
    map.put_some("format", field.time.map(|time| Yaml::text(time.as_str())));
    map.put_some("name", field.type_name.as_ref().map(Yaml::text));
    put_bounds(&field.bounds, &mut map);
    map.put_some("pattern", field.pattern.as_ref().map(Yaml::text));
    let values = (!field.values.is_empty()).then(|| enum_to_yaml(&field.values, field.ty.innermost()));
    map.put_some(if field.flags { "flags" } else { "enum" }, values);
    map.put_some("default", field.default.as_ref().and_then(Yaml::json));
    map.put_some("example", field.example.as_ref().and_then(Yaml::json));
    map.put_some("scopes", non_empty(&field.scopes));
    if let Type::Object(object) = field.ty.innermost() {
        map.put("fields", fields_to_yaml(&object.fields));
    }
    map.finish()
}

fn put_bounds(bounds: &Bounds, map: &mut MapBuilder) {
    let pairs = [
        ("min", "max", bounds.value),
        ("min_length", "max_length", bounds.length),
        ("min_items", "max_items", bounds.items),
    ];
    for (low, high, limits) in pairs {
        map.put_some(low, limits.0.map(Yaml::literal));
        map.put_some(high, limits.1.map(Yaml::literal));
    }
}

/// Returns the list of enum values. `ty` is the type of the values.
fn enum_to_yaml(values: &[EnumValue], ty: &Type) -> Yaml {
    let one = |value: &EnumValue| {
        let scalar = match ty {
            Type::Int => Yaml::literal(&value.value),
            _ => Yaml::text(&value.value),
        };
        if value.name.is_none() && value.scopes.is_empty() {
            return scalar;
        }
        let mut map = MapBuilder::default();
        map.put("value", scalar);
        map.put_some("name", value.name.as_ref().map(Yaml::text));
        map.put_some("scopes", non_empty(&value.scopes));
        map.finish()
    };
    Yaml::List(values.iter().map(one).collect())
}

fn headers_to_yaml(headers: &Headers) -> Option<Yaml> {
    let mut map = MapBuilder::default();
    for header in &headers.fixed {
        let mut fixed = MapBuilder::default();
        fixed.put("fixed", Yaml::text(&header.value));
        fixed.put_some("required", header.required.then(|| Yaml::literal(true)));
        map.put(&header.name, fixed.finish());
    }
    for one in &headers.fields {
        map.put(&one.key, field_to_yaml(one));
    }
    map.finish_non_empty()
}

fn download_to_yaml(download: &Download) -> Option<Yaml> {
    let mut map = MapBuilder::default();
    map.put_some("ranges", download.ranges.then(|| Yaml::literal(true)));
    map.put_some("max_bytes", download.max_bytes.as_ref().map(Yaml::text));
    let headers = download
        .headers
        .iter()
        .map(|name| (name.clone(), Yaml::Map(Vec::new())));
    map.put_some(
        "headers",
        (!download.headers.is_empty()).then(|| Yaml::Map(headers.collect())),
    );
    map.finish_non_empty()
}

/// Returns the pagination of an endpoint, if request and response have the fields for it.
fn pagination_to_yaml(request: &[Field], response: &[Field]) -> Option<Yaml> {
    let has = |fields: &[Field], key: &str, ty: Type| fields.iter().any(|field| field.key == key && field.ty == ty);
    let next = ["page_token", "next_page_token"];
    let next = next.into_iter().find(|key| has(response, key, Type::String))?;
    if !has(request, "page_token", Type::String) || !has(response, "has_more", Type::Bool) {
        return None;
    }
    let mut lists = response.iter().filter(|field| matches!(field.ty, Type::List(_)));
    let (items, None) = (lists.next()?, lists.next()) else {
        return None;
    };
    let mut map = MapBuilder::default();
    map.put_some("next", (next != "page_token").then(|| Yaml::text(next)));
    map.put_some("items", (items.key != "items").then(|| Yaml::text(&items.key)));
    Some(map.finish())
}
