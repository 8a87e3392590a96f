//! What the documentation says of one value of an enum.

use super::Docs;
use crate::emit::text;
use crate::model::Variant;

/// The comment of a variant.
pub(in crate::emit) fn describe<T: std::fmt::Display>(variant: &Variant<T>) -> Docs {
    let value = text::code(&variant.value.to_string());
    let mut docs = Docs::new(match &variant.doc {
        Some(doc) => format!("{value}: {}", text::sentence(doc)),
        None => format!("{value}."),
    });
    match variant.scopes.as_slice() {
        [] => {}
        [scope] => docs.paragraph(format!("Needs the scope {}.", text::code(scope))),
        scopes => docs.paragraph(format!("Needs one of the scopes {}.", text::codes(scopes))),
    }
    docs
}
