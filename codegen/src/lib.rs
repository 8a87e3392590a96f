//! Reads the spec of larkspur and generates everything that derives from it.
//!
//! One direction: [`Source`] → [`load()`] → [`model::Api`] → the outputs. `load` reads all files,
//! reports every finding at once, and returns an `Api` only without findings.

pub mod build;
#[cfg(feature = "command")]
pub mod command;
pub mod diff;
pub mod export;
pub mod finding;
pub mod generate;
pub mod import;
pub mod index;
pub mod lint;
pub mod model;
pub mod names;
pub mod pattern;
pub mod schema;

mod characters;
mod check;
mod duplicates;
mod emit;
mod format;
mod layout;
mod load;
mod parallel;
mod read;
mod scaffold;
mod share;
mod source;
mod yaml;

pub use emit::{EmitError, FeatureBlockError, Output, emit, emit_one_file, signatures};
pub use finding::{Finding, Findings};
pub use layout::{ErrorNames, LayoutError, layout, layout_with_names};
pub use load::load;
pub use scaffold::{NewEndpoint, Scaffold, ScaffoldError, scaffold};
pub use share::{ShareError, Shared, SharedType, share};
pub use source::{Source, replace_file};
