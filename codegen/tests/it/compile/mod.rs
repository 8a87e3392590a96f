//! Generated code, given to the compiler.

mod cursed;
mod diff_source;
mod own_endpoints;
mod workspace;
