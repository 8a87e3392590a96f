//! Lifetime, deprecation and documentation of an endpoint.

use super::comparison::{At, Comparison, Subject};
use super::quoted::quoted;
use super::rules::*;
use crate::model::{Deprecation, Endpoint, Lifetime};

pub(super) fn compare(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let at = At::New(after.origin);
    lifetime(
        comparison,
        subject,
        at,
        before.lifetime.as_ref(),
        after.lifetime.as_ref(),
    );
    match (&before.deprecated, &after.deprecated) {
        (None, Some(new)) => comparison.report(&ENDPOINT_DEPRECATED, subject, at, instead(new)),
        (Some(_), None) => comparison.report(&ENDPOINT_UNDEPRECATED, subject, at, "no longer deprecated"),
        _ => {}
    }
    documentation(comparison, subject, before, after);
}

fn instead(deprecation: &Deprecation) -> String {
    match (&deprecation.successor, &deprecation.reason) {
        (Some(successor), _) => format!("in favour of {}", quoted(successor)),
        (None, Some(reason)) => quoted(reason),
        (None, None) => "without a reason".to_owned(),
    }
}

fn lifetime(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    at: At,
    old: Option<&Lifetime>,
    new: Option<&Lifetime>,
) {
    let (old, new) = match (old, new) {
        (None, None) => return,
        (None, Some(new)) => return comparison.report(&LIFETIME_ADDED, subject, at, spoken(new)),
        (Some(old), None) => return comparison.report(&LIFETIME_REMOVED, subject, at, spoken(old)),
        (Some(old), Some(new)) => (old, new),
    };
    let message = format!("{} → {}", spoken(old), spoken(new));
    if new.seconds < old.seconds || (&old.of, &old.since) != (&new.of, &new.since) {
        comparison.report(&LIFETIME_SHORTENED, subject, at, message);
    } else if new.seconds > old.seconds {
        comparison.report(&LIFETIME_EXTENDED, subject, at, message);
    }
}

fn spoken(lifetime: &Lifetime) -> String {
    let since = lifetime.since.as_deref().unwrap_or("the answer");
    format!(
        "{}, {} s from {}",
        quoted(&lifetime.of),
        lifetime.seconds,
        quoted(since)
    )
}

fn documentation(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let both_deprecated = before.deprecated.is_some() && after.deprecated.is_some();
    let texts = [
        ("summary", before.summary != after.summary),
        ("docs", before.docs != after.docs),
        ("updated", before.updated != after.updated),
        ("notes", before.notes != after.notes),
        ("deprecated", both_deprecated && before.deprecated != after.deprecated),
    ];
    let changed: Vec<&str> = texts
        .iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| *name)
        .collect();
    if !changed.is_empty() {
        comparison.report(&DOCS_CHANGED, subject, At::New(after.origin), changed.join(", "));
    }
}
