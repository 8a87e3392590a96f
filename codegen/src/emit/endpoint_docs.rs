//! Documentation of a request type: every property of its entry in the spec.

use proc_macro2::Ident;

use super::field_docs::size;
use super::markdown::{self, Docs};
use crate::model::{
    Ability, AppKind, Binary, Endpoint, FixedHeader, Lifetime, Limits, Pagination, Poll, PollState, Response,
    TokenKind, Upload, Window,
};

/// Returns the comment of a request type; `example` is the code block.
pub(super) fn endpoint_docs(
    endpoint: &Endpoint,
    request: &Ident,
    errors: Option<&Ident>,
    example: Vec<String>,
) -> Docs {
    let mut docs = Docs::new(match &endpoint.summary {
        Some(summary) => markdown::sentence(summary),
        None => format!("Calls {}.", markdown::code(&endpoint.id)),
    });
    docs.paragraph(address(endpoint));
    docs.list(facts(endpoint, request));
    docs.paragraph("# Errors");
    docs.paragraph(match errors {
        Some(errors) => {
            format!("[`{errors}`] lists the documented errors; [`larkspur::Error`] covers all others.")
        }
        None => "The platform documents no errors specific to this endpoint; see [`larkspur::Error`].".to_owned(),
    });
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
fn facts(endpoint: &Endpoint, request: &Ident) -> Vec<String> {
    let mut items: Vec<String> = endpoint.notes.iter().map(|note| markdown::sentence(note)).collect();
    items.push(tokens(endpoint.tokens.as_deref()));
    items.extend(apps(&endpoint.apps));
    items.extend(scopes(endpoint));
    items.extend(
        endpoint
            .abilities
            .iter()
            .map(|Ability::Bot| "The app must have the bot ability.".to_owned()),
    );
    items.extend(endpoint.limits.as_ref().map(limits));
    items.extend(endpoint.fixed_headers.iter().map(fixed_header));
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
