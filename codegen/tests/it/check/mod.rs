//! Findings of a check.

mod findings;
mod lints;
mod rules;
