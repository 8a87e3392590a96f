//! What a change of the spec means for users of the SDK.
//!
//! [`diff()`] compares two [`Api`]s and judges each change by a [`Rule`]. A rule states two effects: on programs that were
//! built with the old spec (the wire), and on their source with the new one (Rust).
//!
//! Direction matters. A request may accept more without harm, since everything that programs send is still accepted; a
//! response may contain less. A type in both is judged twice.

mod access;
mod change;
mod comparison;
mod endpoints;
mod fields;
mod report;
mod responses;
mod rule_table;
mod types;

pub use change::{Bump, Change, Changes, Class, Place, Rule, Side};
pub use rule_table::rules;

use crate::model::Api;

/// Returns every change from `old` to `new`, the most severe first.
pub fn diff(old: &Api, new: &Api) -> Changes {
    let mut comparison = comparison::Comparison::new(old, new);
    endpoints::compare_endpoints(&mut comparison);
    types::compare_reached(&mut comparison);
    comparison.finish()
}
