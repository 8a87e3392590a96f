//! From the model to Rust: one emitter for each thing that is generated.
//!
//! All output is built as token streams, parsed once more as a whole and printed. Text of a spec reaches it in three
//! ways only: as a checked identifier or a literal ([`syntax`]), or as escaped documentation ([`markdown`]).

mod context;
mod endpoint_docs;
mod enums;
mod error;
mod example;
mod field_docs;
mod markdown;
mod metadata;
mod module;
mod module_tree;
mod object;
mod pagination;
mod polling;
mod request;
mod slice;
mod syntax;

use crate::model::Api;
use crate::parallel;

pub use error::{DIRECTORY, EmitError, Output};
pub use module::emit_one_file;
pub use module_tree::{FeatureBlockError, gated_projects, replace_features};
pub use request::signatures;
pub(crate) use slice::{Part, Parts};
pub use syntax::is_generated;

/// Renders everything that is generated from `api`.
///
/// The same `Api` gives the same bytes, always.
pub fn emit(api: &Api) -> Result<Output, EmitError> {
    let parts = Parts::new(api)?;
    let rendered = parallel::map(&parts.all(), |&part| parts.render(part, &parts.slice(part)));
    let mut output = Output::new();
    for files in rendered {
        output.extend(files?);
    }
    Ok(output)
}
