//! Objects: what an endpoint answers, and what is nested in requests and answers.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::context::Context;
use super::fields::Owner;
use super::ident::ident;
use super::member::{Member, Presence};
use super::{EmitError, docs};
use crate::model::{Field, TypeDef};

/// An object type with these fields; `docs` is its comment.
pub(super) fn object(
    context: Context<'_>,
    def: &TypeDef,
    fields: &[Field],
    docs: TokenStream,
) -> Result<TokenStream, EmitError> {
    let name = ident(&def.rust, || format!("a type of {}", context.module().source))?;
    let members = fields
        .iter()
        .map(|field| Member::new(context, &def.rust, field, def.in_request))
        .collect::<Result<Vec<_>, _>>()?;
    // A type that nobody uses can still be printed and read.
    let received = def.in_response || !def.in_request;
    let owner = Owner {
        name: &name,
        members: &members,
        received,
        deprecated: members.iter().any(|member| member.deprecated.is_some()),
    };
    let allow = owner.allow();
    let unknown = received.then(unknown);
    let declarations = members.iter().map(Member::declaration);
    let construction = def.in_request.then(|| construction(&owner));
    let derives = derives(&owner, def.in_request);
    let implementations = owner.implementations();
    Ok(quote! {
        #docs
        #derives
        #[non_exhaustive]
        #allow
        pub struct #name {
            #(#declarations,)*
            #unknown
        }
        #construction
        #implementations
    })
}

fn unknown() -> TokenStream {
    let docs = docs::line("Keys that the spec does not know.");
    quote!(#docs pub unknown: ::larkspur::wire::Unknown,)
}

/// `Clone`, and `Default` where `new` takes nothing.
pub(super) fn derives(owner: &Owner<'_>, sent: bool) -> TokenStream {
    let free = owner.members.iter().all(|member| member.presence == Presence::Optional);
    if sent && free {
        quote!(#[derive(Clone, Default)])
    } else {
        quote!(#[derive(Clone)])
    }
}

/// `new` and the setters of an object that travels to the platform.
fn construction(owner: &Owner<'_>) -> TokenStream {
    let (name, allow) = (owner.name, owner.allow());
    let new = new(owner, "A value with what is required.");
    let setters = owner.members.iter().filter_map(|member| member.setter(name));
    quote! {
        #allow
        impl #name {
            #new
            #(#setters)*
        }
    }
}

/// The function `new`, with what is required as arguments.
pub(super) fn new(owner: &Owner<'_>, summary: &str) -> TokenStream {
    let docs = docs::line(summary);
    let parameters: Vec<_> = owner.members.iter().filter_map(Member::parameter).collect();
    // Clippy's limit; what the platform requires is an argument, however much it is.
    let many = (parameters.len() > 7).then(|| quote!(#[allow(clippy::too_many_arguments)]));
    let initials = owner.members.iter().map(Member::initial);
    let unknown = owner
        .received
        .then(|| quote!(unknown: ::larkspur::wire::Unknown::default(),));
    quote! {
        #docs
        #many
        pub fn new(#(#parameters),*) -> Self {
            Self { #(#initials,)* #unknown }
        }
    }
}

/// The documentation of an object: its own, or `otherwise`.
pub(super) fn describe(def: &TypeDef, otherwise: impl FnOnce(&Ident) -> String) -> Result<TokenStream, EmitError> {
    let name = ident(&def.rust, || "a type".to_owned())?;
    Ok(docs::line(match &def.doc {
        Some(doc) => super::text::sentence(doc),
        None => otherwise(&name),
    }))
}
