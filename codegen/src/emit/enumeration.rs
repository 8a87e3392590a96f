//! Enums of strings and of numbers, which keep the values that they do not know.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::context::Context;
use super::ident::ident;
use super::literal::integer;
use super::{EmitError, docs, object};
use crate::model::{TypeDef, Variant};

/// An enum of strings.
pub(super) fn of_strings(
    context: Context<'_>,
    def: &TypeDef,
    variants: &[Variant<String>],
) -> Result<TokenStream, EmitError> {
    let value = |variant: &Variant<String>| {
        let value = &variant.value;
        quote!(#value)
    };
    let scalar = Scalar {
        kept: quote!(String),
        seen: quote!(&str),
        getter: quote!(as_str),
        keep: quote!(value.to_owned()),
        see: quote!(value),
        blank: quote!(String::new()),
        setter: quote!(TextEnum),
        view: quote!(Str),
        place: quote!(Text),
    };
    enumeration(context, def, variants, value, &scalar)
}

/// An enum of numbers.
pub(super) fn of_numbers(
    context: Context<'_>,
    def: &TypeDef,
    variants: &[Variant<i64>],
) -> Result<TokenStream, EmitError> {
    let scalar = Scalar {
        kept: quote!(i64),
        seen: quote!(i64),
        getter: quote!(value),
        keep: quote!(value),
        see: quote!(*value),
        blank: quote!(0),
        setter: quote!(NumberEnum),
        view: quote!(Int),
        place: quote!(Number),
    };
    enumeration(context, def, variants, |variant| integer(variant.value), &scalar)
}

/// What differs between enums of strings and of numbers.
struct Scalar {
    /// Type of a value that is kept, and how one is kept that is called `value`.
    kept: TokenStream,
    keep: TokenStream,
    /// Type of a value that is shown, and how a kept one is shown that is called `value`.
    seen: TokenStream,
    see: TokenStream,
    /// The method that shows the value.
    getter: TokenStream,
    /// The value of what has not come yet.
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
    let declaration = declaration(def, variants, &names, &scalar.kept)?;
    let conversions = conversions(&name, &names, &values, scalar);
    let wire = wire(&name, scalar);
    Ok(quote!(#declaration #conversions #wire))
}

/// From the enum to its value and back.
fn conversions(name: &Ident, names: &[Ident], values: &[TokenStream], scalar: &Scalar) -> TokenStream {
    let Scalar {
        seen,
        see,
        keep,
        getter,
        ..
    } = scalar;
    let docs = docs::line("The value on the wire.");
    quote! {
        impl #name {
            #docs
            pub fn #getter(&self) -> #seen {
                match self {
                    #(Self::#names => #values,)*
                    Self::Unrecognized(value) => #see,
                }
            }
        }

        impl From<#seen> for #name {
            fn from(value: #seen) -> Self {
                match value {
                    #(#values => Self::#names,)*
                    _ => Self::Unrecognized(#keep),
                }
            }
        }
    }
}

/// The traits of the wire.
fn wire(name: &Ident, scalar: &Scalar) -> TokenStream {
    let Scalar {
        seen,
        getter,
        blank,
        setter,
        view,
        place,
        ..
    } = scalar;
    quote! {
        impl ::larkspur::wire::#setter for #name {
            fn set(&mut self, value: #seen) {
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
    kept: &TokenStream,
) -> Result<TokenStream, EmitError> {
    let name = ident(&def.rust, || "a type".to_owned())?;
    let docs = object::describe(def, |name| format!("The values of `{name}`."))?;
    let descriptions = variants.iter().map(|variant| docs::variant::describe(variant).outer());
    let unrecognized = docs::line("A value that the spec does not know.");
    Ok(quote! {
        #docs
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#descriptions #names,)*
            #unrecognized
            Unrecognized(#kept),
        }
    })
}
