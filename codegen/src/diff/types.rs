//! Types, compared through their uses.

use super::comparison::{At, Comparison, Direction, Pair, Subject};
use super::quoted::from_to;
use super::rules::*;
use super::{enums, objects};
use crate::model::{Api, Field, Type, TypeId, TypeKind};

/// What the values of the new type are to those of the old.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// The same, or two objects or enums whose content is compared on its own.
    Same,
    Narrower,
    Wider,
    Different,
}

/// Compares the types of a field; whether they are the same but for the content of named types.
pub(super) fn compare(
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

/// Notes that two named types stand in the same place; another name is a change by itself.
pub(super) fn reach(comparison: &mut Comparison<'_>, subject: &Subject, at: At, pair: Pair) {
    let (old, new) = (path(comparison.old, pair.old), path(comparison.new, pair.new));
    if old != new {
        comparison.report(&TYPE_RENAMED, subject, at, from_to(old, new));
    }
    comparison.reach(pair);
}

/// Compares the content of all types that are used in the same place, and what these lead to.
pub(super) fn compare_reached(comparison: &mut Comparison<'_>) {
    while let Some(pair) = comparison.next_pair() {
        let (old, new) = (comparison.old.type_def(pair.old), comparison.new.type_def(pair.new));
        let subject = Subject {
            text: path(comparison.new, pair.new),
            of_type: Some(pair.new),
        };
        if old.doc != new.doc {
            comparison.report(&DOCS_CHANGED, &subject, At::New(new.origin), "doc");
        }
        match (&old.kind, &new.kind) {
            (TypeKind::Object(_), TypeKind::Object(_)) => objects::compare(comparison, &subject, pair),
            (TypeKind::StringEnum(old), TypeKind::StringEnum(new)) => {
                enums::compare(comparison, &subject, pair.direction, (old, new));
            }
            (TypeKind::IntEnum(old), TypeKind::IntEnum(new)) => {
                enums::compare(comparison, &subject, pair.direction, (old, new));
            }
            // No such pair is ever reached: these are different types.
            _ => {}
        }
    }
}

/// A name that is unique in a spec: `drive.v1.media.TmpDownloadUrl`.
fn path(api: &Api, id: TypeId) -> String {
    let def = api.type_def(id);
    let module = &api.modules[def.module];
    format!("{}.{}.{}.{}", module.project, module.version, module.resource, def.rust)
}

fn relation(old_api: &Api, new_api: &Api, old: &Type, new: &Type) -> Relation {
    match (old, new) {
        (Type::List(old), Type::List(new)) | (Type::Map(old), Type::Map(new)) => relation(old_api, new_api, old, new),
        (Type::Named(old), Type::Named(new)) => match (&old_api.type_def(*old).kind, &new_api.type_def(*new).kind) {
            (TypeKind::Object(_), TypeKind::Object(_))
            | (TypeKind::StringEnum(_), TypeKind::StringEnum(_))
            | (TypeKind::IntEnum(_), TypeKind::IntEnum(_)) => Relation::Same,
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

/// The type that the values of an enum have.
fn scalar_of(api: &Api, id: TypeId) -> Option<Type> {
    match api.type_def(id).kind {
        TypeKind::Object(_) => None,
        TypeKind::StringEnum(_) => Some(Type::String),
        TypeKind::IntEnum(_) => Some(Type::Int),
    }
}

fn written(api: &Api, ty: &Type) -> String {
    ty.written(|id| path(api, id))
}
