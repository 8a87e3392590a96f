//! Access: tokens, apps, scopes, rate limits, idempotency and fixed headers.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::comparison::{At, Comparison, Subject, from_to, list, or_none, quoted};
use super::rule_table::*;
use crate::model::{Body, Endpoint, FixedField, FixedHeader, Limits, Place, TokenKind};

pub(super) fn compare_access(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    compare_tokens(comparison, subject, before, after);
    compare_apps(comparison, subject, before, after);
    compare_abilities(comparison, subject, before, after);
}

fn compare_tokens(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let at = At::New(after.origin_of("tokens"));
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

/// An empty list is unknown, so it is not comparable.
fn compare_apps(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let at = At::New(after.origin_of("apps"));
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

fn compare_abilities(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let at = At::New(after.origin_of("abilities"));
    for needed in missing(&after.abilities, &before.abilities) {
        comparison.report(&ABILITY_NEEDED, subject, at, quoted(needed.as_str()));
    }
    for needed in missing(&before.abilities, &after.abilities) {
        comparison.report(&ABILITY_NO_LONGER_NEEDED, subject, at, quoted(needed.as_str()));
    }
}

/// Returns the values of the first list that the second does not contain.
fn missing<T: Copy + PartialEq>(from: &[T], other: &[T]) -> Vec<T> {
    from.iter().copied().filter(|value| !other.contains(value)).collect()
}

pub(super) fn compare_scopes(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let at = At::New(after.origin_of("scopes"));
    match (&before.scopes, &after.scopes) {
        (None, None) => {}
        (None, Some(new)) => comparison.report(&SCOPES_STATED, subject, at, alternatives(new)),
        (Some(old), None) => comparison.report(&SCOPES_UNSTATED, subject, at, alternatives(old)),
        (Some(old), Some(new)) => sufficient(comparison, subject, at, old, new),
    }
    let at = At::New(after.origin_of("field_scopes"));
    for scope in missing_scopes(&after.field_scopes, &before.field_scopes) {
        comparison.report(&FIELD_SCOPES_ADDED, subject, at, quoted(scope));
    }
    for scope in missing_scopes(&before.field_scopes, &after.field_scopes) {
        comparison.report(&FIELD_SCOPES_REMOVED, subject, at, quoted(scope));
    }
}

/// Any scope of a list suffices; an empty list requires none.
fn sufficient(comparison: &mut Comparison<'_>, subject: &Subject, at: At, old: &[String], new: &[String]) {
    match (old.is_empty(), new.is_empty()) {
        (true, true) => {}
        (true, false) => comparison.report(&SCOPE_NEEDED, subject, at, alternatives(new)),
        (false, true) => comparison.report(&SCOPE_ADDED, subject, at, "no scope required"),
        (false, false) => {
            for scope in missing_scopes(old, new) {
                comparison.report(&SCOPE_REMOVED, subject, at, quoted(scope));
            }
            for scope in missing_scopes(new, old) {
                comparison.report(&SCOPE_ADDED, subject, at, quoted(scope));
            }
        }
    }
}

/// Compares the scopes of a field or a value: any of a list suffices, an empty list requires none.
pub(super) fn compare_field_scopes(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    at: At,
    old: &[String],
    new: &[String],
) {
    let was_free = old.is_empty();
    let lost = missing_scopes(old, new).next().is_some();
    let gained = missing_scopes(new, old).next().is_some();
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
        several => format!("any of {}", list(several)),
    }
}

fn missing_scopes<'a>(from: &'a [String], other: &'a [String]) -> impl Iterator<Item = &'a String> {
    from.iter().filter(|scope| !other.contains(scope))
}

pub(super) fn compare_limits(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let at = At::New(after.origin_of("limits"));
    let (old, new) = match (&before.limits, &after.limits) {
        (None, None) => return,
        (None, Some(_)) => return comparison.report(&LIMIT_STATED, subject, at, "limits added"),
        (Some(_), None) => return comparison.report(&LIMIT_UNSTATED, subject, at, "limits removed"),
        (Some(old), Some(new)) => (old, new),
    };
    if old.special != new.special {
        let message = if new.special {
            "`special` added"
        } else {
            "`special` removed"
        };
        comparison.report(&LIMIT_SPECIAL_CHANGED, subject, at, message);
    }
    let (old, new) = (windows(old), windows(new));
    let lengths = old
        .keys()
        .chain(new.keys().filter(|seconds| !old.contains_key(seconds)));
    for seconds in lengths {
        let (before, after) = (old.get(seconds).copied(), new.get(seconds).copied());
        // No window of a length is an unlimited window.
        let rule = match after.unwrap_or(u32::MAX).cmp(&before.unwrap_or(u32::MAX)) {
            Ordering::Less => &LIMIT_LOWERED,
            Ordering::Greater => &LIMIT_RAISED,
            Ordering::Equal => continue,
        };
        let message = format!("{} → {}", calls(before, *seconds), calls(after, *seconds));
        comparison.report(rule, subject, at, message);
    }
}

/// Returns the number of calls by the seconds of the window.
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
        None => format!("no limit per {time}"),
    }
}

pub(super) fn compare_idempotency(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    before: &Endpoint,
    after: &Endpoint,
) {
    let (was, is) = (
        At::Old(before.origin_of("idempotency")),
        At::New(after.origin_of("idempotency")),
    );
    match (&before.idempotency, &after.idempotency) {
        (None, Some(new)) => comparison.report(&IDEMPOTENCY_ADDED, subject, is, quoted(new)),
        (Some(old), None) => comparison.report(&IDEMPOTENCY_REMOVED, subject, was, quoted(old)),
        (Some(old), Some(new)) if old != new => {
            comparison.report(&IDEMPOTENCY_CHANGED, subject, is, from_to(old, new));
        }
        _ => {}
    }
    let (was, is) = (
        At::Old(before.origin_of("repeatable")),
        At::New(after.origin_of("repeatable")),
    );
    match (before.repeatable, after.repeatable) {
        (false, true) => comparison.report(&REPEATABLE_ADDED, subject, is, "idempotent"),
        (true, false) => comparison.report(&REPEATABLE_REMOVED, subject, was, "no longer idempotent"),
        _ => {}
    }
}

pub(super) fn compare_headers(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let at = At::New(after.origin_of("headers"));
    for new in &after.fixed_headers {
        let old = find_header(&before.fixed_headers, &new.name);
        compare_header(comparison, subject, at, old, Some(new));
    }
    for old in &before.fixed_headers {
        if find_header(&after.fixed_headers, &old.name).is_none() {
            compare_header(comparison, subject, at, Some(old), None);
        }
    }
    // The fields cover a change from or to an empty body.
    if let (Body::Json, Body::Multipart) | (Body::Multipart, Body::Json) = (before.body, after.body) {
        let message = format!("{} → {}", body_kind(before.body), body_kind(after.body));
        let key = if after.body == Body::Json { "body" } else { "multipart" };
        let at = At::New(after.origin_of(key));
        comparison.report(&BODY_KIND_CHANGED, subject, at, message);
    }
}

pub(super) fn compare_fixed_fields(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    before: &Endpoint,
    after: &Endpoint,
) {
    let find = |fields: &'_ [FixedField], field: &FixedField| -> Option<FixedField> {
        let same = |other: &&FixedField| (other.place, &other.key) == (field.place, &field.key);
        fields.iter().find(same).cloned()
    };
    for new in &after.fixed_fields {
        let old = find(&before.fixed_fields, new);
        compare_fixed_field(comparison, subject, old.as_ref(), Some(new));
    }
    for old in &before.fixed_fields {
        if find(&after.fixed_fields, old).is_none() {
            compare_fixed_field(comparison, subject, Some(old), None);
        }
    }
}

fn compare_fixed_field(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    old: Option<&FixedField>,
    new: Option<&FixedField>,
) {
    let (Some(any), Some(at)) = (
        new.or(old),
        new.map(|new| At::New(new.origin))
            .or(old.map(|old| At::Old(old.origin))),
    ) else {
        return;
    };
    let place = if any.place == Place::Query { "query" } else { "body" };
    let subject = subject.part(' ', &format!("{place}.{}", any.key));
    if old.map(|old| &old.value) == new.map(|new| &new.value) {
        if old.map(|old| &old.doc) != new.map(|new| &new.doc) {
            comparison.report(&DOCS_CHANGED, &subject, at, "doc");
        }
        return;
    }
    let value = |field: Option<&FixedField>| field.map(|field| field.value.to_string());
    let (was, is) = (value(old), value(new));
    let message = format!("{} → {}", or_none(was.as_ref()), or_none(is.as_ref()));
    comparison.report(&FIXED_FIELD_CHANGED, &subject, at, message);
}

fn find_header<'a>(headers: &'a [FixedHeader], name: &str) -> Option<&'a FixedHeader> {
    headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))
}

fn compare_header(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    at: At,
    old: Option<&FixedHeader>,
    new: Option<&FixedHeader>,
) {
    let Some(any) = new.or(old) else { return };
    let subject = subject.part(' ', &format!("headers.{}", any.name));
    let values = (old.map(|old| &old.value), new.map(|new| &new.value));
    if values.0 == values.1 {
        // The client sends the header in both cases, so `required` is documentation.
        if old != new {
            comparison.report(&DOCS_CHANGED, &subject, at, "doc or required");
        }
        return;
    }
    let needed = new.is_some_and(|new| new.required);
    let rule = if needed {
        &REQUIRED_HEADER_CHANGED
    } else {
        &FIXED_HEADER_CHANGED
    };
    let message = format!("{} → {}", or_none(values.0), or_none(values.1));
    comparison.report(rule, &subject, at, message);
}

fn body_kind(body: Body) -> &'static str {
    match body {
        Body::None => "no body",
        Body::Json => "JSON",
        Body::Multipart => "multipart",
    }
}
