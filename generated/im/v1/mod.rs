//! Version.
pub mod file;
