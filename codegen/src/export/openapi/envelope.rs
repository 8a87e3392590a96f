//! The envelope that every JSON answer of the platform has.

use serde_json::{Map, Value, json};

/// The schema of an envelope that tells of success.
pub(super) const SUCCESS: &str = "Success";
/// The schema of an envelope that tells of a failure.
pub(super) const FAILURE: &str = "Failure";

/// The same two where an answer has the form of OAuth.
pub(super) const OAUTH_SUCCESS: &str = "OAuthSuccess";
pub(super) const OAUTH_FAILURE: &str = "OAuthFailure";

/// A header of every answer: the id by which the platform's support finds the call.
pub(super) fn log_id() -> (String, Value) {
    header("X-Tt-Logid")
}

/// The headers of an answer that refuses a call for the rate of calls.
pub(super) fn rate_limit() -> [(String, Value); 2] {
    [header("x-ogw-ratelimit-limit"), header("x-ogw-ratelimit-reset")]
}

fn header(name: &str) -> (String, Value) {
    (
        name.to_owned(),
        json!({ "$ref": format!("#/components/headers/{name}") }),
    )
}

/// A response with an envelope that tells of success.
pub(super) fn success(schema: Value) -> Value {
    json!({
        "description": "Success.",
        "headers": Map::from_iter([log_id()]),
        "content": { "application/json": { "schema": schema } },
    })
}

/// The headers that several responses have.
pub(super) fn headers() -> Value {
    let whole = json!({ "type": "integer" });
    json!({
        "X-Tt-Logid": { "description": "Id of the call, for the platform's support.", "schema": { "type": "string" } },
        "x-ogw-ratelimit-limit": { "description": "How many calls the window takes.", "schema": whole },
        "x-ogw-ratelimit-reset": { "description": "In how many seconds it takes calls again.", "schema": whole },
    })
}

/// The schemas of the envelope.
pub(super) fn schemas() -> [(String, Value); 4] {
    let success = json!({
        "type": "object",
        "required": ["code", "msg"],
        "properties": { "code": { "type": "integer", "const": 0 }, "msg": { "type": "string" } },
    });
    let failure = json!({
        "type": "object",
        "required": ["code", "msg"],
        "properties": {
            "code": { "type": "integer", "format": "int64", "not": { "const": 0 } },
            "msg": { "type": "string" },
            "error": details(),
        },
    });
    let [oauth_success, oauth_failure] = oauth_schemas();
    [
        (SUCCESS.to_owned(), success),
        (FAILURE.to_owned(), failure),
        (OAUTH_SUCCESS.to_owned(), oauth_success),
        (OAUTH_FAILURE.to_owned(), oauth_failure),
    ]
}

/// The schemas of an answer in the form of OAuth, in the same order.
fn oauth_schemas() -> [Value; 2] {
    let success = json!({
        "type": "object",
        "required": ["code"],
        "properties": { "code": { "type": "integer", "const": 0 } },
    });
    let failure = json!({
        "type": "object",
        "required": ["code", "error"],
        "properties": {
            "code": { "type": "integer", "format": "int64", "not": { "const": 0 } },
            "error": { "type": "string", "description": "A word of RFC 6749." },
            "error_description": { "type": "string" },
        },
    });
    [success, failure]
}

/// What the platform adds to a failure.
fn details() -> Value {
    let texts = |keys: &[&str]| {
        let properties = keys.iter().map(|key| ((*key).to_owned(), json!({ "type": "string" })));
        json!({ "type": "object", "properties": properties.collect::<Map<_, _>>() })
    };
    json!({
        "type": ["object", "null"],
        "properties": {
            "message": { "type": "string" },
            "log_id": { "type": "string" },
            "troubleshooter": { "type": "string", "description": "Link to the platform's help with this call." },
            "field_violations": {
                "type": "array",
                "description": "Fields that are wrong.",
                "items": texts(&["field", "value", "description"]),
            },
            "permission_violations": {
                "type": "array",
                "description": "Scopes of which one is missing.",
                "items": texts(&["scope", "url", "type", "subject", "description"]),
            },
            "helps": { "type": "array", "items": texts(&["url", "description"]) },
        },
    })
}
