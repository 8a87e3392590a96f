//! The model as an OpenAPI 3.1 document. `docs/spec/openapi.md` says what becomes of what.

mod binary;
mod components;
mod envelope;
mod errors;
mod operation;
mod parameters;
mod paths;
mod request_body;
mod responses;
mod schema;
mod security;
mod stated;

use serde_json::{Value, json};

use crate::model::Api;

const DESCRIPTION: &str = "\
Written by larkspur from its spec, which is transcribed from the platform's documentation.\n\n\
Every JSON answer is an envelope: `code` 0 tells success, any other `code` the failure that `msg` describes. \
A key whose value is null is as good as one that is missing, and answers may have keys and values of enums \
that are not listed here.";

/// Every endpoint and every type of a spec, as an OpenAPI 3.1 document.
pub fn openapi(api: &Api) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Feishu / Lark Open Platform",
            "version": version(api),
            "description": DESCRIPTION,
        },
        "servers": [
            { "url": "https://open.feishu.cn", "description": "Feishu" },
            { "url": "https://open.larksuite.com", "description": "Lark" },
        ],
        "tags": tags(api),
        "paths": paths::all(api),
        "components": components::all(api),
    })
}

/// The date of the newest page that an entry was taken from: the platform as a whole has no version.
fn version(api: &Api) -> &str {
    let dates = api.endpoints().filter_map(|(_, endpoint)| endpoint.updated.as_deref());
    dates.max().unwrap_or("undated")
}

/// A tag for each resource that has endpoints.
fn tags(api: &Api) -> Vec<Value> {
    let modules = api.modules.iter().filter(|module| !module.endpoints.is_empty());
    modules
        .map(|module| stated::stated(json!({ "name": operation::tag(module), "description": module.doc })))
        .collect()
}
