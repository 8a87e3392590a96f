//! `spec show`: prints one endpoint for a person.

use clap::Args;

use super::output::{self, Stop, aligned_rows, bold};
use super::spec_directory::{BuiltIn, SpecOrBuiltIn};
use super::spec_files::{find_endpoint, load, read_selected};
use crate::model::{
    Ability, Api, AppKind, Binary, Body, Bounds, Deprecation, Endpoint, ErrorEntry, Field, Lifetime, Limits, Module,
    Pagination, Place, PlatformHost, Poll, PollState, Response, TokenKind, TypeId, TypeKind, Upload, Window,
};
use crate::signatures;

const AFTER_HELP: &str = "\
Examples:
  larkspur spec show drive.v1.media.download
  larkspur spec show my.v1.thing.get --spec ../my-crate/spec

Exit codes: 0 done, 1 the spec has errors, 2 the endpoint is unknown, or could not run";

/// Print an endpoint: its Rust functions and every property in the spec.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Id of the endpoint, such as drive.v1.media.download.
    id: String,
    #[command(flatten)]
    spec: SpecOrBuiltIn,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, built_in: BuiltIn) -> Result<(), Stop> {
    let api = load(&read_selected(&arguments.spec, built_in)?)?;
    let (index, endpoint) = find_endpoint(&api, &arguments.id).map_err(Stop::unable)?;
    for line in described(&api, index, endpoint)? {
        output::line(line)?;
    }
    Ok(())
}

fn described(api: &Api, index: usize, endpoint: &Endpoint) -> Result<Vec<String>, Stop> {
    let module = &api.modules[index];
    let mut lines = vec![bold(&endpoint.id)];
    lines.extend(endpoint.summary.clone());
    lines.push(String::new());
    lines.extend(properties(module, endpoint));
    section(
        &mut lines,
        &rust_path(module, endpoint),
        functions(api, index, endpoint)?,
    );
    section(&mut lines, "Request", request_fields(api, endpoint));
    section(&mut lines, "Response", response_fields(api, endpoint));
    section(&mut lines, "Errors", errors(endpoint));
    section(&mut lines, "Notes", notes(endpoint));
    Ok(lines)
}

/// Adds lines under a heading, unless the content is empty.
fn section(lines: &mut Vec<String>, heading: &str, content: Vec<String>) {
    if !content.is_empty() {
        lines.extend([String::new(), bold(heading)]);
        lines.extend(content.into_iter().map(|line| format!("  {line}")));
    }
}

fn rust_path(module: &Module, endpoint: &Endpoint) -> String {
    format!("larkspur::{}::{}", module.rust_path(), endpoint.rust)
}

/// Returns the signatures of the functions of the request type.
fn functions(api: &Api, index: usize, endpoint: &Endpoint) -> Result<Vec<String>, Stop> {
    let signatures = signatures(api, index, endpoint).map_err(Stop::failed)?;
    let lines = signatures.iter().flat_map(|signature| signature.lines());
    Ok(lines.map(str::to_owned).collect())
}

/// Returns one line for each property.
fn properties(module: &Module, endpoint: &Endpoint) -> Vec<String> {
    let token = |kind: &TokenKind| {
        let mut sources = endpoint.token_sources.iter();
        match sources.find(|(sourced, _)| sourced == kind) {
            Some((_, source)) => format!("{} (from {})", kind.as_str(), source.describe()),
            None => kind.as_str().to_owned(),
        }
    };
    let tokens = endpoint
        .tokens
        .as_ref()
        .map(|tokens| tokens.iter().map(token).collect());
    let source = endpoint.source.map(|source| source.describe().to_owned());
    let properties = [
        ("http", Some(format!("{} {}", endpoint.method.as_str(), endpoint.path))),
        (
            "host",
            (endpoint.host != PlatformHost::Open).then(|| endpoint.host.as_str().to_owned()),
        ),
        ("source", source),
        ("docs", endpoint.docs.clone()),
        ("updated", endpoint.updated.clone()),
        ("spec", Some(format!("{}:{}", module.source, endpoint.origin.line))),
        ("deprecated", endpoint.deprecated.as_ref().map(deprecation)),
        ("token", tokens.map(|words| or_none(words, " or "))),
        ("apps", filled(words(&endpoint.apps, AppKind::as_str), ", ")),
        ("scopes", endpoint.scopes.clone().map(any_of)),
        ("field scopes", filled(endpoint.field_scopes.clone(), ", ")),
        ("abilities", filled(words(&endpoint.abilities, Ability::as_str), ", ")),
        ("limits", endpoint.limits.as_ref().map(limits)),
        ("idempotent", idempotency(endpoint)),
        ("download", binary(&endpoint.response).map(download)),
        ("pages", endpoint.pagination.as_ref().map(pagination)),
        ("starts task", endpoint.poll.as_ref().map(started)),
        ("task state", endpoint.task_state.as_ref().map(outcome)),
        ("upload", endpoint.upload.as_ref().map(in_parts)),
        ("lifetime", endpoint.lifetime.as_ref().map(lifetime)),
    ];
    let rows: Vec<[String; 2]> = properties
        .into_iter()
        .filter_map(|(name, fact)| Some([name.to_owned(), fact?]))
        .collect();
    let headers = endpoint.fixed_headers.iter();
    let headers = headers.map(|header| ["sends".to_owned(), format!("{}: {}", header.name, header.value)]);
    let fixed = endpoint.fixed_fields.iter();
    let fixed = fixed.map(|field| {
        let place = if field.place == Place::Query { "query" } else { "body" };
        [
            "sends".to_owned(),
            format!("{} = {} in the {place}", field.key, field.text()),
        ]
    });
    aligned_rows(&rows.into_iter().chain(headers).chain(fixed).collect::<Vec<_>>())
}

/// Returns the documented errors.
fn errors(endpoint: &Endpoint) -> Vec<String> {
    aligned_rows(&endpoint.errors.iter().map(error).collect::<Vec<_>>())
}

/// Returns the notes.
fn notes(endpoint: &Endpoint) -> Vec<String> {
    endpoint.notes.iter().map(|note| format!("- {note}")).collect()
}

fn error(error: &ErrorEntry) -> [String; 4] {
    let code = error.code.map(|code| code.to_string()).unwrap_or_default();
    let retry = error.retry.then_some("Retryable.");
    let parts = [error.msg.as_deref(), error.doc.as_deref(), retry];
    let text: Vec<&str> = parts.into_iter().flatten().collect();
    let rust = error.rust.clone().unwrap_or_default();
    [error.http.to_string(), code, rust, text.join(" · ")]
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
        [] => "none".to_owned(),
        [scope] => scope.clone(),
        scopes => format!("any of {}", scopes.join(", ")),
    }
}

fn limits(limits: &Limits) -> String {
    let window = |window: &Window| match window.seconds {
        1 => format!("{}/second", window.calls),
        60 => format!("{}/minute", window.calls),
        3600 => format!("{}/hour", window.calls),
        86400 => format!("{}/day", window.calls),
        seconds => format!("{} per {seconds} seconds", window.calls),
    };
    let special = limits.special.then(|| "special".to_owned());
    let all: Vec<String> = special.into_iter().chain(limits.windows.iter().map(window)).collect();
    or_none(all, ", ")
}

fn idempotency(endpoint: &Endpoint) -> Option<String> {
    let by_field = |field: &String| format!("with {field} as the key");
    let repeatable = || "a repeated call has no further effect".to_owned();
    endpoint
        .idempotency
        .as_ref()
        .map(by_field)
        .or_else(|| endpoint.repeatable.then(repeatable))
}

fn binary(response: &Response) -> Option<&Binary> {
    match response {
        Response::Binary(binary) => Some(binary),
        _ => None,
    }
}

fn download(binary: &Binary) -> String {
    let ranges = if binary.ranges { "with ranges" } else { "without ranges" };
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
    format!("`{next}` of the response is the next `{token}` while `{more}` is true; `{items}` holds the items")
}

fn started(poll: &Poll) -> String {
    let fields: Vec<&str> = poll.feeds.iter().map(|feed| feed.field.as_str()).collect();
    format!("{} reports it by {}", poll.endpoint, fields.join(", "))
}

fn outcome(state: &PollState) -> String {
    let values = |values: &[serde_json::Value]| {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        values.join(", ")
    };
    let mut text = format!("`{}`: done at {}", state.path.join("."), values(&state.done));
    if !state.failed.is_empty() {
        text.push_str(&format!("; failed at {}", values(&state.failed)));
    }
    if !state.reason.is_empty() {
        text.push_str(&format!("; reason in `{}`", state.reason.join(".")));
    }
    text
}

fn in_parts(upload: &Upload) -> String {
    let steps = upload.steps().map(|(_, step)| step.endpoint.as_str());
    steps.join(", ")
}

fn lifetime(lifetime: &Lifetime) -> String {
    let since = lifetime.since.as_deref().unwrap_or("the response");
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

/// The maximum depth of nested fields: a type may contain itself.
const MAX_DEPTH: usize = 6;

/// Returns the fields of the request.
fn request_fields(api: &Api, endpoint: &Endpoint) -> Vec<String> {
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
    aligned_rows(&rows)
}

/// Returns the content of the response.
fn response_fields(api: &Api, endpoint: &Endpoint) -> Vec<String> {
    match &endpoint.response {
        Response::Empty => vec!["empty".to_owned()],
        Response::Binary(binary) => {
            let headers = binary.headers.iter();
            let header = |name: &str, doc: Option<&str>| [format!("header {name}"), doc.unwrap_or_default().to_owned()];
            let rows: Vec<_> = headers.map(|known| header(&known.name, known.doc.as_deref())).collect();
            [vec!["bytes".to_owned()], aligned_rows(&rows)].concat()
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
            aligned_rows(&rows)
        }
    }
}

fn object(api: &Api, id: TypeId) -> &[Field] {
    match &api.type_def(id).kind {
        TypeKind::Object(fields) => fields,
        _ => &[],
    }
}

/// Adds a field and the fields of its type; `around` are the enclosing types.
fn add(api: &Api, field: &Field, place: &str, around: &mut Vec<TypeId>, rows: &mut Vec<[String; 4]>) {
    let indent = "  ".repeat(around.len().saturating_sub(usize::from(place.is_empty())));
    rows.push([
        place.to_owned(),
        format!("{indent}{}", field.key),
        field.ty.to_expression(|id| api.type_def(id).rust.clone()),
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

/// Returns the properties of a field other than its type.
fn remarks(api: &Api, field: &Field) -> Vec<String> {
    let mut remarks = Vec::new();
    remarks.extend(field.required.then(|| "required".to_owned()));
    remarks.extend(field.secret.then(|| "secret".to_owned()));
    remarks.extend(bounds(&field.bounds));
    remarks.extend(field.source.map(|source| format!("from {}", source.describe())));
    remarks.extend(field.pattern.as_ref().map(|pattern| format!("matches `{pattern}`")));
    remarks.extend(field.time.map(|time| format!("timestamp in {}", time.describe())));
    remarks.extend(field.ty.named().and_then(|id| values(api, id)));
    remarks.extend(
        field
            .of_file
            .map(|fact| format!("the file's {}, sent by the client if unset", fact.as_str())),
    );
    remarks.extend(field.default.as_ref().map(|value| format!("default {value}")));
    if !field.scopes.is_empty() {
        remarks.push(format!("requires {}", field.scopes.join(" or ")));
    }
    remarks.extend(field.deprecated.as_ref().map(|why| format!("deprecated: {why}")));
    remarks.extend(field.doc.clone());
    remarks
}

/// Returns the values of an enum.
fn values(api: &Api, id: TypeId) -> Option<String> {
    let values: Vec<String> = match &api.type_def(id).kind {
        TypeKind::Object(_) => return None,
        TypeKind::StringEnum(variants) => variants.iter().map(|variant| variant.value.clone()).collect(),
        TypeKind::IntEnum(variants) => variants.iter().map(|variant| variant.value.to_string()).collect(),
    };
    let values = values.join(", ");
    Some(if api.type_def(id).flags {
        format!("a sum of {values}")
    } else {
        format!("one of {values}")
    })
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
