//! From YAML nodes to the model.
//!
//! Readers report every error and continue, so that one run lists all of them. The placeholders that they return in place of
//! invalid values are never used: any error discards the [`Api`].
//!
//! [`Api`]: crate::model::Api

mod document;
mod endpoint;
mod field;
mod literal;
mod pagination;
mod polling;
mod reader;
mod request;
mod response;
mod type_table;
mod types;
mod value;

pub(crate) use document::{ModuleName, check_escaped_characters, check_text, parse_module_name};
pub(crate) use field::CLIENT_HEADERS;
pub(crate) use reader::{Literal, Reader};
pub(crate) use request::find_path_error;
