//! `#[deprecated]`, and the permission to use what is deprecated in its own implementation.

use proc_macro2::TokenStream;
use quote::quote;

use super::text;
use crate::model::Deprecation;

/// The attribute of a deprecated request. Rustdoc renders the note as Markdown, so it is escaped; it
/// shows it above the documentation, which therefore does not repeat it.
pub(super) fn endpoint(deprecation: &Deprecation) -> TokenStream {
    let note = match (&deprecation.successor, &deprecation.reason) {
        (Some(successor), None) => format!("use {}", text::plain(successor)),
        (Some(successor), Some(reason)) => format!("use {}: {}", text::plain(successor), text::plain(reason)),
        (None, Some(reason)) => text::plain(reason),
        (None, None) => "the platform has deprecated it".to_owned(),
    };
    quote!(#[deprecated(note = #note)])
}

/// The attribute of a deprecated field.
pub(super) fn field(reason: &str) -> TokenStream {
    let note = text::plain(reason);
    quote!(#[deprecated(note = #note)])
}

/// The attribute for what is generated along with something deprecated.
pub(super) fn allow() -> TokenStream {
    quote!(#[allow(deprecated)])
}

/// Items of macros, which take no attribute, inside an item that does.
pub(super) fn allow_in(items: TokenStream) -> TokenStream {
    quote! {
        #[allow(deprecated)]
        const _: () = { #items };
    }
}
