//! Tasks that are started, and nobody knows how they end.

use super::Reporter;
use crate::finding;
use crate::model::{Api, Endpoint, Field, Method, Response, Type, TypeKind};

/// What the platform calls the id of a task.
const IDS: &[&str] = &["ticket", "task_id", "job_id", "async_task_id"];

pub(super) fn check(reporter: &mut Reporter<'_>, api: &Api) {
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
    let Response::Json { ty, .. } = endpoint.response else {
        return None;
    };
    let TypeKind::Object(fields) = &api.type_def(ty).kind else {
        return None;
    };
    let known = |field: &&Field| endpoint.fields.iter().any(|sent| sent.key == field.key);
    fields
        .iter()
        .filter(|field| matches!(field.ty, Type::String | Type::Int) && IDS.contains(&field.key.as_str()))
        .find(|field| !known(field))
}
