//! Documentation of requests, fields and enum values: every property of an entry in the spec.

use proc_macro2::Ident;

use super::errors::errors_section;
use super::markdown::{self, Docs};
use crate::model::{
    Ability, AppKind, Binary, Bounds, Endpoint, Field, FileAttribute, FixedField, FixedHeader, Lifetime, Limits,
    Pagination, Place, PlatformHost, Poll, PollState, Response, TokenKind, Type, Upload, Variant, Window,
};

/// Returns the comment of a request type; `example` is the code block.
pub(super) fn endpoint_docs(endpoint: &Endpoint, request: &Ident, example: Vec<String>) -> Docs {
    let mut docs = Docs::new(match &endpoint.summary {
        Some(summary) => markdown::sentence(summary),
        None => format!("Calls {}.", markdown::code(&endpoint.id)),
    });
    docs.paragraph(address(endpoint));
    docs.list(endpoint_facts(endpoint, request));
    errors_section(&mut docs, endpoint);
    docs.paragraph("# Example");
    docs.lines(example);
    docs.paragraph("[`larkspur::Error`]: ::larkspur::Error");
    docs
}

/// Returns the method, the path, and the page of the platform's documentation.
fn address(endpoint: &Endpoint) -> String {
    let mut line = markdown::code(&format!("{} {}", endpoint.method.as_str(), endpoint.path));
    if let Some(url) = &endpoint.docs {
        line.push_str(&format!(" · {}", markdown::link("platform documentation", url)));
    }
    if let Some(updated) = &endpoint.updated {
        line.push_str(&format!(" (as of {})", markdown::plain(updated)));
    }
    line
}

/// Returns one list item for each property, in a fixed order.
fn endpoint_facts(endpoint: &Endpoint, request: &Ident) -> Vec<String> {
    let mut items: Vec<String> = endpoint.notes.iter().map(|note| markdown::sentence(note)).collect();
    items.extend(
        endpoint
            .source
            .map(|source| format!("From {}: the platform has no page of it.", source.describe())),
    );
    items.push(tokens(endpoint.tokens.as_deref()));
    items.extend(endpoint.token_sources.iter().map(|(kind, source)| {
        format!(
            "The {} token is from {}, not from the page.",
            kind.as_str(),
            source.describe()
        )
    }));
    items.extend(apps(&endpoint.apps));
    items.extend(scopes(endpoint));
    items.extend(
        endpoint
            .abilities
            .iter()
            .map(|Ability::Bot| "The app must have the bot ability.".to_owned()),
    );
    items.extend(endpoint.limits.as_ref().map(limits));
    items.extend(host(endpoint.host));
    items.extend(endpoint.fixed_headers.iter().map(fixed_header));
    items.extend(endpoint.fixed_fields.iter().map(fixed_field));
    items.extend(repetition(endpoint));
    if let Response::Binary(binary) = &endpoint.response {
        items.extend(download(binary));
    }
    items.extend(endpoint.lifetime.as_ref().map(lifetime));
    items.extend(
        endpoint
            .pagination
            .as_ref()
            .map(|pagination| pages(pagination, request)),
    );
    match (&endpoint.poll, &endpoint.task_state) {
        (Some(poll), _) => items.push(starts_task(poll, request)),
        (None, Some(state)) => items.push(reads_state(state, request)),
        (None, None) => {}
    }
    items.extend(endpoint.upload.as_ref().map(in_parts));
    items
}

fn tokens(tokens: Option<&[TokenKind]>) -> String {
    let name = |kind: &TokenKind| kind.as_str();
    match tokens {
        None => "Token: not documented; none is sent.".to_owned(),
        Some([]) => "Token: none.".to_owned(),
        Some(kinds) => format!("Token: {}.", kinds.iter().map(name).collect::<Vec<_>>().join(" or ")),
    }
}

fn apps(apps: &[AppKind]) -> Option<String> {
    let name = |kind: &AppKind| kind.as_str();
    (!apps.is_empty()).then(|| format!("Apps: {}.", apps.iter().map(name).collect::<Vec<_>>().join(", ")))
}

fn scopes(endpoint: &Endpoint) -> Vec<String> {
    let mut items = Vec::new();
    match endpoint.scopes.as_deref() {
        None => {}
        Some([]) => items.push("Scopes: none needed.".to_owned()),
        Some([scope]) => items.push(format!("Scope: {}.", markdown::code(scope))),
        Some(scopes) => items.push(format!("Scopes, any one of: {}.", markdown::codes(scopes))),
    }
    if !endpoint.field_scopes.is_empty() {
        items.push(format!(
            "Additional scopes for some fields of the response: {}.",
            markdown::codes(&endpoint.field_scopes)
        ));
    }
    items
}

fn limits(limits: &Limits) -> String {
    if limits.windows.is_empty() {
        return "Rate limit: not published by the platform.".to_owned();
    }
    let window = |Window { calls, seconds }: &Window| match seconds {
        1 => format!("{calls} calls per second"),
        60 => format!("{calls} calls per minute"),
        3600 => format!("{calls} calls per hour"),
        86400 => format!("{calls} calls per day"),
        _ => format!("{calls} calls in {seconds} seconds"),
    };
    let windows = limits.windows.iter().map(window).collect::<Vec<_>>().join(", ");
    let special = if limits.special {
        "; the platform's table marks it as special"
    } else {
        ""
    };
    format!("Rate limit: {windows}{special}.")
}

fn fixed_header(header: &FixedHeader) -> String {
    let mut item = format!(
        "Always sends {}",
        markdown::code(&format!("{}: {}", header.name, header.value))
    );
    if header.required {
        item.push_str(", which the platform requires");
    }
    match &header.doc {
        Some(doc) => format!("{item}: {}", markdown::sentence(doc)),
        None => format!("{item}."),
    }
}

fn fixed_field(field: &FixedField) -> String {
    let (key, value) = (markdown::code(&field.key), markdown::code(&field.text()));
    let place = if field.place == Place::Query { "query" } else { "body" };
    let item = format!("Always sends {key} = {value} in the {place}");
    match &field.doc {
        Some(doc) => format!("{item}: {}", markdown::sentence(doc)),
        None => format!("{item}."),
    }
}

fn host(host: PlatformHost) -> Option<String> {
    let name = markdown::code(&format!("{}.feishu.cn", host.as_str()));
    (host != PlatformHost::Open)
        .then(|| format!("Host: {name}, or its counterpart on Lark; a custom base URL is used as it is."))
}

fn repetition(endpoint: &Endpoint) -> Option<String> {
    match &endpoint.idempotency {
        Some(field) => Some(format!(
            "Idempotent: the platform processes requests with the same {} once.",
            markdown::code(field)
        )),
        None => endpoint
            .repeatable
            .then(|| "Idempotent: a repeated request has no further effect.".to_owned()),
    }
}

fn download(binary: &Binary) -> Vec<String> {
    let ranges = if binary.ranges {
        "ranges are supported"
    } else {
        "ranges are not supported"
    };
    let mut items = vec![format!("The response is a byte stream; {ranges}.")];
    if let Some(bytes) = binary.max_bytes {
        items.push(format!("The platform sends at most {}.", size(bytes)));
    }
    for header in &binary.headers {
        let mut item = format!("Response header {}", markdown::code(&header.name));
        if let Some(doc) = &header.doc {
            item.push_str(&format!(": {}", markdown::sentence(doc)));
        } else {
            item.push('.');
        }
        if let Some(needs) = &header.needs {
            item.push_str(&format!(" Present only if the request sets {}.", markdown::code(needs)));
        }
        items.push(item);
    }
    items
}

fn lifetime(lifetime: &Lifetime) -> String {
    let since = match &lifetime.since {
        Some(since) => markdown::plain(since),
        None => "the response".to_owned(),
    };
    format!(
        "The {} is valid for {}, counted from {since}.",
        markdown::plain(&lifetime.of),
        duration(lifetime.seconds)
    )
}

/// Returns seconds in the largest unit that divides them.
fn duration(seconds: u64) -> String {
    let (count, unit) = match seconds {
        s if s >= 86400 && s % 86400 == 0 => (s / 86400, "day"),
        s if s >= 3600 && s % 3600 == 0 => (s / 3600, "hour"),
        s if s >= 60 && s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    if count == 1 {
        format!("1 {unit}")
    } else {
        format!("{count} {unit}s")
    }
}

fn pages(pagination: &Pagination, request: &Ident) -> String {
    let size = match &pagination.size {
        Some(size) => format!(", {} sets its size", markdown::code(size)),
        None => String::new(),
    };
    format!(
        "Paginated: {} holds one page{size}. [`{request}::items`] returns a stream of all items, [`{request}::pages`] a \
         stream of pages, and [`{request}::next`] the request for the page after a response.",
        markdown::code(&pagination.items)
    )
}

fn starts_task(poll: &Poll, request: &Ident) -> String {
    format!(
        "Starts a task: [`{request}::wait`] polls it until it is done, and [`{request}::poll`] returns the request of {} \
         that reads its state. In that response, {}.",
        markdown::code(&poll.endpoint),
        outcome(&poll.state),
    )
}

fn reads_state(state: &PollState, request: &Ident) -> String {
    format!(
        "Reads the state of a task: {}. [`{request}::wait`] polls until it is done.",
        outcome(state)
    )
}

/// Returns which values of the response are the outcome of a task.
fn outcome(state: &PollState) -> String {
    let values = |values: &[serde_json::Value]| {
        let values: Vec<String> = values.iter().map(|value| markdown::code(&wire(value))).collect();
        match values.split_last() {
            Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
            _ => values.concat(),
        }
    };
    let failed = match state.failed.as_slice() {
        [] => String::new(),
        failed => format!(", {} when it has failed", values(failed)),
    };
    let reason = match state.reason.as_slice() {
        [] => String::new(),
        reason => format!(", and {} holds the reason", markdown::code(&reason.join("."))),
    };
    let (state, done) = (markdown::code(&state.path.join(".")), values(&state.done));
    format!("{state} is {done} when the task is done{failed}{reason}")
}

fn in_parts(upload: &Upload) -> String {
    let [prepare, part, finish] = upload.steps().map(|(_, step)| markdown::code(&step.endpoint));
    format!(
        "[`larkspur::Client::upload`] also sends larger files, in parts: {prepare}, {part} for each part, {finish}."
    )
}

/// Returns a scalar as on the wire, without quotes.
fn wire(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Returns the comment of a field.
pub(super) fn field_docs(field: &Field) -> Docs {
    let mut docs = Docs::new(match &field.doc {
        Some(doc) => markdown::sentence(doc),
        None => format!("The field {}.", markdown::code(&field.key)),
    });
    let facts = field_facts(field);
    if !facts.is_empty() {
        docs.paragraph(facts.join(" "));
    }
    docs
}

/// Returns one sentence for each property, in a fixed order.
fn field_facts(field: &Field) -> Vec<String> {
    let mut facts = Vec::new();
    // Without documentation, the comment starts with the key.
    if field.key != field.rust && field.doc.is_some() {
        facts.push(format!("{} on the wire.", markdown::code(&field.key)));
    }
    facts.extend(place(field.place));
    facts.extend(bounds(&field.bounds, &field.ty));
    facts.extend(
        field
            .pattern
            .as_ref()
            .map(|pattern| format!("Matches {}.", markdown::code(pattern))),
    );
    facts.extend(field.time.map(|time| format!("Timestamp in {}.", time.describe())));
    facts.extend(
        field
            .source
            .map(|source| format!("From {}, not from the page.", source.describe())),
    );
    facts.extend(field.of_file.map(of_file));
    if let Some(default) = &field.default {
        facts.push(format!("Default: {}.", markdown::code(&default.to_string())));
    }
    if let Some(example) = &field.example {
        facts.push(format!("Example: {}.", markdown::code(&example.to_string())));
    }
    facts.extend(needed_scopes(&field.scopes));
    if field.secret {
        facts.push("Secret: never printed.".to_owned());
    }
    facts
}

fn place(place: Place) -> Option<String> {
    let place = match place {
        Place::Path => "path",
        Place::Query => "query string",
        Place::Header => "headers",
        Place::Body => return None,
    };
    Some(format!("Sent in the {place}."))
}

fn bounds(bounds: &Bounds, ty: &Type) -> Vec<String> {
    let (item, items) = match ty {
        Type::Map(_) => (" entry", " entries"),
        _ => (" element", " elements"),
    };
    let length = [bounds.min_length, bounds.max_length].map(|n| n.map(|n| n as f64));
    let count = [bounds.min_items, bounds.max_items].map(|n| n.map(|n| n as f64));
    [
        between([bounds.min, bounds.max], "", ""),
        between(length, " character", " characters"),
        between(count, item, items),
        bytes(bounds.min_bytes, bounds.max_bytes),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn bytes(min: Option<u64>, max: Option<u64>) -> Option<String> {
    Some(match (min, max) {
        (Some(1), Some(max)) => format!("Not empty, at most {}.", size(max)),
        (Some(min), Some(max)) => format!("{} to {}.", size(min), size(max)),
        (Some(1), None) => "Not empty.".to_owned(),
        (Some(min), None) => format!("At least {}.", size(min)),
        (None, Some(max)) => format!("At most {}.", size(max)),
        (None, None) => return None,
    })
}

fn of_file(fact: FileAttribute) -> String {
    let what = match fact {
        FileAttribute::Name => "name",
        FileAttribute::Size => "size in bytes",
        FileAttribute::Adler32 => "Adler-32 checksum, unless it is a stream",
    };
    format!("If unset, the client sends the file's {what}.")
}

/// Returns a sentence with the bounds; `one` and `many` are the unit.
fn between(bounds: [Option<f64>; 2], one: &str, many: &str) -> Option<String> {
    let unit = |n: f64| if n == 1.0 { one } else { many };
    Some(match bounds {
        [Some(min), Some(max)] if min == max => format!("Exactly {min}{}.", unit(min)),
        [Some(min), Some(max)] => format!("{min} to {max}{}.", unit(max)),
        [Some(min), None] => format!("At least {min}{}.", unit(min)),
        [None, Some(max)] => format!("At most {max}{}.", unit(max)),
        [None, None] => return None,
    })
}

/// Returns the comment of a variant.
pub(super) fn variant_docs<T: std::fmt::Display>(variant: &Variant<T>) -> Docs {
    let value = markdown::code(&variant.value.to_string());
    let mut docs = Docs::new(match &variant.doc {
        Some(doc) => format!("{value}: {}", markdown::sentence(doc)),
        None => format!("{value}."),
    });
    if let Some(scopes) = needed_scopes(&variant.scopes) {
        docs.paragraph(scopes);
    }
    docs
}

/// Returns a sentence with the scopes, any of which suffices for a field or a value.
fn needed_scopes(scopes: &[String]) -> Option<String> {
    match scopes {
        [] => None,
        [scope] => Some(format!("Requires the scope {}.", markdown::code(scope))),
        scopes => Some(format!("Requires any of the scopes {}.", markdown::codes(scopes))),
    }
}

/// Returns bytes in the largest unit that divides them, and their exact number.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let whole = |(_, unit): &(&str, u64)| bytes > 0 && bytes.is_multiple_of(*unit);
    match UNITS.into_iter().find(whole) {
        Some((name, unit)) => format!("{} {name} ({bytes} bytes)", bytes / unit),
        None if bytes == 1 => "1 byte".to_owned(),
        None => format!("{bytes} bytes"),
    }
}
