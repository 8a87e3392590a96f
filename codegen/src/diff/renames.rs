//! Fields that were renamed: otherwise a removed and an added field.

use super::comparison::{At, Comparison, Subject, from_to};
use super::rule_table::FIELD_RENAMED;
use crate::model::{Api, Field, Type, TypeKind};
use crate::names;

/// Finds the new name of each removed field, among the added fields of the same object or request.
///
/// A renamed field has the same type, bounds and presence, and either the same description or a similar name. If several
/// fields would do, none is chosen.
pub(super) fn find_renames<'f>(
    comparison: &Comparison<'_>,
    removed: &[&'f Field],
    added: &[&'f Field],
) -> Vec<(&'f Field, &'f Field)> {
    let is_rename = |old: &Field, new: &Field| {
        old.place == new.place
            && (old.required, old.secret, old.bounds) == (new.required, new.secret, new.bounds)
            && type_shape(comparison.old, &old.ty) == type_shape(comparison.new, &new.ty)
            && (old.doc.is_some() && old.doc == new.doc || names::nearest(&old.key, [new.key.as_str()]).is_some())
    };
    let mut renames = Vec::new();
    for old in removed {
        let mut found = added.iter().filter(|new| is_rename(old, new));
        let (Some(new), None) = (found.next(), found.next()) else {
            continue;
        };
        if removed.iter().filter(|other| is_rename(other, new)).count() == 1 {
            renames.push((*old, *new));
        }
    }
    renames
}

/// Reports a renamed field; `subject` is that of the new one.
pub(super) fn renamed_field(comparison: &mut Comparison<'_>, subject: &Subject, old: &Field, new: &Field) {
    let message = from_to(&old.key, &new.key);
    comparison.report(&FIELD_RENAMED, subject, At::New(new.origin), message);
}

/// Returns the type expression with the kind of a named type in place of its name, which may derive from the key.
fn type_shape(api: &Api, ty: &Type) -> String {
    ty.to_expression(|id| match api.type_def(id).kind {
        TypeKind::Object(_) => "object".to_owned(),
        TypeKind::StringEnum(_) | TypeKind::IntEnum(_) => "enum".to_owned(),
    })
}
