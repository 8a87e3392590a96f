//! One field of a generated struct, with all that is generated for it.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::context::Context;
use super::ident::ident;
use super::rust_type::{Argument, argument, value_type};
use super::{EmitError, deprecation, docs, field_facts};
use crate::model::{Field, Type};

/// How a field stands in its struct.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// `T`, an argument of `new`.
    Required,
    /// `Option<T>`.
    Optional,
    /// `T`, a list or map that is empty where it did not come.
    EmptyWhenAbsent,
}

/// One field of a generated struct.
pub(super) struct Member {
    pub(super) name: Ident,
    pub(super) presence: Presence,
    /// Type of the struct's field.
    pub(super) ty: TokenStream,
    /// What `new` or the setter takes, and how it becomes the value.
    pub(super) argument: Argument,
    /// The `wire::Field` that describes it.
    pub(super) facts: TokenStream,
    /// Documentation of the struct's field.
    pub(super) docs: TokenStream,
    /// `#[deprecated]` where it is.
    pub(super) deprecated: Option<TokenStream>,
    /// What the setter's documentation says behind the name.
    pub(super) hint: &'static str,
}

impl Member {
    /// A field of `owner`; `sent` is whether the struct travels to the platform.
    pub(super) fn new(context: Context<'_>, owner: &str, field: &Field, sent: bool) -> Result<Self, EmitError> {
        let place = || format!("the field `{}` of {owner} in {}", field.key, context.module().source);
        let name = ident(&field.rust, place)?;
        let presence = match field.ty {
            _ if field.is_argument() => Presence::Required,
            Type::List(_) | Type::Map(_) if !sent => Presence::EmptyWhenAbsent,
            _ => Presence::Optional,
        };
        let value = value_type(context, field)?;
        Ok(Self {
            presence,
            ty: if presence == Presence::Optional {
                quote!(Option<#value>)
            } else {
                value
            },
            argument: argument(context, field, &name)?,
            facts: field_facts::field(field, place)?,
            docs: docs::field::describe(field).outer(),
            deprecated: field.deprecated.as_deref().map(deprecation::field),
            hint: "",
            name,
        })
    }

    /// The range of bytes that a download may ask for; no field of the spec, but of the protocol.
    pub(super) fn range() -> Self {
        Self {
            name: quote::format_ident!("range"),
            presence: Presence::Optional,
            ty: quote!(Option<::larkspur::ByteRange>),
            argument: Argument {
                ty: quote!(impl Into<::larkspur::ByteRange>),
                value: quote!(range.into()),
                is_itself: false,
            },
            facts: quote!(::larkspur::wire::FieldInfo::header("Range")),
            docs: docs::line("The bytes to download; all of them where it is left out."),
            deprecated: None,
            hint: ", for example `0..1024`",
        }
    }

    /// The declaration in the struct.
    pub(super) fn declaration(&self) -> TokenStream {
        let Self {
            name,
            ty,
            docs,
            deprecated,
            ..
        } = self;
        quote!(#docs #deprecated pub #name: #ty)
    }

    /// The argument of `new`; `None` where the field is optional.
    pub(super) fn parameter(&self) -> Option<TokenStream> {
        let (name, ty) = (&self.name, &self.argument.ty);
        (self.presence == Presence::Required).then(|| quote!(#name: #ty))
    }

    /// The field in the struct expression of `new`.
    pub(super) fn initial(&self) -> TokenStream {
        let (name, value) = (&self.name, &self.argument.value);
        match self.presence {
            Presence::Optional => quote!(#name: None),
            _ if self.argument.is_itself => quote!(#name),
            _ => quote!(#name: #value),
        }
    }

    /// The chained setter; `None` where the field is required and so an argument of `new`.
    pub(super) fn setter(&self, owner: &Ident) -> Option<TokenStream> {
        if self.presence != Presence::Optional {
            return None;
        }
        let Self {
            name, deprecated, hint, ..
        } = self;
        let Argument { ty, value, .. } = &self.argument;
        let docs = docs::line(format!("Sets [`{owner}::{name}`]{hint}."));
        Some(quote! {
            #docs
            #deprecated
            pub fn #name(mut self, #name: #ty) -> Self {
                self.#name = Some(#value);
                self
            }
        })
    }
}
