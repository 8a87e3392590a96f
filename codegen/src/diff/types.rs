//! The content of named types: objects and enums.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::hash::Hash;

use super::access::compare_field_scopes;
use super::comparison::{At, Comparison, Direction, Pair, Subject, from_to, list, quoted};
use super::fields::{added_field, compare_field, compare_order, compare_presence, removed_field, type_path};
use super::renames::{find_renames, renamed_field};
use super::rule_table::*;
use crate::model::{Field, Type, TypeDef, TypeKind, Variant};

/// Compares the content of all pairs of types, including the pairs that this adds.
pub(super) fn compare_reached(comparison: &mut Comparison<'_>) {
    while let Some(pair) = comparison.next_pair() {
        let (old, new) = (comparison.old.type_def(pair.old), comparison.new.type_def(pair.new));
        let subject = Subject {
            of_type: Some(pair.new),
            ..Subject::endpoint(type_path(comparison.new, pair.new))
        };
        if old.doc != new.doc {
            comparison.report(&DOCS_CHANGED, &subject, At::New(new.origin), "doc");
        }
        match (&old.kind, &new.kind) {
            (TypeKind::Object(_), TypeKind::Object(_)) => compare_objects(comparison, &subject, pair),
            (TypeKind::StringEnum(old), TypeKind::StringEnum(new)) => {
                compare_enums(comparison, &subject, pair.direction, (old, new));
            }
            (TypeKind::IntEnum(old), TypeKind::IntEnum(new)) => {
                compare_enums(comparison, &subject, pair.direction, (old, new));
            }
            // `compare_types` adds no such pair.
            _ => {}
        }
    }
}

/// Compares two objects.
fn compare_objects(comparison: &mut Comparison<'_>, subject: &Subject, pair: Pair) {
    let (before, after) = (comparison.old.type_def(pair.old), comparison.new.type_def(pair.new));
    let (old, new) = (members(before), members(after));
    let by_key: HashMap<&str, &Field> = old.iter().map(|field| (field.key.as_str(), field)).collect();
    let remaining: HashSet<&str> = new.iter().map(|field| field.key.as_str()).collect();
    let removed: Vec<&Field> = old
        .iter()
        .filter(|field| !remaining.contains(field.key.as_str()))
        .collect();
    let added: Vec<&Field> = new
        .iter()
        .filter(|field| !by_key.contains_key(field.key.as_str()))
        .collect();
    let renames = find_renames(comparison, &removed, &added);
    let mut matched = Vec::new();
    for field in new {
        let part = subject.part('.', &field.key);
        if let Some((old, _)) = renames.iter().find(|(_, new)| new.key == field.key) {
            renamed_field(comparison, &part, old, field);
            continue;
        }
        match by_key.get(field.key.as_str()) {
            None => added_field(comparison, &part, field, pair.direction),
            Some(old) => {
                compare_field(comparison, &part, pair.direction, (old, field));
                match pair.direction {
                    Direction::Request => compare_presence(comparison, &part, (old, field)),
                    Direction::Response => compare_response_presence(comparison, &part, (before, old), (after, field)),
                }
                matched.push((*old, field));
            }
        }
    }
    for field in removed {
        if renames.iter().any(|(old, _)| old.key == field.key) {
            continue;
        }
        removed_field(comparison, &subject.part('.', &field.key), field, pair.direction);
    }
    if pair.direction == Direction::Request {
        compare_order(comparison, subject, At::New(after.origin), old, new);
    }
    compare_directions(comparison, subject, before, after, &matched);
}

fn members(def: &TypeDef) -> &[Field] {
    match &def.kind {
        TypeKind::Object(fields) => fields,
        _ => &[],
    }
}

/// Returns whether an optional field is `T` in Rust: a list or map that is empty if absent.
fn is_empty_when_absent(def: &TypeDef, field: &Field) -> bool {
    !def.in_request && matches!(field.ty, Type::List(_) | Type::Map(_))
}

/// Compares the presence of a response field.
fn compare_response_presence(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    (before, old): (&TypeDef, &Field),
    (after, new): (&TypeDef, &Field),
) {
    let (rule, message) = match (old.required, new.required) {
        (true, false) if is_empty_when_absent(after, new) => (&RESPONSE_LIST_BECAME_OPTIONAL, "required → optional"),
        (true, false) => (&RESPONSE_FIELD_BECAME_OPTIONAL, "required → optional"),
        (false, true) if is_empty_when_absent(before, old) => (&RESPONSE_LIST_BECAME_REQUIRED, "optional → required"),
        (false, true) => (&RESPONSE_FIELD_BECAME_REQUIRED, "optional → required"),
        _ => return,
    };
    comparison.report(rule, subject, At::New(new.origin), message);
}

/// Compares the directions of a type, which determine the items of its struct.
fn compare_directions(
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
        comparison.report(&TYPE_NO_LONGER_RECEIVED, subject, at, "no longer part of a response");
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

fn compare_enums<T: Eq + Hash + Display>(
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
            Some(after) => compare_variant(comparison, &subject.part('.', &after.value.to_string()), before, after),
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

fn compare_variant<T>(comparison: &mut Comparison<'_>, subject: &Subject, old: &Variant<T>, new: &Variant<T>) {
    let at = At::New(new.origin);
    if old.rust != new.rust {
        comparison.report(&VARIANT_RENAMED, subject, at, from_to(&old.rust, &new.rust));
    }
    compare_field_scopes(comparison, subject, at, &old.scopes, &new.scopes);
    if old.doc != new.doc {
        comparison.report(&DOCS_CHANGED, subject, at, "doc");
    }
}
