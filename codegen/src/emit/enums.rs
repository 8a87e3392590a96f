//! Enums of strings and of integers.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::EmitError;
use super::context::{Code, Context};
use super::docs::variant_docs;
use super::markdown::doc_line;
use super::object::type_docs;
use super::syntax::{ident, integer};
use crate::model::{TypeDef, Variant};

/// Emits an enum of strings.
pub(super) fn string_enum(
    context: Context<'_>,
    def: &TypeDef,
    variants: &[Variant<String>],
) -> Result<Code, EmitError> {
    let value = |variant: &Variant<String>| {
        let value = &variant.value;
        quote!(#value)
    };
    enumeration(context, def, variants, value, &quote!(text_enum), &quote!(String))
}

/// Emits an enum of integers.
pub(super) fn int_enum(context: Context<'_>, def: &TypeDef, variants: &[Variant<i64>]) -> Result<Code, EmitError> {
    let value = |variant: &Variant<i64>| integer(variant.value);
    enumeration(context, def, variants, value, &quote!(int_enum), &quote!(i64))
}

/// Emits the enum, and the table of its values, from which the macro `kind` of the runtime makes every implementation.
fn enumeration<T: std::fmt::Display>(
    context: Context<'_>,
    def: &TypeDef,
    variants: &[Variant<T>],
    value: impl Fn(&Variant<T>) -> TokenStream,
    kind: &TokenStream,
    owned: &TokenStream,
) -> Result<Code, EmitError> {
    let name = ident(&def.rust, || format!("a type of {}", context.module().source))?;
    let names = names(context, def, variants)?;
    let values = variants.iter().map(value);
    Ok(Code {
        item: declaration(def, variants, &names, owned)?,
        metadata: quote!(g::#kind! { #name { #(#names = #values;)* } }),
    })
}

fn names<T>(context: Context<'_>, def: &TypeDef, variants: &[Variant<T>]) -> Result<Vec<Ident>, EmitError> {
    let place = || format!("a value of {} in {}", def.rust, context.module().source);
    variants.iter().map(|variant| ident(&variant.rust, place)).collect()
}

fn declaration<T: std::fmt::Display>(
    def: &TypeDef,
    variants: &[Variant<T>],
    names: &[Ident],
    owned: &TokenStream,
) -> Result<TokenStream, EmitError> {
    let name = ident(&def.rust, || "a type".to_owned())?;
    let docs = type_docs(def, |name| format!("The values of `{name}`."))?;
    let descriptions = variants.iter().map(|variant| variant_docs(variant).outer());
    let unrecognized = doc_line("A value that the spec does not define.");
    Ok(quote! {
        #docs
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#descriptions #names,)*
            #unrecognized
            Unrecognized(#owned),
        }
    })
}
