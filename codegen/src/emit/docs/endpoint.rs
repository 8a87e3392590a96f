//! What the documentation says of an endpoint: each fact of its entry in the spec.

use proc_macro2::Ident;

use super::Docs;
use crate::emit::text;
use crate::model::{
    Ability, AppKind, Binary, Endpoint, Lifetime, Limits, Pagination, Poll, PollState, Response, TokenKind, Upload,
    Window,
};

/// The comment of a request type: `example` is the code that shows how to use it.
pub(in crate::emit) fn describe(
    endpoint: &Endpoint,
    request: &Ident,
    errors: Option<&Ident>,
    example: Vec<String>,
) -> Docs {
    let mut docs = Docs::new(match &endpoint.summary {
        Some(summary) => text::sentence(summary),
        None => format!("Calls {}.", text::code(&endpoint.id)),
    });
    docs.paragraph(address(endpoint));
    docs.list(facts(endpoint, request));
    docs.paragraph("# Errors");
    docs.paragraph(match errors {
        Some(errors) => {
            format!("What the platform documents is in [`{errors}`]; everything else in [`larkspur::Error`].")
        }
        None => "The platform documents none of its own for this endpoint; see [`larkspur::Error`].".to_owned(),
    });
    docs.paragraph("# Example");
    docs.lines(example);
    docs.paragraph("[`larkspur::Error`]: ::larkspur::Error");
    docs
}

/// Method, path, and the page it was transcribed from.
fn address(endpoint: &Endpoint) -> String {
    let mut line = text::code(&format!("{} {}", endpoint.method.as_str(), endpoint.path));
    if let Some(url) = &endpoint.docs {
        line.push_str(&format!(" · {}", text::link("platform documentation", url)));
    }
    if let Some(updated) = &endpoint.updated {
        line.push_str(&format!(" (as of {})", text::plain(updated)));
    }
    line
}

/// One item for each fact, in a fixed order.
fn facts(endpoint: &Endpoint, request: &Ident) -> Vec<String> {
    let mut items: Vec<String> = endpoint.notes.iter().map(|note| text::sentence(note)).collect();
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
    match (&endpoint.poll, &endpoint.tells) {
        (Some(poll), _) => items.push(task(poll, request)),
        (None, Some(state)) => items.push(told(state, request)),
        (None, None) => {}
    }
    items.extend(endpoint.upload.as_ref().map(in_parts));
    items
}

fn tokens(tokens: Option<&[TokenKind]>) -> String {
    let name = |kind: &TokenKind| kind.as_str();
    match tokens {
        None => "Token: the documentation does not say; none is sent.".to_owned(),
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
        Some([scope]) => items.push(format!("Scope: {}.", text::code(scope))),
        Some(scopes) => items.push(format!("Scopes, any one of: {}.", text::codes(scopes))),
    }
    if !endpoint.field_scopes.is_empty() {
        items.push(format!(
            "Scopes that some fields of the answer need on top: {}.",
            text::codes(&endpoint.field_scopes)
        ));
    }
    items
}

fn limits(limits: &Limits) -> String {
    if limits.windows.is_empty() {
        return "Limits: the platform has one for this endpoint and does not publish it.".to_owned();
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
        "; the platform's table calls the limit special"
    } else {
        ""
    };
    format!("Limits: {windows}{special}.")
}

fn fixed_header(header: &crate::model::FixedHeader) -> String {
    let mut item = format!(
        "Always sends {}",
        text::code(&format!("{}: {}", header.name, header.value))
    );
    if header.required {
        item.push_str(", which the platform requires");
    }
    match &header.doc {
        Some(doc) => format!("{item}: {}", text::sentence(doc)),
        None => format!("{item}."),
    }
}

fn repetition(endpoint: &Endpoint) -> Option<String> {
    match &endpoint.idempotency {
        Some(field) => Some(format!(
            "Sent again with the same {}, it is recognised as a repetition and done once.",
            text::code(field)
        )),
        None => endpoint
            .repeatable
            .then(|| "Does the same however often it is sent.".to_owned()),
    }
}

fn download(binary: &Binary) -> Vec<String> {
    let ranges = if binary.ranges {
        "ranges are honoured"
    } else {
        "always the whole of it"
    };
    let mut items = vec![format!("Answers with a stream of bytes; {ranges}.")];
    if let Some(bytes) = binary.max_bytes {
        items.push(format!("The platform sends {} at most.", size(bytes)));
    }
    for header in &binary.headers {
        let mut item = format!("Response header {}", text::code(&header.name));
        if let Some(doc) = &header.doc {
            item.push_str(&format!(": {}", text::sentence(doc)));
        } else {
            item.push('.');
        }
        if let Some(needs) = &header.needs {
            item.push_str(&format!(
                " It comes only where the request carries {}.",
                text::code(needs)
            ));
        }
        items.push(item);
    }
    items
}

/// Bytes in the largest unit that divides them, and as they are counted.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let whole = |(_, unit): &(&str, u64)| bytes > 0 && bytes.is_multiple_of(*unit);
    match UNITS.into_iter().find(whole) {
        Some((name, unit)) => format!("{} {name} ({bytes} bytes)", bytes / unit),
        None if bytes == 1 => "1 byte".to_owned(),
        None => format!("{bytes} bytes"),
    }
}

fn lifetime(lifetime: &Lifetime) -> String {
    let since = match &lifetime.since {
        Some(since) => text::plain(since),
        None => "the answer".to_owned(),
    };
    format!(
        "The {} lives for {}, counted from {since}.",
        text::plain(&lifetime.of),
        duration(lifetime.seconds)
    )
}

/// Seconds in the largest unit that divides them.
pub(in crate::emit) fn duration(seconds: u64) -> String {
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
        Some(size) => format!(", {} asks for so many at once", text::code(size)),
        None => String::new(),
    };
    format!(
        "Answers in pages: {} has one page{size}. [`{request}::items`] gives what is on all of them, [`{request}::pages`] \
         each as it comes, [`{request}::next`] the request for the page after an answer.",
        text::code(&pagination.items)
    )
}

fn task(poll: &Poll, request: &Ident) -> String {
    format!(
        "Starts a task: [`{request}::wait`] waits until it is done, [`{request}::poll`] is the request of {} that asks \
         for its outcome. The answer's {}.",
        text::code(&poll.endpoint),
        outcome(&poll.state),
    )
}

fn told(state: &PollState, request: &Ident) -> String {
    format!(
        "Tells how far a task is: {}. [`{request}::wait`] waits until it is done.",
        outcome(state)
    )
}

/// How an answer tells the outcome of a task.
fn outcome(state: &PollState) -> String {
    let values = |values: &[serde_json::Value]| {
        let values: Vec<String> = values.iter().map(|value| text::code(&wire(value))).collect();
        match values.split_last() {
            Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
            _ => values.concat(),
        }
    };
    let failed = match state.failed.as_slice() {
        [] => String::new(),
        failed => format!(", {} when it failed", values(failed)),
    };
    let reason = match state.reason.as_slice() {
        [] => String::new(),
        reason => format!(", {} says why", text::code(&reason.join("."))),
    };
    let (state, done) = (text::code(&state.path.join(".")), values(&state.done));
    format!("{state} is {done} when the task is done{failed}{reason}")
}

fn in_parts(upload: &Upload) -> String {
    let [prepare, part, finish] = upload.steps().map(|(_, step)| text::code(&step.endpoint));
    format!(
        "Takes larger files too with [`larkspur::Client::upload`], which sends them in parts: {prepare}, {part} for each \
         of them, {finish}."
    )
}

/// A scalar as it is on the wire, without quotes.
fn wire(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
