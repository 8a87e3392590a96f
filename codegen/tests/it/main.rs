//! The spec, from YAML to generated code.

mod support;

mod check;
mod compile;
mod diff;
mod emit;
mod export;
mod generate;
mod house;
mod import;
mod layout;
mod load;
mod share;
