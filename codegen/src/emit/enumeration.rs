//! Enums of strings and of numbers, which keep the values that they do not know.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::context::Context;
use super::ident::ident;
use super::literal::integer;
use super::{EmitError, docs, object, text};
use crate::model::{TypeDef, Variant};

/// An enum of strings.
pub(super) fn of_strings(
    context: Context<'_>,
    def: &TypeDef,
    variants: &[Variant<String>],
) -> Result<TokenStream, EmitError> {
    let name = ident(&def.rust, || {
        format!("a type of {}", context.module().source)
    })?;
    let names = names(context, def, variants)?;
    let values: Vec<_> = variants.iter().map(|variant| &variant.value).collect();
    let declaration = declaration(def, variants, &names, quote!(String))?;
    let as_str = docs::line("The value on the wire.");
    Ok(quote! {
        #declaration

        impl #name {
            #as_str
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#names => #values,)*
                    Self::Unrecognized(value) => value,
                }
            }
        }

        impl From<&str> for #name {
            fn from(value: &str) -> Self {
                match value {
                    #(#values => Self::#names,)*
                    _ => Self::Unrecognized(value.to_owned()),
                }
            }
        }

        impl ::larkspur::wire::TextEnum for #name {
            fn set(&mut self, value: &str) {
                *self = Self::from(value);
            }
        }

        impl ::larkspur::wire::Encode for #name {
            fn view(&self) -> ::larkspur::wire::View<'_> {
                ::larkspur::wire::View::Str(self.as_str())
            }
        }

        impl ::larkspur::wire::Decode for #name {
            fn blank() -> Self {
                Self::Unrecognized(String::new())
            }

            fn place(&mut self) -> ::larkspur::wire::Place<'_> {
                ::larkspur::wire::Place::Text(self)
            }
        }
    })
}

/// An enum of numbers.
pub(super) fn of_numbers(
    context: Context<'_>,
    def: &TypeDef,
    variants: &[Variant<i64>],
) -> Result<TokenStream, EmitError> {
    let name = ident(&def.rust, || {
        format!("a type of {}", context.module().source)
    })?;
    let names = names(context, def, variants)?;
    let values: Vec<_> = variants
        .iter()
        .map(|variant| integer(variant.value))
        .collect();
    let declaration = declaration(def, variants, &names, quote!(i64))?;
    let value = docs::line("The value on the wire.");
    Ok(quote! {
        #declaration

        impl #name {
            #value
            pub fn value(&self) -> i64 {
                match self {
                    #(Self::#names => #values,)*
                    Self::Unrecognized(value) => *value,
                }
            }
        }

        impl From<i64> for #name {
            fn from(value: i64) -> Self {
                match value {
                    #(#values => Self::#names,)*
                    _ => Self::Unrecognized(value),
                }
            }
        }

        impl ::larkspur::wire::NumberEnum for #name {
            fn set(&mut self, value: i64) {
                *self = Self::from(value);
            }
        }

        impl ::larkspur::wire::Encode for #name {
            fn view(&self) -> ::larkspur::wire::View<'_> {
                ::larkspur::wire::View::Int(self.value())
            }
        }

        impl ::larkspur::wire::Decode for #name {
            fn blank() -> Self {
                Self::Unrecognized(0)
            }

            fn place(&mut self) -> ::larkspur::wire::Place<'_> {
                ::larkspur::wire::Place::Number(self)
            }
        }
    })
}

fn names<T>(
    context: Context<'_>,
    def: &TypeDef,
    variants: &[Variant<T>],
) -> Result<Vec<Ident>, EmitError> {
    let place = || format!("a value of {} in {}", def.rust, context.module().source);
    variants
        .iter()
        .map(|variant| ident(&variant.rust, place))
        .collect()
}

fn declaration<T: std::fmt::Display>(
    def: &TypeDef,
    variants: &[Variant<T>],
    names: &[Ident],
    kept: TokenStream,
) -> Result<TokenStream, EmitError> {
    let name = ident(&def.rust, || "a type".to_owned())?;
    let docs = object::describe(def, |name| format!("The values of `{name}`."))?;
    let descriptions = variants.iter().map(|variant| {
        let value = text::code(&variant.value.to_string());
        docs::line(match &variant.doc {
            Some(doc) => format!("{value}: {}", text::sentence(doc)),
            None => format!("{value}."),
        })
    });
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
