//! Types of the spec as Rust types.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::EmitError;
use super::context::Context;
use crate::model::{Field, Type};

/// The type of a field's value where there is one, boxed where it has to be.
pub(super) fn value_type(context: Context<'_>, field: &Field) -> Result<TokenStream, EmitError> {
    let inner = plain_type(context, &field.ty, field.secret)?;
    Ok(if field.boxed { quote!(Box<#inner>) } else { inner })
}

/// The type of what is in a field's list.
pub(super) fn element_type(context: Context<'_>, list: &Field) -> Result<TokenStream, EmitError> {
    match &list.ty {
        Type::List(inner) => plain_type(context, inner, list.secret),
        other => plain_type(context, other, list.secret),
    }
}

fn plain_type(context: Context<'_>, ty: &Type, secret: bool) -> Result<TokenStream, EmitError> {
    Ok(match ty {
        Type::String if secret => quote!(::larkspur::secret::SecretString),
        Type::String => quote!(String),
        Type::Int => quote!(i64),
        Type::Float => quote!(f64),
        Type::Bool => quote!(bool),
        Type::Any => quote!(::larkspur::wire::Value),
        Type::File => quote!(::larkspur::UploadSource),
        Type::List(inner) => {
            let inner = plain_type(context, inner, secret)?;
            quote!(Vec<#inner>)
        }
        Type::Map(inner) => {
            let inner = plain_type(context, inner, secret)?;
            quote!(::std::collections::BTreeMap<String, #inner>)
        }
        Type::Named(id) => context.type_path(*id)?,
    })
}

/// What a setter takes for a field, and the expression that makes the field's value of it.
pub(super) struct Argument {
    pub(super) ty: TokenStream,
    pub(super) value: TokenStream,
    /// Whether the value is the argument as it stands.
    pub(super) is_itself: bool,
}

/// The argument called `name` for a field.
pub(super) fn argument(context: Context<'_>, field: &Field, name: &Ident) -> Result<Argument, EmitError> {
    let exact = plain_type(context, &field.ty, field.secret)?;
    let (ty, value) = match &field.ty {
        Type::String | Type::Any => (quote!(impl Into<#exact>), quote!(#name.into())),
        Type::List(inner) => {
            let item = plain_type(context, inner, field.secret)?;
            match **inner {
                Type::String => (
                    quote!(impl IntoIterator<Item = impl Into<#item>>),
                    quote!(#name.into_iter().map(Into::into).collect()),
                ),
                _ => (
                    quote!(impl IntoIterator<Item = #item>),
                    quote!(#name.into_iter().collect()),
                ),
            }
        }
        _ if field.boxed => (exact, quote!(Box::new(#name))),
        _ => (exact, quote!(#name)),
    };
    let is_itself = *name == value.to_string();
    Ok(Argument { ty, value, is_itself })
}
