//! From the model to Rust: one emitter for each thing that is generated.
//!
//! All output is built as token streams, parsed once more as a whole and printed. What a spec says
//! reaches it in three ways only: as a checked identifier ([`ident`]), as a literal ([`literal`]) or as
//! escaped documentation text ([`text`]).

mod catalog;
mod context;
mod deprecation;
mod docs;
mod endpoint_facts;
mod enumeration;
mod error_enum;
mod example;
mod features;
mod field_facts;
mod fields;
mod file;
mod ident;
mod literal;
mod member;
mod module;
mod object;
mod one_file;
mod outcome;
mod pagination;
mod part;
mod poll;
mod request;
mod rust_type;
mod signature;
mod slice;
mod text;
mod tree;
mod upload;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::model::Api;
use crate::parallel;

pub use features::{FeatureBlockError, gated_projects, replace_features};
pub use file::is_generated;
pub use one_file::emit_one_file;
pub(crate) use part::{Part, Parts};
pub use signature::signatures;

/// What is to stand in the files: paths relative to the root of the repository, and their text.
pub type Output = BTreeMap<PathBuf, String>;

/// The directory that holds nothing but what was generated.
pub const DIRECTORY: &str = "generated";

/// Why an [`Api`] cannot become Rust. The loader lets none of these through; an `Api` made by hand may have them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// A name that is none in Rust.
    #[error("{place}: `{text}` is no Rust identifier; give another name in the spec with `rust:` or `name:`")]
    Identifier {
        /// What should bear the name.
        place: String,
        /// The name.
        text: String,
    },
    /// A project whose module would hide one of the runtime's.
    #[error("{source_file}: a project cannot be called `{project}`, the SDK has a module of that name")]
    ReservedProject {
        /// The spec file.
        source_file: String,
        /// Its project.
        project: String,
    },
    /// A bound that is infinite or no number.
    #[error("{place}: {value} cannot be a bound, which is a finite number")]
    Bound {
        /// The field.
        place: String,
        /// The bound.
        value: f64,
    },
    /// Pagination over fields that do not exist or do not fit together.
    #[error("{endpoint}: pagination by `{field}` is not possible: {reason}")]
    Pagination {
        /// Id of the endpoint.
        endpoint: String,
        /// Key of the field.
        field: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A poll of an endpoint that is not there, or that cannot be made of what it is said to be made of.
    #[error("{endpoint}: its poll is not possible: {reason}")]
    Poll {
        /// Id of the endpoint that starts the task.
        endpoint: String,
        /// What is wrong.
        reason: String,
    },
    /// An upload in parts whose endpoints are not there, or that answers with nothing.
    #[error("{endpoint}: its upload in parts is not possible: {reason}")]
    Upload {
        /// Id of the endpoint that takes the whole.
        endpoint: String,
        /// What is wrong.
        reason: String,
    },
    /// A type that cannot be built, because it requires itself.
    #[error("the type `{name}` requires a value of itself, so none can ever be built; make one of the fields optional")]
    Endless {
        /// Name of the type.
        name: String,
    },
    /// Two modules that would be one file.
    #[error("{first} and {second} would both become {}; rename one of them", path.display())]
    SameFile {
        /// What would be written twice.
        path: PathBuf,
        /// One spec file.
        first: String,
        /// The other.
        second: String,
    },
    /// Output that is not Rust: a mistake of this crate.
    #[error("what was generated from {source_file} is not Rust ({error}); please report this")]
    Unparsable {
        /// The spec file.
        source_file: String,
        /// What the parser said.
        error: syn::Error,
    },
}

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
