//! The model for tools in other languages: as JSON, and as an OpenAPI document.

mod openapi;

use serde_json::{Map, Value, json};

use crate::model::{
    Ability, Api, AppKind, Binary, Body, Endpoint, ErrorEntry, FeedSource, Field, FileAttribute, FixedField,
    FixedHeader, Lifetime, Limits, Module, Pagination, Place, Poll, Response, SecondSource, TimeFormat, TokenKind,
    Type, TypeDef, TypeId, TypeKind, Upload, Variant,
};

pub use openapi::{OpenApiOptions, OpenApiVersion, openapi};

/// Increases when a key is removed or changes its meaning, not with new keys.
const SCHEMA_VERSION: u32 = 1;

/// Returns every endpoint and every type of a spec. Every key is always present; `null` means that the spec does not state
/// a value.
pub fn json(api: &Api) -> Value {
    let endpoints: Vec<Value> = api
        .endpoints()
        .map(|(module, endpoint)| endpoint_json(api, module, endpoint))
        .collect();
    json!({
        "schema": SCHEMA_VERSION,
        "endpoints": endpoints,
        "types": types_json(api),
    })
}

fn endpoint_json(api: &Api, module: &Module, endpoint: &Endpoint) -> Value {
    json!({
        "id": endpoint.id,
        "project": module.project,
        "version": module.version,
        "resource": module.resource,
        "name": endpoint.name,
        "rust": format!("{}::{}", module.rust_path(), endpoint.rust),
        "source": { "file": module.source, "line": endpoint.origin.line },
        "summary": endpoint.summary,
        "docs": endpoint.docs,
        "updated": endpoint.updated,
        "method": endpoint.method.as_str(),
        "documented_by": endpoint.source.map(SecondSource::as_str),
        "token_sources": endpoint.token_sources.iter().map(|(kind, source)| (kind.as_str(), source.as_str())).collect::<std::collections::BTreeMap<_, _>>(),
        "host": endpoint.host.as_str(),
        "path": endpoint.path,
        "tokens": endpoint.tokens.as_ref().map(|tokens| words(tokens, TokenKind::as_str)),
        "apps": words(&endpoint.apps, AppKind::as_str),
        "scopes": endpoint.scopes,
        "field_scopes": endpoint.field_scopes,
        "abilities": words(&endpoint.abilities, Ability::as_str),
        "limits": endpoint.limits.as_ref().map(limits_json),
        "headers": endpoint.fixed_headers.iter().map(fixed_header).collect::<Vec<_>>(),
        "fixed_fields": endpoint.fixed_fields.iter().map(fixed_field).collect::<Vec<_>>(),
        "parameters": parameters(api, endpoint),
        "body": body_kind(endpoint.body),
        "idempotency": endpoint.idempotency,
        "repeatable": endpoint.repeatable,
        "response": response(api, endpoint),
        "errors": endpoint.errors.iter().map(error_json).collect::<Vec<_>>(),
        "pagination": endpoint.pagination.as_ref().map(pagination_json),
        "poll": endpoint.poll.as_ref().map(poll_json),
        "upload": endpoint.upload.as_ref().map(upload_json),
        "lifetime": endpoint.lifetime.as_ref().map(lifetime_json),
        "deprecated": endpoint.deprecated.as_ref().map(|deprecated| json!({
            "successor": deprecated.successor,
            "reason": deprecated.reason,
        })),
        "notes": endpoint.notes,
    })
}

fn pagination_json(pagination: &Pagination) -> Value {
    json!({
        "token": pagination.token,
        "next": pagination.next,
        "more": pagination.more,
        "items": pagination.items,
        "size": pagination.size,
    })
}

fn lifetime_json(lifetime: &Lifetime) -> Value {
    json!({
        "of": lifetime.of,
        "seconds": lifetime.seconds,
        "since": lifetime.since,
    })
}

fn words<T: Copy>(values: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    values.iter().map(|value| word(*value)).collect()
}

fn body_kind(body: Body) -> &'static str {
    match body {
        Body::None => "none",
        Body::Json => "json",
        Body::Multipart => "multipart",
    }
}

fn limits_json(limits: &Limits) -> Value {
    let windows = limits.windows.iter();
    json!({
        "special": limits.special,
        "windows": windows
            .map(|window| json!({ "calls": window.calls, "seconds": window.seconds }))
            .collect::<Vec<_>>(),
    })
}

fn fixed_header(header: &FixedHeader) -> Value {
    json!({
        "name": header.name,
        "value": header.value,
        "required": header.required,
        "doc": header.doc,
    })
}

fn fixed_field(field: &FixedField) -> Value {
    json!({
        "key": field.key,
        "place": if field.place == Place::Query { "query" } else { "body" },
        "value": field.value,
        "doc": field.doc,
    })
}

fn parameters(api: &Api, endpoint: &Endpoint) -> Value {
    let at = |place: Place| {
        let fields = endpoint.fields.iter().filter(|field| field.place == place);
        fields.map(|field| field_json(api, field)).collect::<Vec<_>>()
    };
    json!({
        "path": at(Place::Path),
        "query": at(Place::Query),
        "header": at(Place::Header),
        "body": at(Place::Body),
    })
}

fn response(api: &Api, endpoint: &Endpoint) -> Value {
    match &endpoint.response {
        Response::Empty => json!({ "kind": "empty" }),
        Response::Json { ty, flat } => json!({
            "kind": "json",
            "flat": flat,
            "oauth": endpoint.oauth,
            "type": api.type_name(*ty),
            "fields": object_fields(api, *ty),
        }),
        Response::Binary(binary) => binary_json(binary),
    }
}

fn binary_json(binary: &Binary) -> Value {
    let headers = binary.headers.iter().map(|header| {
        json!({
            "name": header.name,
            "doc": header.doc,
            "needs": header.needs,
        })
    });
    json!({
        "kind": "binary",
        "ranges": binary.ranges,
        "max_bytes": binary.max_bytes,
        "headers": headers.collect::<Vec<_>>(),
    })
}

fn poll_json(poll: &Poll) -> Value {
    let feeds_from = |source: FeedSource| -> Map<String, Value> {
        let feeds = poll.feeds.iter().filter(|feed| feed.source == source);
        feeds.map(|feed| (feed.field.clone(), json!(feed.from))).collect()
    };
    json!({
        "endpoint": poll.endpoint,
        "from_response": feeds_from(FeedSource::Response),
        "from_request": feeds_from(FeedSource::Request),
        "state": poll.state.path,
        "done": poll.state.done,
        "failed": poll.state.failed,
        "reason": poll.state.reason,
    })
}

fn upload_json(upload: &Upload) -> Value {
    json!({
        "prepare": upload.prepare.endpoint,
        "part": upload.part.endpoint,
        "finish": upload.finish.endpoint,
        "block_size": upload.block_size,
        "block_count": upload.block_count,
        "number": upload.number,
        "restart": upload.restart,
    })
}

fn error_json(error: &ErrorEntry) -> Value {
    json!({
        "http": error.http,
        "code": error.code,
        "msg": error.msg,
        "rust": error.rust,
        "doc": error.doc,
        "retry": error.retry,
    })
}

fn field_json(api: &Api, field: &Field) -> Value {
    json!({
        "key": field.key,
        "rust": field.rust,
        "type": type_json(api, &field.ty),
        "required": field.required,
        "secret": field.secret,
        "doc": field.doc,
        "example": field.example,
        "default": field.default,
        "min": field.bounds.min.map(number),
        "max": field.bounds.max.map(number),
        "min_length": field.bounds.min_length,
        "max_length": field.bounds.max_length,
        "min_items": field.bounds.min_items,
        "max_items": field.bounds.max_items,
        "min_bytes": field.bounds.min_bytes,
        "max_bytes": field.bounds.max_bytes,
        "documented_by": field.source.map(SecondSource::as_str),
        "pattern": field.pattern,
        "format": field.time.map(TimeFormat::as_str),
        "of_file": field.of_file.map(FileAttribute::as_str),
        "scopes": field.scopes,
        "deprecated": field.deprecated,
    })
}

fn type_json(api: &Api, ty: &Type) -> Value {
    match ty {
        Type::String => json!({ "kind": "string" }),
        Type::Int => json!({ "kind": "int" }),
        Type::Float => json!({ "kind": "float" }),
        Type::Bool => json!({ "kind": "bool" }),
        Type::Any => json!({ "kind": "any" }),
        Type::File => json!({ "kind": "file" }),
        Type::List(item) => json!({ "kind": "list", "of": type_json(api, item) }),
        Type::Map(value) => json!({ "kind": "map", "of": type_json(api, value) }),
        Type::Named(id) => json!({ "kind": "named", "name": api.type_name(*id) }),
    }
}

/// Returns a bound as an integer if it is one.
fn number(bound: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if bound.fract() == 0.0 && bound.abs() <= EXACT {
        json!(bound as i64)
    } else {
        json!(bound)
    }
}

/// Returns every named type by its name.
fn types_json(api: &Api) -> Value {
    let types = (0..api.types.len()).map(TypeId);
    Value::Object(
        types
            .map(|id| (api.type_name(id), definition(api, api.type_def(id))))
            .collect::<Map<_, _>>(),
    )
}

/// Returns the fields of an object.
fn object_fields(api: &Api, id: TypeId) -> Option<Vec<Value>> {
    match &api.type_def(id).kind {
        TypeKind::Object(fields) => Some(fields.iter().map(|field| field_json(api, field)).collect()),
        _ => None,
    }
}

fn definition(api: &Api, def: &TypeDef) -> Value {
    let (kind, content) = match &def.kind {
        TypeKind::Object(fields) => ("object", fields.iter().map(|field| field_json(api, field)).collect()),
        TypeKind::StringEnum(variants) => ("string_enum", values(variants)),
        TypeKind::IntEnum(variants) if def.flags => ("flags", values(variants)),
        TypeKind::IntEnum(variants) => ("int_enum", values(variants)),
    };
    let key = if kind == "object" { "fields" } else { "values" };
    json!({
        "kind": kind,
        "doc": def.doc,
        "in_request": def.in_request,
        "in_response": def.in_response,
        key: content,
    })
}

fn values<T: serde::Serialize>(variants: &[Variant<T>]) -> Vec<Value> {
    let values = variants.iter();
    values
        .map(|variant| {
            json!({
                "value": variant.value,
                "rust": variant.rust,
                "doc": variant.doc,
                "scopes": variant.scopes,
            })
        })
        .collect()
}
