//! Fields of a request, and what any field of a request or an answer can differ in.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::comparison::{At, Comparison, Direction, Subject};
use super::endpoints::{parameters, shape};
use super::quoted::{from_to, list, or_none, quoted};
use super::rules::*;
use super::{bounds, scopes, types};
use crate::model::{Endpoint, Field, FileFact, Place};

/// Compares what two endpoints send.
pub(super) fn compare(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let mut matched = HashSet::new();
    for (new, index) in after.fields.iter().zip(earlier(before, after)) {
        let subject = subject.part(' ', &format!("{}.{}", place(new), new.key));
        let Some(index) = index else {
            added(comparison, &subject, new, Direction::Request);
            continue;
        };
        matched.insert(index);
        let old = &before.fields[index];
        moved(comparison, &subject, old, new);
        field(comparison, &subject, Direction::Request, (old, new));
        required(comparison, &subject, (old, new));
    }
    for (index, old) in before.fields.iter().enumerate() {
        if !matched.contains(&index) {
            let subject = subject.part(' ', &format!("{}.{}", place(old), old.key));
            removed(comparison, &subject, old, Direction::Request);
        }
    }
    order(
        comparison,
        subject,
        At::New(after.origin),
        &before.fields,
        &after.fields,
    );
}

/// For each new field the index of the one that it was: the same key in the same place, a parameter at the
/// same place of the path, or the same key in a place that no longer has it.
fn earlier(before: &Endpoint, after: &Endpoint) -> Vec<Option<usize>> {
    let old = before.fields.iter().enumerate();
    let exact: HashMap<(Place, &str), usize> = old.map(|(index, f)| ((f.place, f.key.as_str()), index)).collect();
    let kept: HashSet<(Place, &str)> = after.fields.iter().map(|f| (f.place, f.key.as_str())).collect();
    let left = before.fields.iter().enumerate();
    let left: HashMap<&str, usize> = left
        .filter(|(_, f)| !kept.contains(&(f.place, f.key.as_str())))
        .map(|(index, f)| (f.key.as_str(), index))
        .collect();
    let same_path = shape(&before.path) == shape(&after.path);
    let earlier = |new: &Field| {
        let key = new.key.as_str();
        if let Some(index) = exact.get(&(new.place, key)) {
            return Some(*index);
        }
        if new.place == Place::Path && same_path {
            let position = parameters(&after.path).position(|name| name == key)?;
            let name = parameters(&before.path).nth(position)?;
            return exact.get(&(Place::Path, name)).copied();
        }
        left.get(key).copied()
    };
    after.fields.iter().map(earlier).collect()
}

fn place(field: &Field) -> &'static str {
    match field.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "headers",
        Place::Body => "body",
    }
}

fn moved(comparison: &mut Comparison<'_>, subject: &Subject, old: &Field, new: &Field) {
    let at = At::New(new.origin);
    if old.place != new.place {
        comparison.report(&FIELD_MOVED, subject, at, from_to(place(old), place(new)));
    }
    if old.key != new.key {
        comparison.report(&PATH_PARAMETER_RENAMED, subject, at, from_to(&old.key, &new.key));
    }
}

/// A field that was not there before.
pub(super) fn added(comparison: &mut Comparison<'_>, subject: &Subject, new: &Field, direction: Direction) {
    let (rule, message) = match direction {
        Direction::Request if new.is_argument() => (&REQUIRED_FIELD_ADDED, "new, and required"),
        Direction::Request => (&OPTIONAL_FIELD_ADDED, "new"),
        Direction::Response => (&RESPONSE_FIELD_ADDED, "new"),
    };
    comparison.report(rule, subject, At::New(new.origin), message);
}

/// A field that is no longer there.
pub(super) fn removed(comparison: &mut Comparison<'_>, subject: &Subject, old: &Field, direction: Direction) {
    let rule = match direction {
        Direction::Request => &REQUEST_FIELD_REMOVED,
        Direction::Response => &RESPONSE_FIELD_REMOVED,
    };
    comparison.report(rule, subject, At::Old(old.origin), "gone");
}

/// What `new` asks for, of a request and of whatever is sent with one.
pub(super) fn required(comparison: &mut Comparison<'_>, subject: &Subject, (old, new): (&Field, &Field)) {
    let (rule, message) = match (old.is_argument(), new.is_argument()) {
        (false, true) => (&FIELD_BECAME_REQUIRED, "may be left out → required"),
        (true, false) => (&FIELD_BECAME_OPTIONAL, "required → may be left out"),
        _ => return,
    };
    comparison.report(rule, subject, At::New(new.origin), message);
}

/// All but presence, which the two directions judge differently.
pub(super) fn field(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    direction: Direction,
    (old, new): (&Field, &Field),
) {
    let at = At::New(new.origin);
    if types::compare(comparison, subject, direction, (old, new)) {
        form(comparison, subject, old, new);
    }
    // A renamed parameter has another name in Rust for that reason.
    if old.rust != new.rust && old.key == new.key {
        comparison.report(&FIELD_NAME_CHANGED, subject, at, from_to(&old.rust, &new.rust));
    }
    bounds::compare(comparison, subject, at, direction, (&old.bounds, &new.bounds));
    if direction == Direction::Request && !is_same(old.default.as_ref(), new.default.as_ref()) {
        let message = format!("{} → {}", or_none(old.default.as_ref()), or_none(new.default.as_ref()));
        comparison.report(&DEFAULT_CHANGED, subject, at, message);
    }
    if old.of_file != new.of_file {
        let word = |field: &Field| field.of_file.map(FileFact::as_str);
        let message = format!("of_file {} → {}", or_none(word(old)), or_none(word(new)));
        comparison.report(&FILE_FACT_CHANGED, subject, at, message);
    }
    scopes::of_part(comparison, subject, at, &old.scopes, &new.scopes);
    deprecation(comparison, subject, old, new);
    if (&old.doc, &old.example) != (&new.doc, &new.example) {
        comparison.report(&DOCS_CHANGED, subject, at, "doc or example");
    }
}

/// Whether two values are the same on the wire: `10` is `10.0` where a type became wider.
fn is_same(old: Option<&Value>, new: Option<&Value>) -> bool {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64);
    old == new || number(old).is_some() && number(old) == number(new)
}

/// What else the Rust type of a field is made of.
fn form(comparison: &mut Comparison<'_>, subject: &Subject, old: &Field, new: &Field) {
    let at = At::New(new.origin);
    if old.secret != new.secret {
        let message = if new.secret {
            "a secret now"
        } else {
            "no secret any more"
        };
        comparison.report(&SECRET_CHANGED, subject, at, message);
    }
    if old.boxed != new.boxed {
        let message = if new.boxed {
            "`T` → `Box<T>`"
        } else {
            "`Box<T>` → `T`"
        };
        comparison.report(&BOXING_CHANGED, subject, at, message);
    }
}

fn deprecation(comparison: &mut Comparison<'_>, subject: &Subject, old: &Field, new: &Field) {
    let at = At::New(new.origin);
    match (&old.deprecated, &new.deprecated) {
        (None, Some(reason)) => comparison.report(&FIELD_DEPRECATED, subject, at, quoted(reason)),
        (Some(_), None) => comparison.report(&FIELD_UNDEPRECATED, subject, at, "no longer deprecated"),
        (Some(old), Some(new)) if old != new => comparison.report(&DOCS_CHANGED, subject, at, "deprecated"),
        _ => {}
    }
}

/// The arguments of `new` stand in the order of the required fields.
pub(super) fn order(comparison: &mut Comparison<'_>, subject: &Subject, at: At, old: &[Field], new: &[Field]) {
    let (old, new) = (arguments(old), arguments(new));
    let (before, after) = (kept(&old, &new), kept(&new, &old));
    if before != after {
        let message = format!("{} → {}", list(before), list(after));
        comparison.report(&REQUIRED_ORDER_CHANGED, subject, at, message);
    }
}

/// The names that others have too, in their order.
fn kept<'a>(names: &[&'a str], others: &[&str]) -> Vec<&'a str> {
    let others: HashSet<&str> = others.iter().copied().collect();
    names.iter().copied().filter(|name| others.contains(name)).collect()
}

fn arguments(fields: &[Field]) -> Vec<&str> {
    let required = fields.iter().filter(|field| field.is_argument());
    required.map(|field| field.rust.as_str()).collect()
}
