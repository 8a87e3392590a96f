//! The fields of a request and of its answer.

use larkspur_codegen::model::{Api, Body, Bounds, Endpoint, Field, Place, Response, TypeId, TypeKind};

use crate::table::aligned;

/// Nesting below this is named and not opened: a type may contain itself.
const MAX_DEPTH: usize = 6;

/// Whatever a caller can set.
pub(super) fn request(api: &Api, endpoint: &Endpoint) -> Vec<String> {
    let mut rows = Vec::new();
    for field in &endpoint.fields {
        let place = match field.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
            Place::Body if endpoint.body == Body::Multipart => "part",
            Place::Body => "body",
        };
        add(api, field, place, &mut Vec::new(), &mut rows);
    }
    aligned(&rows)
}

/// What comes back.
pub(super) fn answer(api: &Api, endpoint: &Endpoint) -> Vec<String> {
    match &endpoint.response {
        Response::Empty => vec!["nothing but success".to_owned()],
        Response::Binary(binary) => {
            let headers = binary.headers.iter();
            let header = |name: &str, doc: Option<&str>| [format!("header {name}"), doc.unwrap_or_default().to_owned()];
            let rows: Vec<_> = headers.map(|known| header(&known.name, known.doc.as_deref())).collect();
            [vec!["bytes".to_owned()], aligned(&rows)].concat()
        }
        Response::Json { ty, .. } => {
            let mut rows = Vec::new();
            for field in object(api, *ty) {
                add(api, field, "", &mut vec![*ty], &mut rows);
            }
            let rows: Vec<[String; 3]> = rows
                .into_iter()
                .map(|[_, key, ty, remarks]| [key, ty, remarks])
                .collect();
            aligned(&rows)
        }
    }
}

fn object(api: &Api, id: TypeId) -> &[Field] {
    match &api.type_def(id).kind {
        TypeKind::Object(fields) => fields,
        _ => &[],
    }
}

/// Adds a field and, below it, those of its type; `around` are the types that it stands in.
fn add(api: &Api, field: &Field, place: &str, around: &mut Vec<TypeId>, rows: &mut Vec<[String; 4]>) {
    let indent = "  ".repeat(around.len().saturating_sub(usize::from(place.is_empty())));
    rows.push([
        place.to_owned(),
        format!("{indent}{}", field.key),
        field.ty.written(|id| api.type_def(id).rust.clone()),
        remarks(api, field).join("; "),
    ]);
    if let Some(id) = field.ty.named()
        && !around.contains(&id)
        && around.len() < MAX_DEPTH
    {
        around.push(id);
        for inner in object(api, id) {
            add(api, inner, if place.is_empty() { "" } else { "…" }, around, rows);
        }
        around.pop();
    }
}

/// What is said of a field besides its type.
fn remarks(api: &Api, field: &Field) -> Vec<String> {
    let mut remarks = Vec::new();
    remarks.extend(field.required.then(|| "required".to_owned()));
    remarks.extend(field.secret.then(|| "secret".to_owned()));
    remarks.extend(bounds(&field.bounds));
    remarks.extend(field.ty.named().and_then(|id| values(api, id)));
    remarks.extend(
        field
            .of_file
            .map(|fact| format!("the file's {}, told by the client", fact.as_str())),
    );
    remarks.extend(field.default.as_ref().map(|value| format!("default {value}")));
    if !field.scopes.is_empty() {
        remarks.push(format!("only with {}", field.scopes.join(" or ")));
    }
    remarks.extend(field.deprecated.as_ref().map(|why| format!("deprecated: {why}")));
    remarks.extend(field.doc.clone());
    remarks
}

/// The values of an enum.
fn values(api: &Api, id: TypeId) -> Option<String> {
    let values: Vec<String> = match &api.type_def(id).kind {
        TypeKind::Object(_) => return None,
        TypeKind::StringEnum(variants) => variants.iter().map(|variant| variant.value.clone()).collect(),
        TypeKind::IntEnum(variants) => variants.iter().map(|variant| variant.value.to_string()).collect(),
    };
    Some(format!("one of {}", values.join(", ")))
}

fn bounds(bounds: &Bounds) -> Vec<String> {
    let range = |min: Option<String>, max: Option<String>, what: &str| match (min, max) {
        (None, None) => None,
        (Some(min), None) => Some(format!("at least {min}{what}")),
        (None, Some(max)) => Some(format!("at most {max}{what}")),
        (Some(min), Some(max)) => Some(format!("{min} to {max}{what}")),
    };
    let text = |count: Option<u64>| count.map(|count| count.to_string());
    let number = |number: Option<f64>| number.map(|number| number.to_string());
    [
        range(number(bounds.min), number(bounds.max), ""),
        range(text(bounds.min_length), text(bounds.max_length), " characters"),
        range(text(bounds.min_items), text(bounds.max_items), " items"),
        range(text(bounds.min_bytes), text(bounds.max_bytes), " bytes"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
