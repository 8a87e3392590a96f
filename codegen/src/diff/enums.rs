//! Values of enums.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;

use super::comparison::{At, Comparison, Direction, Subject};
use super::quoted::{from_to, quoted};
use super::rules::*;
use super::scopes;
use crate::model::Variant;

pub(super) fn compare<T: Eq + Hash + Display>(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    direction: Direction,
    (old, new): (&[Variant<T>], &[Variant<T>]),
) {
    let (removed, added) = match direction {
        Direction::Request => (&REQUEST_VALUE_REMOVED, &REQUEST_VALUE_ADDED),
        Direction::Response => (&RESPONSE_VALUE_REMOVED, &RESPONSE_VALUE_ADDED),
    };
    let (known, now) = (by_value(old), by_value(new));
    for before in old {
        match now.get(&before.value) {
            Some(after) => value(comparison, &subject.part('.', &after.value.to_string()), before, after),
            None => comparison.report(removed, subject, At::Old(before.origin), quoted(&before.value)),
        }
    }
    for after in new.iter().filter(|after| !known.contains_key(&after.value)) {
        comparison.report(added, subject, At::New(after.origin), quoted(&after.value));
    }
}

fn by_value<T: Eq + Hash>(variants: &[Variant<T>]) -> HashMap<&T, &Variant<T>> {
    variants.iter().map(|variant| (&variant.value, variant)).collect()
}

fn value<T>(comparison: &mut Comparison<'_>, subject: &Subject, old: &Variant<T>, new: &Variant<T>) {
    let at = At::New(new.origin);
    if old.rust != new.rust {
        comparison.report(&VARIANT_RENAMED, subject, at, from_to(&old.rust, &new.rust));
    }
    scopes::of_part(comparison, subject, at, &old.scopes, &new.scopes);
    if old.doc != new.doc {
        comparison.report(&DOCS_CHANGED, subject, at, "doc");
    }
}
