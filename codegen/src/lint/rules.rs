//! The lint rules.

use std::collections::HashMap;

use super::Reporter;
use crate::characters::quote;
use crate::model::{Api, Body, Endpoint, Field, Method, Type};
use crate::{finding, names};

/// One lint, or several about the same subject.
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
    super::shared_types::check_shared_types,
];

/// Returns every field of a spec with the subject of findings about it.
fn all_fields(api: &Api) -> impl Iterator<Item = (String, &Field)> {
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
        // A second source has no page.
        if endpoint.docs.is_none() && endpoint.source.is_none() {
            let help = "add `docs: https://open.feishu.cn/document/...`";
            reporter.report_endpoint(finding::MISSING_DOCS_LINK, endpoint, "missing `docs`", help);
        }
        if endpoint.summary.is_none() {
            let help = "add `summary: ...` in your own words";
            reporter.report_endpoint(finding::MISSING_SUMMARY, endpoint, "missing `summary`", help);
        }
    }
    for (subject, field) in all_fields(api).filter(|(_, field)| field.doc.is_none()) {
        let help = "add `doc: ...` in your own words";
        reporter.report(
            finding::MISSING_FIELD_DOC,
            field.origin,
            format!("{subject} has no `doc`"),
            help,
        );
    }
}

fn check_access(reporter: &mut Reporter<'_>, api: &Api) {
    for (_, endpoint) in api.endpoints() {
        if endpoint.tokens.is_none() {
            let help = "add `tokens: [tenant]`, or `tokens: []` if it takes no token";
            reporter.report_endpoint(finding::MISSING_TOKENS, endpoint, "missing `tokens`", help);
        }
        if endpoint.scopes.is_none() {
            let help = "add `scopes: [...]`, or `scopes: []` if it requires no scope";
            reporter.report_endpoint(finding::MISSING_SCOPES, endpoint, "missing `scopes`", help);
        }
        if endpoint.limits.is_none() {
            let help = "add `limits: [5/second]`, or `limits: [special]` if the page names a limit without a number";
            reporter.report_endpoint(finding::MISSING_LIMITS, endpoint, "missing `limits`", help);
        }
    }
}

fn check_deprecation(reporter: &mut Reporter<'_>, api: &Api) {
    for (_, endpoint) in api.endpoints() {
        if let Some(deprecation) = &endpoint.deprecated
            && deprecation.successor.is_none()
            && deprecation.reason.is_none()
        {
            let message = "deprecated without a successor or a reason";
            let help = "add `successor: project.version.resource.method` or `reason: ...`";
            reporter.report_endpoint(finding::BARE_DEPRECATION, endpoint, message, help);
        }
    }
}

/// Error codes are unique within a project.
fn check_error_messages(reporter: &mut Reporter<'_>, api: &Api) {
    let mut first: HashMap<(&str, i64), (&str, &str)> = HashMap::new();
    for module in &api.modules {
        for error in &module.errors {
            let Some(message) = error.msg.as_deref() else { continue };
            let key = (module.project.as_str(), error.code);
            let (home, known) = *first.entry(key).or_insert((&module.source, message));
            if known != message {
                let (id, code, here) = (module.id(), error.code, quote(message));
                let (there, home) = (quote(known), quote(home));
                let text = format!("{id}: the code {code} has the message {here}, but {there} in {home}");
                let help = "correct one of them; if the pages differ, allow this with a reason";
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
                "{}: takes `page_token` and returns `has_more` without `pagination`",
                endpoint.id
            );
            let help = "add `pagination: {}` and name the fields that differ from the defaults";
            reporter.report(finding::MISSING_PAGINATION, token.origin, message, help);
        }
    }
}

/// Field names that the platform uses for the id of a task.
const TASK_ID_FIELDS: &[&str] = &["ticket", "task_id", "job_id", "async_task_id"];

fn check_polling(reporter: &mut Reporter<'_>, api: &Api) {
    for (_, endpoint) in api.endpoints() {
        if endpoint.method == Method::Get || endpoint.poll.is_some() {
            continue;
        }
        if let Some(id) = find_task_id(api, endpoint) {
            let message = format!("returns the task id `{}` without `poll`", id.key);
            let help = "add `poll:` with the endpoint that returns the result; if no task is started, allow this with a reason";
            reporter.report_endpoint(finding::MISSING_POLL, endpoint, &message, help);
        }
    }
}

/// Returns the response field with the id of a new task: one that the request does not contain.
fn find_task_id<'a>(api: &'a Api, endpoint: &Endpoint) -> Option<&'a Field> {
    let known = |field: &&Field| endpoint.fields.iter().any(|sent| sent.key == field.key);
    api.response_fields(endpoint)
        .iter()
        .filter(|field| matches!(field.ty, Type::String | Type::Int) && TASK_ID_FIELDS.contains(&field.key.as_str()))
        .find(|field| !known(field))
}

fn check_routes(reporter: &mut Reporter<'_>, api: &Api) {
    for (_, endpoint) in api.endpoints() {
        if endpoint.path.ends_with('/') {
            let message = format!("the path {} ends with a slash", quote(&endpoint.path));
            let help = "remove it; if the page has it, allow this with a reason";
            reporter.report_endpoint(finding::TRAILING_SLASH, endpoint, &message, help);
        }
        if endpoint.method == Method::Delete && endpoint.body != Body::None {
            let help = "check whether the page means query parameters; if it means a body, allow this with a reason";
            reporter.report_endpoint(finding::BODY_ON_DELETE, endpoint, "a DELETE request has a body", help);
        }
    }
}

fn check_secrets(reporter: &mut Reporter<'_>, api: &Api) {
    let unmarked = |field: &Field| field.ty == Type::String && !field.secret;
    for (subject, field) in all_fields(api).filter(|(_, field)| unmarked(field) && names::is_secret(&field.key)) {
        let message = format!("{subject} is named like a secret but is not marked as one");
        let help = "add `secret: true`; if it is not a secret, allow this with a reason";
        reporter.report(finding::SECRET_FIELD, field.origin, message, help);
    }
}

fn check_untyped(reporter: &mut Reporter<'_>, api: &Api) {
    for (subject, field) in all_fields(api).filter(|(_, field)| is_untyped(&field.ty)) {
        let help = "declare the type if the page documents it";
        if matches!(field.ty, Type::List(_)) {
            let message = format!("{subject} is a list of untyped values");
            reporter.report(finding::UNTYPED_LIST, field.origin, message, help);
        } else {
            let message = format!("{subject} is untyped");
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
