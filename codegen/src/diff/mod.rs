//! What a change of the spec means for those who use the SDK.
//!
//! [`diff`] compares two [`Api`]s and says each change with the [`Rule`] that judges it. Two questions are asked of
//! every change: does a program that was built against the old spec still get what it counts on (the wire), and
//! does its source still compile against the new one (Rust)?
//!
//! Direction matters. What is sent may become wider without harm, as all that a program sends is still taken; what
//! comes back may become narrower. A type that travels both ways is judged twice, through each of its uses.

mod access;
mod bounds;
mod change;
mod comparison;
mod endpoints;
mod enums;
mod errors;
mod facts;
mod fields;
mod headers;
mod limits;
mod objects;
mod pagination;
mod polls;
mod quoted;
mod repetition;
mod report;
mod responses;
mod rules;
mod scopes;
mod types;
mod uploads;
mod users;

pub use change::{Bump, Change, Changes, Place, Side};
pub use rules::{Class, Rule, rules};

use crate::model::Api;

/// Every change from `old` to `new`, the worst first.
pub fn diff(old: &Api, new: &Api) -> Changes {
    let mut comparison = comparison::Comparison::new(old, new);
    endpoints::compare(&mut comparison);
    types::compare_reached(&mut comparison);
    comparison.finish()
}
