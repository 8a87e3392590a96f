//! Reads fields and request headers from parameters.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;

use super::super::model::{Bounds, Field, FixedHeader, Headers, Notes, Type, quoted};
use super::super::page::{Cell, ScopeLabels, labelled, parse_type};
use super::parameters::Parameter;
use super::{bounds, enums, examples, patterns, timestamps};
use crate::names;
use crate::read::CLIENT_HEADERS;

/// Where fields are sent, which limits their types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    Header,
    Body,
    Multipart,
    Response,
}

/// Reads the fields of a table.
pub(super) fn read_fields(parameters: &[Parameter<'_>], place: Place, notes: &mut Notes) -> Vec<Field> {
    parameters
        .iter()
        .map(|parameter| read_field(parameter, place, notes))
        .collect()
}

fn read_field(parameter: &Parameter<'_>, place: Place, notes: &mut Notes) -> Field {
    let children = read_fields(&parameter.children, place, notes);
    let ty = parse_type(&parameter.ty, children).unwrap_or_else(|ty| {
        let (key, assumed) = (quoted(&parameter.key), ty.expression());
        let message = match parameter.ty.as_str() {
            "" => format!("{key} has no type; `{assumed}` assumed"),
            name => format!(
                "{key} has the unknown type {} without fields; `{assumed}` assumed",
                quoted(name)
            ),
        };
        notes.add(parameter.line, message);
        ty
    });
    let ty = supported_type(ty, place, parameter, notes);
    let mut field = Field {
        required: place == Place::Path || parameter.required && place != Place::Response,
        ..Field::new(&parameter.key, ty)
    };
    field.secret = field.ty == Type::String && names::is_secret(&field.key);
    if let Some(cell) = parameter.description {
        read_description(&mut field, cell, notes);
    }
    field
}

/// Returns the type, or `string` if the place does not support the type.
fn supported_type(ty: Type, place: Place, parameter: &Parameter<'_>, notes: &mut Notes) -> Type {
    let scalar = |ty: &Type| ty.is_scalar() || *ty == Type::File && place == Place::Multipart;
    let fits = match (place, &ty) {
        (Place::Body | Place::Response, ty) => *ty.innermost() != Type::File,
        (Place::Query | Place::Multipart, Type::List(item)) => item.is_scalar(),
        (_, ty) => scalar(ty),
    };
    if fits {
        return ty;
    }
    let key = quoted(&parameter.key);
    notes.add(
        parameter.line,
        format!(
            "{key} cannot have the type `{}` here; `string` assumed",
            ty.expression()
        ),
    );
    Type::String
}

/// Reads the bounds, values, scopes, default and example in the description of a field.
fn read_description(field: &mut Field, cell: &Cell, notes: &mut Notes) {
    field.bounds = bounds::read_bounds(&cell.text, cell.line, &field.ty, notes);
    field.values = enums::read_values(cell, field.ty.innermost(), notes);
    field.flags = enums::are_bits(&field.values, &cell.text);
    if !field.values.is_empty() && !matches!(field.ty, Type::List(_)) {
        // The spec format allows either values or bounds; the values are more specific.
        field.bounds = Bounds::default();
    }
    read_scopes(field, cell, notes);
    bounds::note_unread_bounds(&cell.text, cell.line, &field.key, notes);
    if let Some(text) = labelled(&cell.text, &["默认值", "Default value"]) {
        field.default = valid_value(field, text);
        if field.default.is_none() && !examples::is_absent(text) {
            notes.add(cell.line, format!("invalid default value of {}", quoted(&field.key)));
        }
    }
    let example = labelled(&cell.text, &["示例值", "Example value", "Example"]);
    field.example = example
        .and_then(|text| valid_value(field, text))
        .filter(|_| !field.secret);
    let has_simple_type = match &field.ty {
        Type::List(item) => item.is_scalar(),
        ty => ty.is_scalar() && !field.secret,
    };
    if let Some(text) = example.filter(|text| has_simple_type && field.example.is_none() && !examples::is_absent(text))
    {
        let (key, is_text) = (quoted(&field.key), *field.ty.innermost() == Type::String);
        // A sentence is under the copyright of the page.
        let message = if is_text && field.values.is_empty() && examples::is_sentence(text.trim_matches('`')) {
            format!("skipped the example of {key}, which is a sentence")
        } else {
            format!("invalid example value of {key}: {}", quoted(text))
        };
        notes.add(cell.line, message);
    }
    field.pattern = patterns::read_pattern(field, &cell.text, cell.line, notes);
    field.time = timestamps::read_format(field, &cell.text);
    if let Some(time) = field.time {
        field.default = field.default.take().filter(|default| time.accepts(default));
    }
    let fixed = labelled(&cell.text, &["固定值", "Fixed value"]);
    if let Some(Json::String(text)) = fixed.and_then(|text| valid_value(field, text))
        && field.values.is_empty()
        && names::variant(&text).is_some()
    {
        let fixed = Cell {
            values: vec![text],
            ..Cell::default()
        };
        field.values = enums::read_values(&fixed, &field.ty, notes);
        field.bounds = Bounds::default();
    }
}

/// Parses a value of the field's type that is one of its enum values and within its bounds.
fn valid_value(field: &Field, text: &str) -> Option<Json> {
    let value = examples::parse_value(text, &field.ty)?;
    let is_listed = |value: &Json| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let number = value.as_i64().filter(|_| field.flags);
        let mask = field.values.iter().filter_map(|bit| bit.value.parse::<i64>().ok());
        number.is_some_and(|number| number & !mask.fold(0, |mask, bit| mask | bit) == 0)
            || field.values.is_empty()
            || field.values.iter().any(|other| other.value == text)
    };
    let fits = match &value {
        Json::Array(items) => items.iter().all(is_listed),
        scalar => is_listed(scalar),
    };
    (fits && field.bounds.allow(&value)).then_some(value)
}

fn read_scopes(field: &mut Field, cell: &Cell, notes: &mut Notes) {
    let mut labels = ScopeLabels::new(&cell.text);
    let values: HashMap<String, usize> = match cell.scopes.as_slice() {
        [] => HashMap::new(),
        _ => field.values.iter().map(|value| value.value.clone()).zip(0..).collect(),
    };
    for (offset, scope) in &cell.scopes {
        let label = labels.get(*offset);
        let understood = match label.and_then(value_requiring_scope) {
            _ if !names::is_scope(scope) => false,
            Some(value) => match values.get(value) {
                Some(index) => {
                    push_new(&mut field.values[*index].scopes, scope);
                    true
                }
                None => false,
            },
            None => {
                push_new(&mut field.scopes, scope);
                true
            }
        };
        if !understood {
            notes.add(cell.line, format!("unrecognized scope {}", quoted(scope)));
        }
    }
}

/// Adds a scope unless it is listed: some pages list one twice.
fn push_new(scopes: &mut Vec<String>, scope: &str) {
    if !scopes.iter().any(|listed| listed == scope) {
        scopes.push(scope.to_owned());
    }
}

/// Reads the table of request headers.
pub(super) fn read_headers(parameters: Vec<Parameter<'_>>, notes: &mut Notes) -> Headers {
    let mut headers = Headers::default();
    if !parameters.is_empty() {
        headers.tokens = Some(Vec::new());
    }
    let (mut others, mut seen) = (Vec::new(), HashSet::new());
    for parameter in parameters {
        let lower = parameter.key.to_ascii_lowercase();
        let set_by_client = lower != "authorization" && CLIENT_HEADERS.contains(&lower.as_str());
        if set_by_client || !names::is_header_name(&lower) || !seen.insert(lower) {
            let message = format!(
                "skipped the header {}: set by the client, invalid or duplicate",
                quoted(&parameter.key)
            );
            notes.add(parameter.line, message);
            continue;
        }
        let text = parameter.description.map_or("", |cell| cell.text.as_str());
        if parameter.key.eq_ignore_ascii_case("Authorization") {
            headers.tokens = parameter
                .description
                .map(token_kinds)
                .filter(|tokens| !tokens.is_empty());
            if headers.tokens.is_none() {
                notes.add(parameter.line, "unrecognized token kinds");
            }
        } else if text.contains("multipart/form-data") && parameter.key.eq_ignore_ascii_case("Content-Type") {
            headers.multipart = true;
        } else if let Some(fixed) = fixed_header(&parameter, text) {
            headers.fixed.push(fixed);
        } else if !parameter.key.eq_ignore_ascii_case("Content-Type") {
            others.push(parameter);
        }
    }
    headers.fields = read_fields(&others, Place::Header, notes);
    headers
}

fn fixed_header(parameter: &Parameter<'_>, text: &str) -> Option<FixedHeader> {
    let text = labelled(text, &["固定值", "Fixed value"])?;
    let value = examples::parse_value(text, &Type::String)?;
    let value = value
        .as_str()
        .filter(|value| value.chars().all(|c| matches!(c, ' '..='~')))?;
    Some(FixedHeader {
        name: parameter.key.clone(),
        value: value.to_owned(),
        required: parameter.required,
    })
}

/// Returns the token kinds that a cell lists.
fn token_kinds(cell: &Cell) -> Vec<&'static str> {
    let named = |kind: &str| {
        let tag = format!("token-{kind}");
        let word = format!("{kind}_access_token");
        cell.tags.contains(&tag) || cell.text.contains(&word)
    };
    let kinds = ["tenant", "user", "app"];
    kinds.into_iter().filter(|kind| named(kind)).collect()
}

/// Returns the enum value for which the announced scopes are required, if they are not required for all values.
fn value_requiring_scope(label: &str) -> Option<&str> {
    if !label.contains("当值为") && !label.to_lowercase().contains("when the value is") {
        return None;
    }
    label.split('`').nth(1)
}
