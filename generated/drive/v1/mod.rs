//! Version.
pub mod media;
