//! Project.
pub mod v3;
