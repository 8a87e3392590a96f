//! Whether a call may be sent again.

use super::comparison::{At, Comparison, Subject};
use super::quoted::{from_to, quoted};
use super::rules::*;
use crate::model::Endpoint;

pub(super) fn compare(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let (was, is) = (At::Old(before.origin), At::New(after.origin));
    match (&before.idempotency, &after.idempotency) {
        (None, Some(new)) => comparison.report(&IDEMPOTENCY_ADDED, subject, is, quoted(new)),
        (Some(old), None) => comparison.report(&IDEMPOTENCY_REMOVED, subject, was, quoted(old)),
        (Some(old), Some(new)) if old != new => {
            comparison.report(&IDEMPOTENCY_CHANGED, subject, is, from_to(old, new));
        }
        _ => {}
    }
    match (before.repeatable, after.repeatable) {
        (false, true) => comparison.report(&REPEATABLE_ADDED, subject, is, "repeatable"),
        (true, false) => comparison.report(&REPEATABLE_REMOVED, subject, was, "no longer repeatable"),
        _ => {}
    }
}
