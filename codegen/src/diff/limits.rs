//! Rate windows.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::comparison::{At, Comparison, Subject};
use super::rules::*;
use crate::model::{Endpoint, Limits};

pub(super) fn compare(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let at = At::New(after.origin);
    let (old, new) = match (&before.limits, &after.limits) {
        (None, None) => return,
        (None, Some(_)) => return comparison.report(&LIMIT_STATED, subject, at, "limits are stated now"),
        (Some(_), None) => return comparison.report(&LIMIT_UNSTATED, subject, at, "limits are no longer stated"),
        (Some(old), Some(new)) => (old, new),
    };
    if old.special != new.special {
        let message = if new.special {
            "now `special`"
        } else {
            "no longer `special`"
        };
        comparison.report(&LIMIT_SPECIAL_CHANGED, subject, at, message);
    }
    let (old, new) = (windows(old), windows(new));
    let lengths = old
        .keys()
        .chain(new.keys().filter(|seconds| !old.contains_key(seconds)));
    for seconds in lengths {
        let (before, after) = (old.get(seconds).copied(), new.get(seconds).copied());
        // No window of a length is a window with room for everything.
        let rule = match after.unwrap_or(u32::MAX).cmp(&before.unwrap_or(u32::MAX)) {
            Ordering::Less => &LIMIT_LOWERED,
            Ordering::Greater => &LIMIT_RAISED,
            Ordering::Equal => continue,
        };
        let message = format!("{} → {}", calls(before, *seconds), calls(after, *seconds));
        comparison.report(rule, subject, at, message);
    }
}

/// How many calls in each length of time.
fn windows(limits: &Limits) -> BTreeMap<u32, u32> {
    let windows = limits.windows.iter();
    windows.map(|window| (window.seconds, window.calls)).collect()
}

fn calls(calls: Option<u32>, seconds: u32) -> String {
    let time = match seconds {
        1 => "second".to_owned(),
        60 => "minute".to_owned(),
        3600 => "hour".to_owned(),
        86_400 => "day".to_owned(),
        seconds => format!("{seconds}s"),
    };
    match calls {
        Some(calls) => format!("`{calls}/{time}`"),
        None => format!("no limit in a {time}"),
    }
}
