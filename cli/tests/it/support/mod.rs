//! Shared test support.

pub mod run;
