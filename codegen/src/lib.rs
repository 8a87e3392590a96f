//! Reads the spec of larkspur and writes what is derived from it.
//!
//! One direction: [`Source`] → [`load()`] → [`model::Api`] → whatever is written. `load` reads all
//! files, reports every finding at once, and gives an `Api` only where there is none.

pub mod build;
#[cfg(feature = "command")]
pub mod command;
pub mod diff;
pub mod export;
pub mod finding;
pub mod generate;
pub mod import;
pub mod lint;
pub mod model;
pub mod names;
pub mod schema;

mod characters;
mod check;
mod emit;
mod format;
mod layout;
mod load;
mod parallel;
mod read;
mod replace;
mod scaffold;
mod source;
mod yaml;

pub use emit::{EmitError, FeatureBlockError, Output, emit, emit_one_file, signatures};
pub use finding::{Finding, Findings};
pub use layout::{LayoutError, layout};
pub use load::load;
pub use replace::replace_file;
pub use scaffold::{NewEndpoint, Scaffold, ScaffoldError, scaffold};
pub use source::Source;
