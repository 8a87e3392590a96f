//! Fields of objects, and what becomes of a type that travels another way than before.

use std::collections::{HashMap, HashSet};

use super::comparison::{At, Comparison, Direction, Pair, Subject};
use super::fields;
use super::quoted::list;
use super::rules::*;
use crate::model::{Field, Type, TypeDef, TypeKind};

/// Compares two objects.
pub(super) fn compare(comparison: &mut Comparison<'_>, subject: &Subject, pair: Pair) {
    let (before, after) = (comparison.old.type_def(pair.old), comparison.new.type_def(pair.new));
    let (old, new) = (members(before), members(after));
    let by_key: HashMap<&str, &Field> = old.iter().map(|field| (field.key.as_str(), field)).collect();
    let mut matched = Vec::new();
    for field in new {
        let part = subject.part('.', &field.key);
        match by_key.get(field.key.as_str()) {
            None => fields::added(comparison, &part, field, pair.direction),
            Some(old) => {
                fields::field(comparison, &part, pair.direction, (old, field));
                match pair.direction {
                    Direction::Request => fields::required(comparison, &part, (old, field)),
                    Direction::Response => received(comparison, &part, (before, old), (after, field)),
                }
                matched.push((*old, field));
            }
        }
    }
    let kept: HashSet<&str> = new.iter().map(|field| field.key.as_str()).collect();
    for field in old.iter().filter(|field| !kept.contains(field.key.as_str())) {
        fields::removed(comparison, &subject.part('.', &field.key), field, pair.direction);
    }
    if pair.direction == Direction::Request {
        fields::order(comparison, subject, At::New(after.origin), old, new);
    }
    ways(comparison, subject, before, after, &matched);
}

fn members(def: &TypeDef) -> &[Field] {
    match &def.kind {
        TypeKind::Object(fields) => fields,
        _ => &[],
    }
}

/// Whether a field is `T` in Rust even where it may be missing: a list or map is empty then.
fn is_empty_when_absent(def: &TypeDef, field: &Field) -> bool {
    !def.in_request && matches!(field.ty, Type::List(_) | Type::Map(_))
}

/// Presence of a field that comes back.
fn received(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    (before, old): (&TypeDef, &Field),
    (after, new): (&TypeDef, &Field),
) {
    let (rule, message) = match (old.required, new.required) {
        (true, false) if is_empty_when_absent(after, new) => {
            (&RESPONSE_LIST_BECAME_OPTIONAL, "always there → may be missing")
        }
        (true, false) => (&RESPONSE_FIELD_BECAME_OPTIONAL, "always there → may be missing"),
        (false, true) if is_empty_when_absent(before, old) => {
            (&RESPONSE_LIST_BECAME_REQUIRED, "may be missing → always there")
        }
        (false, true) => (&RESPONSE_FIELD_BECAME_REQUIRED, "may be missing → always there"),
        _ => return,
    };
    comparison.report(rule, subject, At::New(new.origin), message);
}

/// What a struct has depends on the ways it travels.
fn ways(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    before: &TypeDef,
    after: &TypeDef,
    matched: &[(&Field, &Field)],
) {
    let at = At::New(after.origin);
    if before.in_request && !after.in_request {
        comparison.report(&TYPE_NO_LONGER_SENT, subject, at, "no longer part of a request");
    }
    if before.in_response && !after.in_response {
        comparison.report(&TYPE_NO_LONGER_RECEIVED, subject, at, "no longer part of an answer");
    }
    if !before.in_request && after.in_request {
        let optional = |field: &Field| !field.required && matches!(field.ty, Type::List(_) | Type::Map(_));
        let lists = matched.iter().filter(|(old, new)| optional(old) && optional(new));
        let keys: Vec<&str> = lists.map(|(_, new)| new.key.as_str()).collect();
        if !keys.is_empty() {
            comparison.report(&TYPE_NOW_SENT, subject, at, list(keys));
        }
    }
}
