//! What the documentation says of one value of an enum.

use super::{Docs, needed_scopes};
use crate::emit::text;
use crate::model::Variant;

/// The comment of a variant.
pub(in crate::emit) fn describe<T: std::fmt::Display>(variant: &Variant<T>) -> Docs {
    let value = text::code(&variant.value.to_string());
    let mut docs = Docs::new(match &variant.doc {
        Some(doc) => format!("{value}: {}", text::sentence(doc)),
        None => format!("{value}."),
    });
    if let Some(scopes) = needed_scopes(&variant.scopes) {
        docs.paragraph(scopes);
    }
    docs
}
