//! Generated code, given to the compiler.

mod diff_source;
mod own_endpoints;
mod workspace;
