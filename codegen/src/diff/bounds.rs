//! Bounds of values. Tighter breaks what is sent, looser what comes back.

use super::comparison::{At, Comparison, Direction, Subject};
use super::quoted::or_none;
use super::rules::*;
use crate::model::Bounds;

pub(super) fn compare(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    at: At,
    direction: Direction,
    (old, new): (&Bounds, &Bounds),
) {
    let (tighter, looser) = match direction {
        Direction::Request => (&REQUEST_BOUND_TIGHTER, &REQUEST_BOUND_LOOSER),
        Direction::Response => (&RESPONSE_BOUND_TIGHTER, &RESPONSE_BOUND_LOOSER),
    };
    for (name, end, old, new) in ends(old, new) {
        if old == new {
            continue;
        }
        let rule = if is_tighter(end, old, new) { tighter } else { looser };
        let message = format!("{name} {} → {}", or_none(old), or_none(new));
        comparison.report(rule, subject, at, message);
    }
}

/// Which end of the values a bound cuts off.
#[derive(Clone, Copy)]
enum End {
    Low,
    High,
}

type Ends = [(&'static str, End, Option<f64>, Option<f64>); 8];

/// Counts stay exact as floating-point numbers far beyond what a list can hold.
fn ends(old: &Bounds, new: &Bounds) -> Ends {
    let count = |bound: Option<u64>| bound.map(|bound| bound as f64);
    [
        ("min", End::Low, old.min, new.min),
        ("max", End::High, old.max, new.max),
        ("min_length", End::Low, count(old.min_length), count(new.min_length)),
        ("max_length", End::High, count(old.max_length), count(new.max_length)),
        ("min_items", End::Low, count(old.min_items), count(new.min_items)),
        ("max_items", End::High, count(old.max_items), count(new.max_items)),
        ("min_bytes", End::Low, count(old.min_bytes), count(new.min_bytes)),
        ("max_bytes", End::High, count(old.max_bytes), count(new.max_bytes)),
    ]
}

fn is_tighter(end: End, old: Option<f64>, new: Option<f64>) -> bool {
    match (old, new) {
        (None, _) => true,
        (_, None) => false,
        (Some(old), Some(new)) => match end {
            End::Low => new > old,
            End::High => new < old,
        },
    }
}
