//! What a change of the spec means: each rule has a pair of specs that shows it.

#[path = "../support/outside.rs"]
mod outside;

mod judged;
mod page;
mod pair;
mod pairs;
mod printed;
mod source;
