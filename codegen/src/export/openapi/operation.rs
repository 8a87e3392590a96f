//! An endpoint as an operation.

use serde_json::{Value, json};

use super::paths::Template;
use super::stated::stated;
use super::{parameters, request_body, responses, security};
use crate::export::endpoint::{lifetime, limits, pagination, poll, upload, words};
use crate::model::{Ability, Api, AppKind, Endpoint, Module};

/// The tag of what belongs to a resource: `drive.v1.media`.
pub(super) fn tag(module: &Module) -> String {
    format!("{}.{}.{}", module.project, module.version, module.resource)
}

pub(super) fn json(api: &Api, module: &Module, endpoint: &Endpoint, template: Template<'_>) -> Value {
    let deprecation = endpoint.deprecated.as_ref();
    let mut operation = stated(json!({
        "operationId": endpoint.id,
        "tags": [tag(module)],
        "summary": endpoint.summary,
        "description": description(endpoint),
        "externalDocs": endpoint.docs.as_ref().map(|url| json!({ "url": url })),
        "parameters": parameters::json(api, endpoint, template),
        "requestBody": request_body::json(api, endpoint),
        "responses": responses::json(api, endpoint),
        "deprecated": deprecation.map(|_| true),
        "x-updated": endpoint.updated,
        "x-apps": words(&endpoint.apps, AppKind::as_str),
        "x-field-scopes": endpoint.field_scopes,
        "x-abilities": words(&endpoint.abilities, Ability::as_str),
        "x-limits": endpoint.limits.as_ref().map(limits),
        "x-idempotency": endpoint.idempotency,
        "x-repeatable": endpoint.repeatable.then_some(true),
        "x-pagination": endpoint.pagination.as_ref().map(pagination),
        "x-poll": endpoint.poll.as_ref().map(poll),
        "x-upload": endpoint.upload.as_ref().map(upload),
        "x-lifetime": endpoint.lifetime.as_ref().map(lifetime),
        "x-successor": deprecation.and_then(|deprecation| deprecation.successor.as_deref()),
    }));
    // An empty list says something here: no token, no scope is needed.
    operation["security"] = security::requirements(endpoint.tokens.as_deref());
    if let Some(scopes) = &endpoint.scopes {
        operation["x-scopes"] = json!(scopes);
    }
    operation
}

/// What a person should know, in Markdown.
fn description(endpoint: &Endpoint) -> Option<String> {
    let reason = endpoint
        .deprecated
        .as_ref()
        .and_then(|deprecation| deprecation.reason.as_deref());
    let lines: Vec<_> = reason
        .map(|reason| format!("Deprecated: {reason}"))
        .into_iter()
        .chain(endpoint.notes.iter().cloned())
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n\n"))
}
