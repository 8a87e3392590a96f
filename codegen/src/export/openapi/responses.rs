//! What comes back, by HTTP status.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{binary, envelope, errors, schema};
use crate::model::{Api, Endpoint, ErrorEntry, Field, Response, TypeId, TypeKind};

/// Refused for any reason that has no status of its own.
const BAD_REQUEST: u16 = 400;
const TOO_MANY_REQUESTS: u16 = 429;

pub(super) fn json(api: &Api, endpoint: &Endpoint) -> Value {
    let mut responses = successes(api, endpoint);
    for (status, entries) in failures(endpoint) {
        let failure = errors::response(status, &entries, endpoint.oauth);
        let response = match responses.remove(&status) {
            Some(success) => either(success, failure),
            None => failure,
        };
        responses.insert(status, response);
    }
    let entries = responses.into_iter();
    Value::Object(
        entries
            .map(|(status, response)| (status.to_string(), response))
            .collect::<Map<_, _>>(),
    )
}

fn successes(api: &Api, endpoint: &Endpoint) -> BTreeMap<u16, Value> {
    match &endpoint.response {
        Response::Json { ty, .. } if endpoint.oauth => {
            let answer = [schema::component(envelope::OAUTH_SUCCESS), schema::reference(api, *ty)];
            BTreeMap::from([(200, envelope::success(json!({ "allOf": answer })))])
        }
        Response::Empty => BTreeMap::from([(200, envelope::success(schema::component(envelope::SUCCESS)))]),
        Response::Json { ty, flat } => BTreeMap::from([(200, envelope::success(filled(api, *ty, *flat)))]),
        Response::Binary(binary) => binary::responses(binary),
    }
}

/// The envelope with an answer in it, or spread over it.
fn filled(api: &Api, ty: TypeId, flat: bool) -> Value {
    let (success, answer) = (schema::component(envelope::SUCCESS), schema::reference(api, ty));
    if flat {
        return json!({ "allOf": [success, answer] });
    }
    let mut data = json!({ "type": "object", "properties": { "data": answer } });
    if required_fields(api, ty).next().is_some() {
        data["required"] = json!(["data"]);
    }
    json!({ "allOf": [success, data] })
}

fn required_fields(api: &Api, ty: TypeId) -> impl Iterator<Item = &Field> {
    let fields = match &api.type_def(ty).kind {
        TypeKind::Object(fields) => fields.as_slice(),
        TypeKind::StringEnum(_) | TypeKind::IntEnum(_) => &[],
    };
    fields.iter().filter(|field| field.required)
}

/// The documented failures by status. Every endpoint can refuse a call, and, unless it is known to
/// have no limit, refuse it for the rate of calls.
fn failures(endpoint: &Endpoint) -> BTreeMap<u16, Vec<&ErrorEntry>> {
    let mut failures = BTreeMap::from([(BAD_REQUEST, Vec::new())]);
    let limits = endpoint.limits.as_ref();
    if limits.is_none_or(|limits| limits.special || !limits.windows.is_empty()) {
        failures.insert(TOO_MANY_REQUESTS, Vec::new());
    }
    for entry in &endpoint.errors {
        failures.entry(entry.http).or_default().push(entry);
    }
    failures
}

/// A response for a status that tells both of success and of failure.
fn either(mut success: Value, mut failure: Value) -> Value {
    let schema = |response: &mut Value| response["content"]["application/json"]["schema"].take();
    let schemas: Vec<_> = [schema(&mut success), schema(&mut failure)]
        .into_iter()
        .filter(|schema| !schema.is_null())
        .collect();
    success["content"]["application/json"]["schema"] = json!({ "anyOf": schemas });
    success["description"] = json!(format!("{}\n\nOr: {}", text(&success), text(&failure)));
    success["x-errors"] = failure["x-errors"].take();
    success
}

fn text(response: &Value) -> &str {
    response["description"].as_str().unwrap_or_default()
}
