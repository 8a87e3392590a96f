//! Reads the spec of larkspur and writes what is derived from it.

pub mod model;

mod emit;
pub use emit::{EmitError, Output, emit};
