//! A pair of specs for each rule.

mod answers;
mod endpoints;
mod metadata;
mod polls;
mod repetition;
mod requests;
mod types;
mod uploads;

use crate::diff::pair::Pair;

/// All pairs.
pub fn all() -> impl Iterator<Item = &'static Pair> {
    [
        answers::PAIRS,
        endpoints::PAIRS,
        metadata::PAIRS,
        polls::PAIRS,
        repetition::PAIRS,
        requests::PAIRS,
        types::PAIRS,
        uploads::PAIRS,
    ]
    .into_iter()
    .flatten()
}
