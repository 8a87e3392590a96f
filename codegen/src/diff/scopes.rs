//! Scopes of endpoints, and of fields and values.

use super::comparison::{At, Comparison, Subject};
use super::quoted::{list, quoted};
use super::rules::*;
use crate::model::Endpoint;

pub(super) fn compare(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let at = At::New(after.origin);
    match (&before.scopes, &after.scopes) {
        (None, None) => {}
        (None, Some(new)) => comparison.report(&SCOPES_STATED, subject, at, alternatives(new)),
        (Some(old), None) => comparison.report(&SCOPES_UNSTATED, subject, at, alternatives(old)),
        (Some(old), Some(new)) => sufficient(comparison, subject, at, old, new),
    }
    for scope in missing(&after.field_scopes, &before.field_scopes) {
        comparison.report(&FIELD_SCOPES_ADDED, subject, at, quoted(scope));
    }
    for scope in missing(&before.field_scopes, &after.field_scopes) {
        comparison.report(&FIELD_SCOPES_REMOVED, subject, at, quoted(scope));
    }
}

/// Any one of a list suffices, and an empty list asks for none.
fn sufficient(comparison: &mut Comparison<'_>, subject: &Subject, at: At, old: &[String], new: &[String]) {
    match (old.is_empty(), new.is_empty()) {
        (true, true) => {}
        (true, false) => comparison.report(&SCOPE_NEEDED, subject, at, alternatives(new)),
        (false, true) => comparison.report(&SCOPE_ADDED, subject, at, "none is needed any more"),
        (false, false) => {
            for scope in missing(old, new) {
                comparison.report(&SCOPE_REMOVED, subject, at, quoted(scope));
            }
            for scope in missing(new, old) {
                comparison.report(&SCOPE_ADDED, subject, at, quoted(scope));
            }
        }
    }
}

/// Scopes of a field or value: an empty list asks for none, of others any one suffices.
pub(super) fn of_part(comparison: &mut Comparison<'_>, subject: &Subject, at: At, old: &[String], new: &[String]) {
    let was_free = old.is_empty();
    let lost = missing(old, new).next().is_some();
    let gained = missing(new, old).next().is_some();
    let message = format!("{} → {}", alternatives(old), alternatives(new));
    if !new.is_empty() && (was_free || lost) {
        comparison.report(&FIELD_SCOPE_NEEDED, subject, at, message);
    } else if gained || lost {
        comparison.report(&FIELD_SCOPE_RELAXED, subject, at, message);
    }
}

fn alternatives(scopes: &[String]) -> String {
    match scopes {
        [] => "no scope".to_owned(),
        [one] => quoted(one),
        several => format!("any one of {}", list(several)),
    }
}

fn missing<'a>(from: &'a [String], other: &'a [String]) -> impl Iterator<Item = &'a String> {
    from.iter().filter(|scope| !other.contains(scope))
}
