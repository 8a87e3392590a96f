//! The model for tools in other languages: as JSON, and as an OpenAPI document.

mod json;
mod openapi;

pub use json::json;
pub use openapi::openapi;
