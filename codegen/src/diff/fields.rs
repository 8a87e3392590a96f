//! Fields: those of requests, and the properties that fields of requests and responses share.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::access::compare_field_scopes;
use super::comparison::{At, Comparison, Direction, Pair, Subject, from_to, list, or_none, quoted, source_name};
use super::renames::{find_renames, renamed_field};
use super::rule_table::*;
use crate::model::{Api, Bounds, Endpoint, Field, FileAttribute, Place, TimeFormat, Type, TypeDef, TypeId, TypeKind};

/// Compares the request fields of two endpoints.
pub(super) fn compare_fields(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let mut matched = HashSet::new();
    let indices = match_fields(before, after);
    let kept: HashSet<usize> = indices.iter().flatten().copied().collect();
    let removed = before
        .fields
        .iter()
        .enumerate()
        .filter(|(index, _)| !kept.contains(index));
    let removed: Vec<&Field> = removed.map(|(_, field)| field).collect();
    let added = after.fields.iter().zip(&indices).filter(|(_, index)| index.is_none());
    let added: Vec<&Field> = added.map(|(field, _)| field).collect();
    let renames = find_renames(comparison, &removed, &added);
    for (new, index) in after.fields.iter().zip(indices) {
        let subject = subject.part(' ', &format!("{}.{}", place_name(new), new.key));
        if let Some((old, _)) = renames.iter().find(|(_, other)| std::ptr::eq(*other, new)) {
            renamed_field(comparison, &subject, old, new);
            continue;
        }
        let Some(index) = index else {
            added_field(comparison, &subject, new, Direction::Request);
            continue;
        };
        matched.insert(index);
        let old = &before.fields[index];
        moved_field(comparison, &subject, old, new);
        compare_field(comparison, &subject, Direction::Request, (old, new));
        compare_presence(comparison, &subject, (old, new));
    }
    for (index, old) in before.fields.iter().enumerate() {
        if !matched.contains(&index) && !renames.iter().any(|(other, _)| std::ptr::eq(*other, old)) {
            let subject = subject.part(' ', &format!("{}.{}", place_name(old), old.key));
            removed_field(comparison, &subject, old, Direction::Request);
        }
    }
    compare_order(
        comparison,
        subject,
        At::New(after.origin),
        &before.fields,
        &after.fields,
    );
}

/// Returns the index of the old field for each new one: the same key in the same place, the parameter at the same
/// position of the path, or the same key in a place that no longer has it.
fn match_fields(before: &Endpoint, after: &Endpoint) -> Vec<Option<usize>> {
    let old = before.fields.iter().enumerate();
    let exact: HashMap<(Place, &str), usize> = old.map(|(index, f)| ((f.place, f.key.as_str()), index)).collect();
    let kept: HashSet<(Place, &str)> = after.fields.iter().map(|f| (f.place, f.key.as_str())).collect();
    let left = before.fields.iter().enumerate();
    let left: HashMap<&str, usize> = left
        .filter(|(_, f)| !kept.contains(&(f.place, f.key.as_str())))
        .map(|(index, f)| (f.key.as_str(), index))
        .collect();
    let same_path = path_shape(&before.path) == path_shape(&after.path);
    let earlier = |new: &Field| {
        let key = new.key.as_str();
        if let Some(index) = exact.get(&(new.place, key)) {
            return Some(*index);
        }
        if new.place == Place::Path && same_path {
            let position = path_parameters(&after.path).position(|name| name == key)?;
            let name = path_parameters(&before.path).nth(position)?;
            return exact.get(&(Place::Path, name)).copied();
        }
        left.get(key).copied()
    };
    after.fields.iter().map(earlier).collect()
}

fn place_name(field: &Field) -> &'static str {
    match field.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "headers",
        Place::Body => "body",
    }
}

fn moved_field(comparison: &mut Comparison<'_>, subject: &Subject, old: &Field, new: &Field) {
    let at = At::New(new.origin);
    if old.place != new.place {
        comparison.report(&FIELD_MOVED, subject, at, from_to(place_name(old), place_name(new)));
    }
    if old.key != new.key {
        comparison.report(&PATH_PARAMETER_RENAMED, subject, at, from_to(&old.key, &new.key));
    }
}

/// Reports an added field.
pub(super) fn added_field(comparison: &mut Comparison<'_>, subject: &Subject, new: &Field, direction: Direction) {
    let (rule, message) = match direction {
        Direction::Request if new.is_argument() => (&REQUIRED_FIELD_ADDED, "added as required"),
        Direction::Request => (&OPTIONAL_FIELD_ADDED, "added"),
        Direction::Response => (&RESPONSE_FIELD_ADDED, "added"),
    };
    comparison.report(rule, subject, At::New(new.origin), message);
}

/// Reports a removed field.
pub(super) fn removed_field(comparison: &mut Comparison<'_>, subject: &Subject, old: &Field, direction: Direction) {
    let rule = match direction {
        Direction::Request => &REQUEST_FIELD_REMOVED,
        Direction::Response => &RESPONSE_FIELD_REMOVED,
    };
    comparison.report(rule, subject, At::Old(old.origin), "removed");
}

/// Compares whether `new` requires a field.
pub(super) fn compare_presence(comparison: &mut Comparison<'_>, subject: &Subject, (old, new): (&Field, &Field)) {
    let (rule, message) = match (old.is_argument(), new.is_argument()) {
        (false, true) => (&FIELD_BECAME_REQUIRED, "optional → required"),
        (true, false) => (&FIELD_BECAME_OPTIONAL, "required → optional"),
        _ => return,
    };
    comparison.report(rule, subject, At::New(new.origin), message);
}

/// Compares everything except presence, which each direction judges differently.
pub(super) fn compare_field(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    direction: Direction,
    (old, new): (&Field, &Field),
) {
    let at = At::New(new.origin);
    if compare_types(comparison, subject, direction, (old, new)) {
        compare_form(comparison, subject, old, new);
    }
    // A renamed path parameter also has another Rust name.
    if old.rust != new.rust && old.key == new.key {
        comparison.report(&FIELD_NAME_CHANGED, subject, at, from_to(&old.rust, &new.rust));
    }
    compare_bounds(comparison, subject, at, direction, (old, new));
    if direction == Direction::Request && !is_same(old.default.as_ref(), new.default.as_ref()) {
        let message = format!("{} → {}", or_none(old.default.as_ref()), or_none(new.default.as_ref()));
        comparison.report(&DEFAULT_CHANGED, subject, at, message);
    }
    if old.source != new.source {
        let message = from_to(source_name(old.source), source_name(new.source));
        comparison.report(&SOURCE_CHANGED, subject, at, message);
    }
    let format = |field: &Field| field.time.map(TimeFormat::as_str);
    match (format(old), format(new)) {
        (None, Some(new)) => comparison.report(&TIME_FORMAT_ADDED, subject, at, quoted(new)),
        (Some(old), None) => comparison.report(&TIME_FORMAT_REMOVED, subject, at, quoted(old)),
        (Some(old), Some(new)) if old != new => {
            comparison.report(&TIME_FORMAT_CHANGED, subject, at, from_to(old, new));
        }
        _ => {}
    }
    if old.of_file != new.of_file {
        let word = |field: &Field| field.of_file.map(FileAttribute::as_str);
        let message = format!("of_file {} → {}", or_none(word(old)), or_none(word(new)));
        comparison.report(&FILE_FACT_CHANGED, subject, at, message);
    }
    compare_field_scopes(comparison, subject, at, &old.scopes, &new.scopes);
    compare_deprecation(comparison, subject, old, new);
    if (&old.doc, &old.example) != (&new.doc, &new.example) {
        comparison.report(&DOCS_CHANGED, subject, at, "doc or example");
    }
}

/// Returns whether two values are the same on the wire: `10` equals `10.0` if a type became wider.
fn is_same(old: Option<&Value>, new: Option<&Value>) -> bool {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64);
    old == new || number(old).is_some() && number(old) == number(new)
}

/// Compares secrecy and boxing, which are part of the Rust type.
fn compare_form(comparison: &mut Comparison<'_>, subject: &Subject, old: &Field, new: &Field) {
    let at = At::New(new.origin);
    if old.secret != new.secret {
        let message = if new.secret {
            "became secret"
        } else {
            "no longer secret"
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

fn compare_deprecation(comparison: &mut Comparison<'_>, subject: &Subject, old: &Field, new: &Field) {
    let at = At::New(new.origin);
    match (&old.deprecated, &new.deprecated) {
        (None, Some(reason)) => comparison.report(&FIELD_DEPRECATED, subject, at, quoted(reason)),
        (Some(_), None) => comparison.report(&FIELD_UNDEPRECATED, subject, at, "no longer deprecated"),
        (Some(old), Some(new)) if old != new => comparison.report(&DOCS_CHANGED, subject, at, "deprecated"),
        _ => {}
    }
}

/// Compares the order of the required fields, which is that of the arguments of `new`.
pub(super) fn compare_order(comparison: &mut Comparison<'_>, subject: &Subject, at: At, old: &[Field], new: &[Field]) {
    let (old, new) = (arguments(old), arguments(new));
    let (before, after) = (retain_common(&old, &new), retain_common(&new, &old));
    if before != after {
        let message = format!("{} → {}", list(before), list(after));
        comparison.report(&REQUIRED_ORDER_CHANGED, subject, at, message);
    }
}

/// Returns the names that `others` contains, in order.
fn retain_common<'a>(names: &[&'a str], others: &[&str]) -> Vec<&'a str> {
    let others: HashSet<&str> = others.iter().copied().collect();
    names.iter().copied().filter(|name| others.contains(name)).collect()
}

fn arguments(fields: &[Field]) -> Vec<&str> {
    let required = fields.iter().filter(|field| field.is_argument());
    required.map(|field| field.rust.as_str()).collect()
}

/// Returns a path without the names of its parameters.
pub(super) fn path_shape(path: &str) -> String {
    let segments = path.split('/');
    let shapes = segments.map(|segment| if segment.starts_with(':') { ":" } else { segment });
    shapes.collect::<Vec<_>>().join("/")
}

/// Returns the names of the parameters of a path, in order.
pub(super) fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix(':'))
}

fn compare_bounds(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    at: At,
    direction: Direction,
    (old, new): (&Field, &Field),
) {
    let (tighter, looser) = match direction {
        Direction::Request => (&REQUEST_BOUND_TIGHTER, &REQUEST_BOUND_LOOSER),
        Direction::Response => (&RESPONSE_BOUND_TIGHTER, &RESPONSE_BOUND_LOOSER),
    };
    for (name, end, old, new) in ends(&old.bounds, &new.bounds) {
        if old == new {
            continue;
        }
        let rule = if is_tighter(end, old, new) { tighter } else { looser };
        let message = format!("{name} {} → {}", or_none(old), or_none(new));
        comparison.report(rule, subject, at, message);
    }
    if old.pattern != new.pattern {
        // Of two patterns, some values may match only the old one; responses may have those that match only the new one.
        let rule = match (direction, &old.pattern, &new.pattern) {
            (_, None, _) => tighter,
            (_, _, None) | (Direction::Response, ..) => looser,
            (Direction::Request, ..) => tighter,
        };
        let message = format!(
            "pattern {} → {}",
            or_none(old.pattern.as_ref()),
            or_none(new.pattern.as_ref())
        );
        comparison.report(rule, subject, at, message);
    }
}

/// The end of the range that a bound limits.
#[derive(Clone, Copy)]
enum End {
    Low,
    High,
}

type Ends = [(&'static str, End, Option<f64>, Option<f64>); 8];

/// Counts are exact as `f64` up to 2^53.
fn ends(old: &Bounds, new: &Bounds) -> Ends {
    let count = |bound: Option<u64>| bound.map(|bound| bound as f64);
    [
        ("min", End::Low, old.min, new.min),
        ("max", End::High, old.max, new.max),
        ("min_length", End::Low, count(old.min_length), count(new.min_length)),
        ("max_length", End::High, count(old.max_length), count(new.max_length)),
        ("min_items", End::Low, count(old.min_items), count(new.min_items)),
        ("max_items", End::High, count(old.max_items), count(new.max_items)),
        ("min_bytes", End::Low, count(old.min_bytes), count(new.min_bytes)),
        ("max_bytes", End::High, count(old.max_bytes), count(new.max_bytes)),
    ]
}

fn is_tighter(end: End, old: Option<f64>, new: Option<f64>) -> bool {
    match (old, new) {
        (None, _) => true,
        (_, None) => false,
        (Some(old), Some(new)) => match end {
            End::Low => new > old,
            End::High => new < old,
        },
    }
}

/// The relation of the values of a new type to those of the old one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// The same, or two objects or enums, whose content is compared separately.
    Same,
    Narrower,
    Wider,
    Different,
}

/// Compares the types of a field. Returns whether they are the same except for the content of named types.
fn compare_types(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    direction: Direction,
    (old, new): (&Field, &Field),
) -> bool {
    let at = At::New(new.origin);
    let rule = match (relation(comparison.old, comparison.new, &old.ty, &new.ty), direction) {
        (Relation::Same, _) => {
            if let (Some(old), Some(new)) = (old.ty.named(), new.ty.named()) {
                reach(comparison, subject, at, Pair { old, new, direction });
            }
            return true;
        }
        (Relation::Narrower, Direction::Request) => &REQUEST_TYPE_NARROWED,
        (Relation::Narrower, Direction::Response) => &RESPONSE_TYPE_NARROWED,
        (Relation::Wider, Direction::Request) => &REQUEST_TYPE_WIDENED,
        (Relation::Wider, Direction::Response) => &RESPONSE_TYPE_WIDENED,
        (Relation::Different, Direction::Request) => &REQUEST_TYPE_CHANGED,
        (Relation::Different, Direction::Response) => &RESPONSE_TYPE_CHANGED,
    };
    let message = from_to(written(comparison.old, &old.ty), written(comparison.new, &new.ty));
    comparison.report(rule, subject, at, message);
    false
}

/// Adds a pair of named types in the same place, and reports another name.
pub(super) fn reach(comparison: &mut Comparison<'_>, subject: &Subject, at: At, pair: Pair) {
    let (old, new) = (type_path(comparison.old, pair.old), type_path(comparison.new, pair.new));
    if old == new {
        return comparison.reach(pair);
    }
    if is_moved(comparison, pair) {
        report_move(comparison, pair);
    } else {
        comparison.report(&TYPE_RENAMED, subject, at, from_to(old, new));
    }
    comparison.reach(pair);
}

/// Returns whether a type is in another module under the same name, and no longer in the old one.
fn is_moved(comparison: &Comparison<'_>, pair: Pair) -> bool {
    let (old, new) = (comparison.old.type_def(pair.old), comparison.new.type_def(pair.new));
    let home = &comparison.old.modules[old.module].source;
    let remains = |other: &TypeDef| other.rust == old.rust && comparison.new.modules[other.module].source == *home;
    old.rust == new.rust && !comparison.new.types.iter().any(remains)
}

/// Reports that a type moved: one change, however many fields have the type.
fn report_move(comparison: &mut Comparison<'_>, pair: Pair) {
    let rust_path = |api: &Api, id: TypeId| {
        let def = api.type_def(id);
        format!("{}::{}", api.modules[def.module].rust_path(), def.rust)
    };
    let (old, new) = (rust_path(comparison.old, pair.old), rust_path(comparison.new, pair.new));
    let message = format!("the type moved from {} to {}", quoted(old), quoted(new));
    let subject = Subject {
        of_type: Some(pair.new),
        ..Subject::endpoint(type_path(comparison.new, pair.new))
    };
    let at = At::New(comparison.new.type_def(pair.new).origin);
    comparison.report_once(&TYPE_RENAMED, &subject, at, message);
}

/// Returns a name that is unique in a spec: `drive.v1.media.TmpDownloadUrl`.
pub(super) fn type_path(api: &Api, id: TypeId) -> String {
    api.type_name(id)
}

fn relation(old_api: &Api, new_api: &Api, old: &Type, new: &Type) -> Relation {
    match (old, new) {
        (Type::List(old), Type::List(new)) | (Type::Map(old), Type::Map(new)) => relation(old_api, new_api, old, new),
        (Type::Named(old), Type::Named(new)) => match (&old_api.type_def(*old).kind, &new_api.type_def(*new).kind) {
            (TypeKind::Object(_), TypeKind::Object(_))
            | (TypeKind::StringEnum(_), TypeKind::StringEnum(_))
            | (TypeKind::IntEnum(_), TypeKind::IntEnum(_))
                if old_api.type_def(*old).flags == new_api.type_def(*new).flags =>
            {
                Relation::Same
            }
            _ => Relation::Different,
        },
        (old, new) if old == new => Relation::Same,
        (Type::File, _) | (_, Type::File) => Relation::Different,
        (_, Type::Any) | (Type::Int, Type::Float) => Relation::Wider,
        (Type::Any, _) | (Type::Float, Type::Int) => Relation::Narrower,
        (Type::Named(old), scalar) if scalar_of(old_api, *old).as_ref() == Some(scalar) => Relation::Wider,
        (scalar, Type::Named(new)) if scalar_of(new_api, *new).as_ref() == Some(scalar) => Relation::Narrower,
        _ => Relation::Different,
    }
}

/// Returns the type of the values of an enum.
fn scalar_of(api: &Api, id: TypeId) -> Option<Type> {
    match api.type_def(id).kind {
        TypeKind::Object(_) => None,
        TypeKind::StringEnum(_) => Some(Type::String),
        TypeKind::IntEnum(_) => Some(Type::Int),
    }
}

fn written(api: &Api, ty: &Type) -> String {
    ty.to_expression(|id| type_path(api, id))
}
