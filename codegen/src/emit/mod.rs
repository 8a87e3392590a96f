//! From the model to Rust: one emitter for each thing that is generated.
//!
//! All output is built as token streams, parsed once more as a whole and printed. Text of a spec reaches it in three
//! ways only: as a checked identifier or a literal ([`syntax`]), or as escaped documentation ([`markdown`]).

mod context;
mod docs;
mod enums;
mod errors;
mod example;
mod flags;
mod markdown;
mod metadata;
mod modules;
mod object;
mod pagination;
mod polling;
mod request;
mod slice;
mod syntax;
mod timestamps;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::model::Api;
use crate::parallel;

pub use modules::{FeatureBlockError, emit_one_file, gated_projects, replace_features};
pub use request::signatures;
pub use syntax::is_generated;

pub(crate) use slice::{Part, Parts};

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

/// Generated files: paths relative to the root of the repository, and their text.
pub type Output = BTreeMap<PathBuf, String>;

/// The directory of the generated files; it contains no others.
pub const DIRECTORY: &str = "generated";

/// An error of the emitters. An `Api` from the loader causes none of them; one that is built by hand may.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// A name is not a Rust identifier.
    #[error("{place}: `{text}` is not a Rust identifier: set another name in the spec with `rust:` or `name:`")]
    Identifier {
        /// The item with the name.
        place: String,
        /// The name.
        text: String,
    },
    /// The name of a project is the name of a runtime module.
    #[error("{source_file}: `{project}` is a module of the SDK: rename the project")]
    ReservedProject {
        /// The spec file.
        source_file: String,
        /// The project.
        project: String,
    },
    /// A bound is not a finite number.
    #[error("{place}: invalid bound {value}: expected a finite number")]
    Bound {
        /// The field.
        place: String,
        /// The bound.
        value: f64,
    },
    /// The fields of a pagination are missing or have the wrong type.
    #[error("{endpoint}: invalid pagination by `{field}`: {reason}")]
    Pagination {
        /// Id of the endpoint.
        endpoint: String,
        /// Key of the field.
        field: String,
        /// The reason.
        reason: &'static str,
    },
    /// The polled endpoint is missing, or its fields cannot be filled.
    #[error("{endpoint}: invalid poll: {reason}")]
    Poll {
        /// Id of the endpoint that starts the task.
        endpoint: String,
        /// The reason.
        reason: String,
    },
    /// The endpoints of an upload in parts are missing, or have no response fields.
    #[error("{endpoint}: invalid upload in parts: {reason}")]
    Upload {
        /// Id of the endpoint that takes the whole file.
        endpoint: String,
        /// The reason.
        reason: String,
    },
    /// A type requires a value of itself.
    #[error(
        "the type `{name}` requires a value of itself and can never be constructed: make one of the fields optional"
    )]
    RecursiveType {
        /// Name of the type.
        name: String,
    },
    /// Two modules have the same file.
    #[error("{first} and {second} would both be written to {}: rename one of them", path.display())]
    SameFile {
        /// The generated file.
        path: PathBuf,
        /// One spec file.
        first: String,
        /// The other spec file.
        second: String,
    },
    /// The output is not valid Rust, which is a bug of this crate.
    #[error(
        "the code generated from {source_file} is not valid Rust ({error}): report this as a bug of larkspur-codegen"
    )]
    InvalidRust {
        /// The spec file.
        source_file: String,
        /// The error of the parser.
        error: syn::Error,
    },
}
