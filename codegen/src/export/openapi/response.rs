//! The responses of an operation by HTTP status: success, downloads and errors.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::json::error_json;
use super::schema::{
    FAILURE, OAUTH_FAILURE, OAUTH_SUCCESS, SUCCESS, component, log_id_header, rate_limit_headers, reference, stated,
    success_response,
};
use crate::model::{Api, Binary, Endpoint, ErrorEntry, Field, Response, ResponseHeader, TypeId, TypeKind};

/// The status of errors without a specific status.
const BAD_REQUEST: u16 = 400;
const TOO_MANY_REQUESTS: u16 = 429;

pub(super) fn responses(api: &Api, endpoint: &Endpoint) -> Value {
    let mut responses = successes(api, endpoint);
    for (status, entries) in failures(endpoint) {
        let failure = error_response(status, &entries, endpoint.oauth);
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
            let response = [component(OAUTH_SUCCESS), reference(api, *ty)];
            BTreeMap::from([(200, success_response(json!({ "allOf": response })))])
        }
        Response::Empty => BTreeMap::from([(200, success_response(component(SUCCESS)))]),
        Response::Json { ty, flat } => BTreeMap::from([(200, success_response(enveloped(api, *ty, *flat)))]),
        Response::Binary(binary) => download_responses(binary),
    }
}

/// Returns the envelope with the response in `data`, or at the level of `code`.
fn enveloped(api: &Api, ty: TypeId, flat: bool) -> Value {
    let (success, response) = (component(SUCCESS), reference(api, ty));
    if flat {
        return json!({ "allOf": [success, response] });
    }
    let mut data = json!({ "type": "object", "properties": { "data": response } });
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

/// Returns the documented errors by status. Every endpoint may reject a call, and may also limit the rate of calls unless
/// the spec states that it has no limit.
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

/// Returns a response for a status of both success and errors.
fn either(mut success: Value, mut failure: Value) -> Value {
    let schema = |response: &mut Value| response["content"]["application/json"]["schema"].take();
    let schemas: Vec<_> = [schema(&mut success), schema(&mut failure)]
        .into_iter()
        .filter(|schema| !schema.is_null())
        .collect();
    success["content"]["application/json"]["schema"] = json!({ "anyOf": schemas });
    success["description"] = json!(format!(
        "{}\n\nOr: {}",
        description_of(&success),
        description_of(&failure)
    ));
    success["x-errors"] = failure["x-errors"].take();
    success
}

fn description_of(response: &Value) -> &str {
    response["description"].as_str().unwrap_or_default()
}

/// Returns the successful responses of a download, and 416.
fn download_responses(binary: &Binary) -> BTreeMap<u16, Value> {
    let mut responses = BTreeMap::from([(200, bytes(binary, "The file.", None))]);
    if binary.ranges {
        let part = bytes(
            binary,
            "The requested range of the file.",
            Some("The range, as `bytes first-last/length`."),
        );
        responses.insert(206, part);
        responses.insert(416, unsatisfiable_range());
    }
    responses
}

/// Returns a response of bytes; only the response states their media type.
fn bytes(binary: &Binary, description: &str, range: Option<&str>) -> Value {
    let documented = binary.headers.iter().map(|entry| (entry.name.clone(), header(entry)));
    let range = range.map(|doc| ("content-range".to_owned(), content_range(doc)));
    let headers: Map<_, _> = [log_id_header()].into_iter().chain(documented).chain(range).collect();
    stated(json!({
        "description": description,
        "headers": headers,
        "content": { "*/*": { "schema": { "type": "string", "format": "binary" } } },
        "x-max-bytes": binary.max_bytes,
    }))
}

fn unsatisfiable_range() -> Value {
    let headers = Map::from_iter([
        log_id_header(),
        (
            "content-range".to_owned(),
            content_range("The length of the file, as `bytes */length`."),
        ),
    ]);
    json!({ "description": "The requested range is outside the file.", "headers": headers })
}

fn content_range(doc: &str) -> Value {
    json!({ "description": doc, "required": true, "schema": { "type": "string" } })
}

/// Returns a documented header, which is optional.
fn header(entry: &ResponseHeader) -> Value {
    stated(json!({ "description": entry.doc, "schema": { "type": "string" }, "x-needs": entry.needs }))
}

/// Returns the response of a status with these documented errors.
fn error_response(status: u16, entries: &[&ErrorEntry], oauth: bool) -> Value {
    let rate_limit = (status == 429).then(rate_limit_headers).into_iter().flatten();
    let headers: Map<_, _> = [log_id_header()].into_iter().chain(rate_limit).collect();
    let mut response = json!({
        "description": error_description(status, entries),
        "headers": headers,
        "content": { "application/json": { "schema": failure(entries, oauth) } },
    });
    if !entries.is_empty() {
        response["x-errors"] = entries.iter().map(|entry| error_json(entry)).collect();
    }
    response
}

/// Returns the schema of the documented codes; other codes are possible.
fn failure(entries: &[&ErrorEntry], oauth: bool) -> Value {
    let codes: Vec<i64> = entries.iter().filter_map(|entry| entry.code).collect();
    let failure = if oauth {
        // Errors of the gateway have the usual format.
        json!({ "anyOf": [component(OAUTH_FAILURE), component(FAILURE)] })
    } else {
        component(FAILURE)
    };
    if codes.is_empty() {
        return failure;
    }
    let code = json!({ "anyOf": [{ "enum": codes }, { "type": "integer" }] });
    json!({ "allOf": [failure, { "type": "object", "properties": { "code": code } }] })
}

/// Returns a list of the documented errors in Markdown.
fn error_description(status: u16, entries: &[&ErrorEntry]) -> String {
    let summary = match status {
        429 => "Rate limit exceeded.",
        500.. => "An error of the platform.",
        _ => "The call was rejected; `code` and `msg` state the reason.",
    };
    let lines = entries.iter().filter_map(|entry| line(entry)).collect::<Vec<_>>();
    if lines.is_empty() {
        summary.to_owned()
    } else {
        format!("{summary}\n\n{}", lines.join("\n"))
    }
}

/// Returns the code and the documentation of an error; `x-errors` has the platform's message.
fn line(entry: &ErrorEntry) -> Option<String> {
    let code = entry.code.map(|code| format!("`{code}`"));
    let parts: Vec<_> = code.into_iter().chain(entry.doc.clone()).collect();
    (!parts.is_empty()).then(|| format!("- {}", parts.join(" ")))
}
