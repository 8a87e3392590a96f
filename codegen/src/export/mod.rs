//! The model for tools in other languages: as JSON of our own and as OpenAPI.

mod endpoint;
mod field;
mod openapi;
mod types;

use serde_json::{Value, json};

use crate::model::Api;

pub use openapi::openapi;

/// Raised when a key goes or changes its meaning; a new key leaves it as it is.
const SCHEMA_VERSION: u32 = 1;

/// Every endpoint and every type of a spec. `docs/spec/export.md` describes every key; each is always
/// there, and `null` stands for what the spec does not say.
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
