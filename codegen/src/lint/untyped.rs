//! Values of which the spec does not say what they are.

use super::{Reporter, fields};
use crate::finding;
use crate::model::{Api, Type};

pub(super) fn check(reporter: &mut Reporter<'_>, api: &Api) {
    for (subject, field) in fields(api).filter(|(_, field)| is_untyped(&field.ty)) {
        let help = "say the type where the page does";
        if matches!(field.ty, Type::List(_)) {
            let message = format!("{subject} is a list of anything");
            reporter.report(finding::UNTYPED_LIST, field.origin, message, help);
        } else {
            let message = format!("{subject} can be anything");
            reporter.report(finding::UNTYPED_VALUE, field.origin, message, help);
        }
    }
}

fn is_untyped(ty: &Type) -> bool {
    match ty {
        Type::Any => true,
        Type::List(inner) | Type::Map(inner) => is_untyped(inner),
        _ => false,
    }
}
