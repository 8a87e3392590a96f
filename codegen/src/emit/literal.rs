//! Values of the spec as Rust literals.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// A whole number without a suffix.
///
/// The sign is a token of its own, as in source text: a literal token is never negative.
pub(super) fn integer(value: i64) -> TokenStream {
    let digits = Literal::u64_unsuffixed(value.unsigned_abs());
    if value < 0 { quote!(-#digits) } else { quote!(#digits) }
}

/// A whole number that is never negative, without a suffix.
pub(super) fn unsigned(value: u64) -> Literal {
    Literal::u64_unsuffixed(value)
}

/// A number with a fraction; `None` for what is infinite or no number.
pub(super) fn float(value: f64) -> Option<TokenStream> {
    if !value.is_finite() {
        return None;
    }
    let digits = Literal::f64_unsuffixed(value.abs());
    Some(if value < 0.0 { quote!(-#digits) } else { quote!(#digits) })
}
