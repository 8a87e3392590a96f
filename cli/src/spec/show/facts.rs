//! What the spec says of an endpoint as a whole.

use larkspur_codegen::model::{
    Ability, AppKind, Binary, Deprecation, Endpoint, ErrorEntry, Lifetime, Limits, Module, Pagination, Poll, PollState,
    Response, TokenKind, Upload, Window,
};

use crate::table::aligned;

/// One line for each fact.
pub(super) fn lines(module: &Module, endpoint: &Endpoint) -> Vec<String> {
    let tokens = endpoint.tokens.as_ref().map(|tokens| words(tokens, TokenKind::as_str));
    let facts = [
        ("http", Some(format!("{} {}", endpoint.method.as_str(), endpoint.path))),
        ("docs", endpoint.docs.clone()),
        ("as of", endpoint.updated.clone()),
        ("spec", Some(format!("{}:{}", module.source, endpoint.origin.line))),
        ("deprecated", endpoint.deprecated.as_ref().map(deprecation)),
        ("token", tokens.map(|words| or_none(words, " or "))),
        ("apps", filled(words(&endpoint.apps, AppKind::as_str), ", ")),
        ("scopes", endpoint.scopes.clone().map(any_of)),
        ("field scopes", filled(endpoint.field_scopes.clone(), ", ")),
        ("abilities", filled(words(&endpoint.abilities, Ability::as_str), ", ")),
        ("limits", endpoint.limits.as_ref().map(limits)),
        ("repetition", repetition(endpoint)),
        ("download", binary(&endpoint.response).map(download)),
        ("pages", endpoint.pagination.as_ref().map(pagination)),
        ("starts", endpoint.poll.as_ref().map(started)),
        ("tells", endpoint.tells.as_ref().map(outcome)),
        ("in parts", endpoint.upload.as_ref().map(in_parts)),
        ("lifetime", endpoint.lifetime.as_ref().map(lifetime)),
    ];
    let rows: Vec<[String; 2]> = facts
        .into_iter()
        .filter_map(|(name, fact)| Some([name.to_owned(), fact?]))
        .collect();
    let headers = endpoint.fixed_headers.iter();
    let headers = headers.map(|header| ["sends".to_owned(), format!("{}: {}", header.name, header.value)]);
    aligned(&rows.into_iter().chain(headers).collect::<Vec<_>>())
}

/// Documented failures.
pub(super) fn errors(endpoint: &Endpoint) -> Vec<String> {
    aligned(&endpoint.errors.iter().map(error).collect::<Vec<_>>())
}

/// Restrictions that no type can carry.
pub(super) fn notes(endpoint: &Endpoint) -> Vec<String> {
    endpoint.notes.iter().map(|note| format!("- {note}")).collect()
}

fn error(error: &ErrorEntry) -> [String; 4] {
    let code = error.code.map(|code| code.to_string()).unwrap_or_default();
    let retry = error.retry.then_some("Trying again may help.");
    let parts = [error.msg.as_deref(), error.doc.as_deref(), retry];
    let text: Vec<&str> = parts.into_iter().flatten().collect();
    [error.http.to_string(), code, error.rust.clone(), text.join(" · ")]
}

fn words<T: Copy>(values: &[T], word: fn(T) -> &'static str) -> Vec<String> {
    values.iter().map(|value| word(*value).to_owned()).collect()
}

fn filled(words: Vec<String>, between: &str) -> Option<String> {
    (!words.is_empty()).then(|| words.join(between))
}

fn or_none(words: Vec<String>, between: &str) -> String {
    filled(words, between).unwrap_or_else(|| "none".to_owned())
}

fn any_of(scopes: Vec<String>) -> String {
    match scopes.as_slice() {
        [] => "none needed".to_owned(),
        [scope] => scope.clone(),
        scopes => format!("any one of {}", scopes.join(", ")),
    }
}

fn limits(limits: &Limits) -> String {
    let window = |window: &Window| match window.seconds {
        1 => format!("{}/second", window.calls),
        60 => format!("{}/minute", window.calls),
        3600 => format!("{}/hour", window.calls),
        86400 => format!("{}/day", window.calls),
        seconds => format!("{} in {seconds} seconds", window.calls),
    };
    let special = limits.special.then(|| "special".to_owned());
    let all: Vec<String> = special.into_iter().chain(limits.windows.iter().map(window)).collect();
    or_none(all, ", ")
}

fn repetition(endpoint: &Endpoint) -> Option<String> {
    let by_field = |field: &String| format!("recognised by {field}");
    let harmless = || "does the same however often it is sent".to_owned();
    endpoint
        .idempotency
        .as_ref()
        .map(by_field)
        .or_else(|| endpoint.repeatable.then(harmless))
}

fn binary(response: &Response) -> Option<&Binary> {
    match response {
        Response::Binary(binary) => Some(binary),
        _ => None,
    }
}

fn download(binary: &Binary) -> String {
    let ranges = if binary.ranges { "with ranges" } else { "as a whole" };
    match binary.max_bytes {
        Some(bytes) => format!("{ranges}, at most {bytes} bytes"),
        None => ranges.to_owned(),
    }
}

fn pagination(pagination: &Pagination) -> String {
    let Pagination {
        token,
        next,
        more,
        items,
        ..
    } = pagination;
    format!("`{token}` takes `{next}` of the answer while `{more}`; the items are in `{items}`")
}

fn started(poll: &Poll) -> String {
    let fields: Vec<&str> = poll.feeds.iter().map(|feed| feed.field.as_str()).collect();
    format!("a task, of which {} tells by {}", poll.endpoint, fields.join(", "))
}

fn outcome(state: &PollState) -> String {
    let values = |values: &[serde_json::Value]| {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        values.join(", ")
    };
    let mut text = format!("`{}` of a task: done at {}", state.path.join("."), values(&state.done));
    if !state.failed.is_empty() {
        text.push_str(&format!("; failed at {}", values(&state.failed)));
    }
    if !state.reason.is_empty() {
        text.push_str(&format!(", for the reason in `{}`", state.reason.join(".")));
    }
    text
}

fn in_parts(upload: &Upload) -> String {
    let steps = upload.steps().map(|(_, step)| step.endpoint.as_str());
    steps.join(", ")
}

fn lifetime(lifetime: &Lifetime) -> String {
    let since = lifetime.since.as_deref().unwrap_or("the answer");
    format!("{}: {} seconds from {since}", lifetime.of, lifetime.seconds)
}

fn deprecation(deprecation: &Deprecation) -> String {
    let successor = deprecation
        .successor
        .as_ref()
        .map(|successor| format!("use {successor}"));
    let parts: Vec<String> = successor.into_iter().chain(deprecation.reason.clone()).collect();
    filled(parts, "; ").unwrap_or_else(|| "yes".to_owned())
}
