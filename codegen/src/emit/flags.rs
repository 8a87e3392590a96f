//! Bit masks: structs with a constant for each bit, which retain unknown bits.

use quote::quote;

use super::EmitError;
use super::context::{Code, Context};
use super::docs::variant_docs;
use super::markdown::doc_line;
use super::object::type_docs;
use super::syntax::{ident, integer};
use crate::model::{TypeDef, Variant};
use crate::names;

/// Emits the type of a bit mask.
pub(super) fn flags_type(context: Context<'_>, def: &TypeDef, variants: &[Variant<i64>]) -> Result<Code, EmitError> {
    let place = || format!("a bit mask of {}", context.module().source);
    let name = ident(&def.rust, place)?;
    let docs = type_docs(def, |name| format!("The bits of `{name}`. Unknown bits are retained."))?;
    let bits = variants.iter().map(|variant| {
        let bit = ident(&names::constant(&variant.rust), place)?;
        let (docs, value) = (variant_docs(variant).outer(), integer(variant.value));
        Ok(quote!(#docs pub const #bit: Self = Self(#value);))
    });
    let bits = bits.collect::<Result<Vec<_>, EmitError>>()?;
    let value = doc_line("The value on the wire.");
    let contains = doc_line("Returns whether all bits of `other` are set.");
    let union = doc_line("Returns the bits of both.");
    let item = quote! {
        #docs
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct #name(i64);

        impl #name {
            #(#bits)*

            #value
            pub const fn value(&self) -> i64 {
                self.0
            }

            #contains
            pub const fn contains(&self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            #union
            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl ::std::ops::BitOr for #name {
            type Output = Self;

            #[inline]
            fn bitor(self, other: Self) -> Self {
                self.union(other)
            }
        }

        impl From<i64> for #name {
            #[inline]
            fn from(value: i64) -> Self {
                Self(value)
            }
        }
    };
    let metadata = quote! {
        impl g::NumberEnum for #name {
            #[inline]
            fn set(&mut self, value: i64) {
                self.0 = value;
            }
        }

        impl g::Encode for #name {
            #[inline]
            fn view(&self) -> g::View<'_> {
                g::View::Int(self.0)
            }
        }

        impl g::Decode for #name {
            #[inline]
            fn blank() -> Self {
                Self(0)
            }

            #[inline]
            fn place(&mut self) -> g::Place<'_> {
                g::Place::Number(self)
            }
        }
    };
    Ok(Code { item, metadata })
}
