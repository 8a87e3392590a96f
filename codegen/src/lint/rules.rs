//! The lint rules.

use std::collections::HashMap;

use super::report::Reporter;
use crate::characters::quote;
use crate::model::{Api, Body, Endpoint, Field, Method, Type};
use crate::{finding, names};

/// A lint, or some that look at the same thing.
pub(super) type Lint = fn(&mut Reporter<'_>, &Api);

pub(super) const LINTS: &[Lint] = &[
    check_access,
    check_deprecation,
    check_documentation,
    check_error_messages,
    check_pagination,
    check_routes,
    check_secrets,
    check_polling,
    check_untyped,
];

/// Every field of a spec, with what findings about it begin with.
fn fields(api: &Api) -> impl Iterator<Item = (String, &Field)> {
    let sent = api.endpoints().flat_map(|(_, endpoint)| {
        let subject = |field: &Field| format!("{}: the field `{}`", endpoint.id, field.key.escape_debug());
        endpoint.fields.iter().map(move |field| (subject(field), field))
    });
    let in_types = api.types.iter().flat_map(|def| {
        let module = &api.modules[def.module];
        let home = module.id();
        let subject = move |field: &Field| format!("{home}: the field `{}` of {}", field.key.escape_debug(), def.rust);
        def.kind.fields().iter().map(move |field| (subject(field), field))
    });
    sent.chain(in_types)
}

fn check_documentation(reporter: &mut Reporter<'_>, api: &Api) {
    for (_, endpoint) in api.endpoints() {
        if endpoint.docs.is_none() {
            let help = "add `docs: https://open.feishu.cn/document/...`";
            reporter.endpoint(finding::MISSING_DOCS_LINK, endpoint, "it has no link to its page", help);
        }
        if endpoint.summary.is_none() {
            let help = "add `summary: ...`, a line of your own";
            reporter.endpoint(finding::MISSING_SUMMARY, endpoint, "it has no summary", help);
        }
    }
    for (subject, field) in fields(api).filter(|(_, field)| field.doc.is_none()) {
        let help = "add `doc: ...`, a line of your own";
        reporter.report(
            finding::MISSING_FIELD_DOC,
            field.origin,
            format!("{subject} has no doc"),
            help,
        );
    }
}

fn check_access(reporter: &mut Reporter<'_>, api: &Api) {
    for (_, endpoint) in api.endpoints() {
        if endpoint.tokens.is_none() {
            let help = "add `tokens: [tenant]`, or `tokens: []` where it takes none";
            reporter.endpoint(
                finding::MISSING_TOKENS,
                endpoint,
                "it does not say which tokens it takes",
                help,
            );
        }
        if endpoint.scopes.is_none() {
            let help = "add `scopes: [...]`, or `scopes: []` where it needs none";
            reporter.endpoint(
                finding::MISSING_SCOPES,
                endpoint,
                "it does not say which scopes it needs",
                help,
            );
        }
        if endpoint.limits.is_none() {
            let help = "add `limits: [5/second]`, or `limits: [special]` where the page names a limit without a number";
            reporter.endpoint(
                finding::MISSING_LIMITS,
                endpoint,
                "it does not say its rate limits",
                help,
            );
        }
    }
}

fn check_deprecation(reporter: &mut Reporter<'_>, api: &Api) {
    for (_, endpoint) in api.endpoints() {
        if let Some(deprecation) = &endpoint.deprecated
            && deprecation.successor.is_none()
            && deprecation.reason.is_none()
        {
            let message = "it is deprecated without a successor and without a reason";
            let help = "add `successor: project.version.resource.method` or `reason: ...`";
            reporter.endpoint(finding::BARE_DEPRECATION, endpoint, message, help);
        }
    }
}

/// A code belongs to a project: who reads it in a log looks there.
fn check_error_messages(reporter: &mut Reporter<'_>, api: &Api) {
    let mut first: HashMap<(&str, i64), (&str, &str)> = HashMap::new();
    for (module, endpoint) in api.endpoints() {
        for error in &endpoint.errors {
            let (Some(code), Some(message)) = (error.code, error.msg.as_deref()) else {
                continue;
            };
            let (home, known) = *first
                .entry((module.project.as_str(), code))
                .or_insert((&endpoint.id, message));
            if known != message {
                let (id, here, there) = (&endpoint.id, quote(message), quote(known));
                let text = format!("{id}: the code {code} has the message {here}, and at `{home}` it has {there}");
                let help = "see which of the two is right; where the platform itself differs, allow it and say so";
                reporter.report(finding::ERROR_MESSAGE, error.origin, text, help);
            }
        }
    }
}

fn check_pagination(reporter: &mut Reporter<'_>, api: &Api) {
    for (_, endpoint) in api.endpoints().filter(|(_, endpoint)| endpoint.pagination.is_none()) {
        let token = endpoint.fields.iter().find(|field| field.key == "page_token");
        if let Some(token) = token
            && api
                .response_fields(endpoint)
                .iter()
                .any(|field| field.key == "has_more" && field.ty == Type::Bool)
        {
            let message = format!(
                "{}: it takes `page_token` and answers `has_more`, and declares no pagination",
                endpoint.id
            );
            let help = "add `pagination: {}`, or name the fields where they differ from the usual ones";
            reporter.report(finding::MISSING_PAGINATION, token.origin, message, help);
        }
    }
}

/// What the platform calls the id of a task.
const IDS: &[&str] = &["ticket", "task_id", "job_id", "async_task_id"];

fn check_polling(reporter: &mut Reporter<'_>, api: &Api) {
    for (_, endpoint) in api.endpoints() {
        if endpoint.method == Method::Get || endpoint.poll.is_some() {
            continue;
        }
        if let Some(id) = started(api, endpoint) {
            let message = format!(
                "it answers with `{}`, and does not say what asks for the outcome",
                id.key
            );
            let help = "add `poll:`, which names the endpoint that does; where no task is started, allow it and say so";
            reporter.endpoint(finding::MISSING_POLL, endpoint, &message, help);
        }
    }
}

/// The field with the id of a task that was not there before the call.
fn started<'a>(api: &'a Api, endpoint: &Endpoint) -> Option<&'a Field> {
    let known = |field: &&Field| endpoint.fields.iter().any(|sent| sent.key == field.key);
    api.response_fields(endpoint)
        .iter()
        .filter(|field| matches!(field.ty, Type::String | Type::Int) && IDS.contains(&field.key.as_str()))
        .find(|field| !known(field))
}

fn check_routes(reporter: &mut Reporter<'_>, api: &Api) {
    for (_, endpoint) in api.endpoints() {
        if endpoint.path.ends_with('/') {
            let message = format!("the path {} ends with a slash", quote(&endpoint.path));
            let help = "remove it; where the platform's page has it, allow it and say so";
            reporter.endpoint(finding::TRAILING_SLASH, endpoint, &message, help);
        }
        if endpoint.method == Method::Delete && endpoint.body != Body::None {
            let help = "see whether the page means query parameters; where it means a body, allow it and say so";
            reporter.endpoint(finding::BODY_ON_DELETE, endpoint, "a DELETE with a body", help);
        }
    }
}

fn check_secrets(reporter: &mut Reporter<'_>, api: &Api) {
    let open = |field: &Field| field.ty == Type::String && !field.secret;
    for (subject, field) in fields(api).filter(|(_, field)| open(field) && names::is_secret(&field.key)) {
        let message = format!("{subject} is named like a secret, and would be printed");
        let help = "add `secret: true`; where it is none, allow it and say what it is";
        reporter.report(finding::SECRET_FIELD, field.origin, message, help);
    }
}

fn check_untyped(reporter: &mut Reporter<'_>, api: &Api) {
    for (subject, field) in fields(api).filter(|(_, field)| is_untyped(&field.ty)) {
        let help = "say the type where the page does";
        if matches!(field.ty, Type::List(_)) {
            let message = format!("{subject} is a list of anything");
            reporter.report(finding::UNTYPED_LIST, field.origin, message, help);
        } else {
            let message = format!("{subject} can be anything");
            reporter.report(finding::UNTYPED_VALUE, field.origin, message, help);
        }
    }
}

fn is_untyped(ty: &Type) -> bool {
    match ty {
        Type::Any => true,
        Type::List(inner) | Type::Map(inner) => is_untyped(inner),
        _ => false,
    }
}
