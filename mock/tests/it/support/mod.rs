//! What the tests have in common.

pub mod client;
pub mod spec;
