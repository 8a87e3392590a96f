//! The documented failures of an endpoint as an enum to match on.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::ident::ident;
use super::literal::{integer, unsigned};
use super::{EmitError, deprecation, docs, request};
use crate::model::{Endpoint, ErrorEntry};

/// The name of the enum; `None` where nothing is documented.
pub(super) fn name(endpoint: &Endpoint) -> Result<Option<Ident>, EmitError> {
    if endpoint.errors.is_empty() {
        return Ok(None);
    }
    Ok(Some(format_ident!("{}Error", request::name(endpoint)?)))
}

/// The enum and how an answer becomes one of its variants; nothing where nothing is documented.
pub(super) fn error_enum(endpoint: &Endpoint) -> Result<TokenStream, EmitError> {
    let Some(name) = name(endpoint)? else {
        return Ok(TokenStream::new());
    };
    let request = request::name(endpoint)?;
    let docs = docs::line(format!("The documented failures of [`{request}`]."));
    let variants = endpoint
        .errors
        .iter()
        .map(|entry| ident(&entry.rust, || format!("an error of {}", endpoint.id)))
        .collect::<Result<Vec<_>, _>>()?;
    let descriptions = endpoint.errors.iter().map(|entry| docs::error::describe(entry).outer());
    let arms = arms(&endpoint.errors, &variants);
    let allow = endpoint.deprecated.as_ref().map(|_| deprecation::allow());
    Ok(quote! {
        #docs
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#descriptions #variants,)*
        }

        #allow
        impl ::larkspur::endpoint::Documented for #name {
            const ENDPOINT: &'static ::larkspur::endpoint::EndpointInfo = &#request::ENDPOINT;

            fn from_answer(code: Option<i64>, http: u16) -> Option<Self> {
                Some(match (code, http) {
                    #(#arms)*
                    _ => return None,
                })
            }
        }
    })
}

/// Codes first: a status tells a failure apart only where no code did.
fn arms(entries: &[ErrorEntry], variants: &[Ident]) -> Vec<TokenStream> {
    let of_codes = entries.iter().zip(variants).filter_map(|(entry, variant)| {
        let code = integer(entry.code?);
        let shared = entries.iter().filter(|other| other.code == entry.code).count() > 1;
        let http = if shared {
            let http = unsigned(entry.http.into());
            quote!(#http)
        } else {
            quote!(_)
        };
        Some(quote!((Some(#code), #http) => Self::#variant,))
    });
    let of_statuses = entries
        .iter()
        .zip(variants)
        .filter(|(entry, _)| entry.code.is_none())
        .map(|(entry, variant)| {
            let http = unsigned(entry.http.into());
            quote!((_, #http) => Self::#variant,)
        });
    of_codes.chain(of_statuses).collect()
}
