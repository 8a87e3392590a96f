//! Names of the spec as Rust identifiers.

use proc_macro2::Ident;

use super::EmitError;

/// `text` as an identifier, if it is one; `place` says in an error what should bear the name.
///
/// Goes through the parser, because `Ident::new` panics on text that is no identifier.
pub(super) fn ident(text: &str, place: impl FnOnce() -> String) -> Result<Ident, EmitError> {
    match syn::parse_str::<Ident>(text) {
        // The parser skips white space and comments around the identifier; a name has none.
        Ok(ident) if text.is_ascii() && ident == text => Ok(ident),
        _ => Err(EmitError::Identifier {
            place: place(),
            text: text.to_owned(),
        }),
    }
}

/// `text` as the name of a module, which is the name of a file as well.
pub(super) fn module_ident(text: &str, source: &str) -> Result<Ident, EmitError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let place = || format!("a module of {source}");
    if text.chars().all(plain) {
        ident(text, place)
    } else {
        Err(EmitError::Identifier {
            place: place(),
            text: text.to_owned(),
        })
    }
}
