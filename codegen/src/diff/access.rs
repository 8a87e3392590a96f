//! Who may call: kinds of token, kinds of app, abilities.

use super::comparison::{At, Comparison, Subject};
use super::quoted::{list, quoted};
use super::rules::*;
use crate::model::{Endpoint, TokenKind};

pub(super) fn compare(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    tokens(comparison, subject, before, after);
    apps(comparison, subject, before, after);
    abilities(comparison, subject, before, after);
}

fn tokens(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let at = At::New(after.origin);
    let words = |kinds: &[TokenKind]| list(kinds.iter().map(|kind| kind.as_str()));
    let (old, new) = match (&before.tokens, &after.tokens) {
        (None, None) => return,
        (None, Some(new)) => return comparison.report(&TOKENS_STATED, subject, at, words(new)),
        (Some(old), None) => return comparison.report(&TOKENS_UNSTATED, subject, at, words(old)),
        (Some(old), Some(new)) => (old, new),
    };
    match (old.is_empty(), new.is_empty()) {
        (true, true) => {}
        (true, false) => comparison.report(&TOKEN_NEEDED, subject, at, words(new)),
        (false, true) => comparison.report(&TOKEN_NO_LONGER_NEEDED, subject, at, words(old)),
        (false, false) => {
            for kind in missing(old, new) {
                comparison.report(&TOKEN_REMOVED, subject, at, quoted(kind.as_str()));
            }
            for kind in missing(new, old) {
                comparison.report(&TOKEN_ADDED, subject, at, quoted(kind.as_str()));
            }
        }
    }
}

/// An empty list says nothing, so that only two full ones can be compared.
fn apps(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let at = At::New(after.origin);
    if before.apps.is_empty() || after.apps.is_empty() {
        if before.apps != after.apps {
            comparison.report(&DOCS_CHANGED, subject, at, "apps");
        }
        return;
    }
    for kind in missing(&before.apps, &after.apps) {
        comparison.report(&APP_KIND_REMOVED, subject, at, quoted(kind.as_str()));
    }
    for kind in missing(&after.apps, &before.apps) {
        comparison.report(&APP_KIND_ADDED, subject, at, quoted(kind.as_str()));
    }
}

fn abilities(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let at = At::New(after.origin);
    for needed in missing(&after.abilities, &before.abilities) {
        comparison.report(&ABILITY_NEEDED, subject, at, quoted(needed.as_str()));
    }
    for needed in missing(&before.abilities, &after.abilities) {
        comparison.report(&ABILITY_NO_LONGER_NEEDED, subject, at, quoted(needed.as_str()));
    }
}

/// What is in the first list and not in the second.
fn missing<T: Copy + PartialEq>(from: &[T], other: &[T]) -> Vec<T> {
    from.iter().copied().filter(|value| !other.contains(value)).collect()
}
