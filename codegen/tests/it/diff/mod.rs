//! What a change of the spec means: each rule has a pair of specs that shows it.

mod output;
pub mod pair;
pub mod pairs;
mod rules;
mod rules_page;
