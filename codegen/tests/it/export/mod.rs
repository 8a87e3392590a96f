//! What others read of the model.

mod json;
mod openapi;
mod openapi_golden;
mod schema;
