//! Project.
pub mod v1;
