//! Enums of strings and of integers.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::EmitError;
use super::context::Context;
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
) -> Result<TokenStream, EmitError> {
    let value = |variant: &Variant<String>| {
        let value = &variant.value;
        quote!(#value)
    };
    let scalar = Scalar {
        owned: quote!(String),
        borrowed: quote!(&str),
        getter: quote!(as_str),
        to_owned: quote!(value.to_owned()),
        to_borrowed: quote!(value),
        blank: quote!(String::new()),
        setter: quote!(TextEnum),
        view: quote!(Str),
        place: quote!(Text),
    };
    enumeration(context, def, variants, value, &scalar)
}

/// Emits an enum of integers.
pub(super) fn int_enum(
    context: Context<'_>,
    def: &TypeDef,
    variants: &[Variant<i64>],
) -> Result<TokenStream, EmitError> {
    let scalar = Scalar {
        owned: quote!(i64),
        borrowed: quote!(i64),
        getter: quote!(value),
        to_owned: quote!(value),
        to_borrowed: quote!(*value),
        blank: quote!(0),
        setter: quote!(NumberEnum),
        view: quote!(Int),
        place: quote!(Number),
    };
    enumeration(context, def, variants, |variant| integer(variant.value), &scalar)
}

/// The differences between enums of strings and of integers.
struct Scalar {
    /// The owned type, and the expression that converts a borrowed `value`.
    owned: TokenStream,
    to_owned: TokenStream,
    /// The borrowed type, and the expression that converts an owned `value`.
    borrowed: TokenStream,
    to_borrowed: TokenStream,
    /// The method that returns the value.
    getter: TokenStream,
    /// The initial value before decoding.
    blank: TokenStream,
    /// The trait of `wire` that sets it, and the variants of `View` and `Place`.
    setter: TokenStream,
    view: TokenStream,
    place: TokenStream,
}

fn enumeration<T: std::fmt::Display>(
    context: Context<'_>,
    def: &TypeDef,
    variants: &[Variant<T>],
    value: impl Fn(&Variant<T>) -> TokenStream,
    scalar: &Scalar,
) -> Result<TokenStream, EmitError> {
    let name = ident(&def.rust, || format!("a type of {}", context.module().source))?;
    let names = names(context, def, variants)?;
    let values: Vec<_> = variants.iter().map(value).collect();
    let declaration = declaration(def, variants, &names, &scalar.owned)?;
    let conversions = conversions(&name, &names, &values, scalar);
    let wire = wire(&name, scalar);
    Ok(quote!(#declaration #conversions #wire))
}

/// Emits the conversions between the enum and its value.
fn conversions(name: &Ident, names: &[Ident], values: &[TokenStream], scalar: &Scalar) -> TokenStream {
    let Scalar {
        borrowed,
        to_borrowed,
        to_owned,
        getter,
        ..
    } = scalar;
    let docs = doc_line("The value on the wire.");
    quote! {
        impl #name {
            #docs
            pub fn #getter(&self) -> #borrowed {
                match self {
                    #(Self::#names => #values,)*
                    Self::Unrecognized(value) => #to_borrowed,
                }
            }
        }

        impl From<#borrowed> for #name {
            fn from(value: #borrowed) -> Self {
                match value {
                    #(#values => Self::#names,)*
                    _ => Self::Unrecognized(#to_owned),
                }
            }
        }
    }
}

/// Emits the implementations of the traits of `wire`.
fn wire(name: &Ident, scalar: &Scalar) -> TokenStream {
    let Scalar {
        borrowed,
        getter,
        blank,
        setter,
        view,
        place,
        ..
    } = scalar;
    quote! {
        impl ::larkspur::wire::#setter for #name {
            fn set(&mut self, value: #borrowed) {
                *self = Self::from(value);
            }
        }

        impl ::larkspur::wire::Encode for #name {
            fn view(&self) -> ::larkspur::wire::View<'_> {
                ::larkspur::wire::View::#view(self.#getter())
            }
        }

        impl ::larkspur::wire::Decode for #name {
            fn blank() -> Self {
                Self::Unrecognized(#blank)
            }

            fn place(&mut self) -> ::larkspur::wire::Place<'_> {
                ::larkspur::wire::Place::#place(self)
            }
        }
    }
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
