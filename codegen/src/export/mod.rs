//! The model as JSON, for tools in other languages. `docs/spec-export.md` describes every key.
//!
//! Every key is always there; `null` stands for what the spec does not say.

mod endpoint;
mod field;
mod types;

use serde_json::{Value, json};

use crate::model::Api;

/// Raised when a key goes or changes its meaning; a new key leaves it as it is.
const SCHEMA_VERSION: u32 = 1;

/// Every endpoint and every type of a spec.
pub fn json(api: &Api) -> Value {
    let endpoints: Vec<Value> = api
        .endpoints()
        .map(|(module, endpoint)| endpoint::json(api, module, endpoint))
        .collect();
    json!({
        "schema": SCHEMA_VERSION,
        "endpoints": endpoints,
        "types": types::json(api),
    })
}
