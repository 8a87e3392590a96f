//! Endpoints as JSON.

use serde_json::{Map, Value, json};

use super::{field, types};
use crate::model::{
    Ability, Api, AppKind, Binary, Body, Endpoint, ErrorEntry, FeedSource, FixedHeader, Lifetime, Limits, Module,
    Pagination, Place, Poll, Response, TokenKind, Upload,
};

pub(super) fn json(api: &Api, module: &Module, endpoint: &Endpoint) -> Value {
    json!({
        "id": endpoint.id,
        "project": module.project,
        "version": module.version,
        "resource": module.resource,
        "name": endpoint.name,
        "rust": format!("{}::{}::{}::{}", module.project, module.version, module.rust, endpoint.rust),
        "source": { "file": module.source, "line": endpoint.origin.line },
        "summary": endpoint.summary,
        "docs": endpoint.docs,
        "updated": endpoint.updated,
        "method": endpoint.method.as_str(),
        "path": endpoint.path,
        "tokens": endpoint.tokens.as_ref().map(|tokens| words(tokens, TokenKind::as_str)),
        "apps": words(&endpoint.apps, AppKind::as_str),
        "scopes": endpoint.scopes,
        "field_scopes": endpoint.field_scopes,
        "abilities": words(&endpoint.abilities, Ability::as_str),
        "limits": endpoint.limits.as_ref().map(limits),
        "headers": endpoint.fixed_headers.iter().map(fixed_header).collect::<Vec<_>>(),
        "parameters": parameters(api, endpoint),
        "body": body(endpoint.body),
        "idempotency": endpoint.idempotency,
        "repeatable": endpoint.repeatable,
        "response": response(api, endpoint),
        "errors": endpoint.errors.iter().map(error).collect::<Vec<_>>(),
        "pagination": endpoint.pagination.as_ref().map(pagination),
        "poll": endpoint.poll.as_ref().map(poll),
        "upload": endpoint.upload.as_ref().map(upload),
        "lifetime": endpoint.lifetime.as_ref().map(lifetime),
        "deprecated": endpoint.deprecated.as_ref().map(|deprecated| json!({
            "successor": deprecated.successor,
            "reason": deprecated.reason,
        })),
        "notes": endpoint.notes,
    })
}

pub(super) fn pagination(pagination: &Pagination) -> Value {
    json!({
        "token": pagination.token,
        "next": pagination.next,
        "more": pagination.more,
        "items": pagination.items,
        "size": pagination.size,
    })
}

pub(super) fn lifetime(lifetime: &Lifetime) -> Value {
    json!({
        "of": lifetime.of,
        "seconds": lifetime.seconds,
        "since": lifetime.since,
    })
}

pub(super) fn words<T: Copy>(values: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    values.iter().map(|value| word(*value)).collect()
}

fn body(body: Body) -> &'static str {
    match body {
        Body::None => "none",
        Body::Json => "json",
        Body::Multipart => "multipart",
    }
}

pub(super) fn limits(limits: &Limits) -> Value {
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

fn parameters(api: &Api, endpoint: &Endpoint) -> Value {
    let at = |place: Place| {
        let fields = endpoint.fields.iter().filter(|field| field.place == place);
        fields.map(|field| field::json(api, field)).collect::<Vec<_>>()
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
            "type": types::name(api, *ty),
            "fields": types::fields(api, *ty),
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

pub(super) fn poll(poll: &Poll) -> Value {
    let fed_by = |source: FeedSource| -> Map<String, Value> {
        let feeds = poll.feeds.iter().filter(|feed| feed.source == source);
        feeds.map(|feed| (feed.field.clone(), json!(feed.from))).collect()
    };
    json!({
        "endpoint": poll.endpoint,
        "from_response": fed_by(FeedSource::Response),
        "from_request": fed_by(FeedSource::Request),
        "state": poll.state.path,
        "done": poll.state.done,
        "failed": poll.state.failed,
        "reason": poll.state.reason,
    })
}

pub(super) fn upload(upload: &Upload) -> Value {
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

pub(super) fn error(error: &ErrorEntry) -> Value {
    json!({
        "http": error.http,
        "code": error.code,
        "msg": error.msg,
        "rust": error.rust,
        "doc": error.doc,
        "retry": error.retry,
    })
}
