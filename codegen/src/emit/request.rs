//! The request type of an endpoint: what a caller sets, and `send`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::context::Context;
use super::fields::Owner;
use super::ident::ident;
use super::literal::unsigned;
use super::member::Member;
use super::{
    EmitError, deprecation, docs, endpoint_facts, error_enum, example, object, outcome, pagination, poll, text, upload,
};
use crate::model::{Endpoint, Response};

/// The request type of `endpoint` with all its implementations.
pub(super) fn request(context: Context<'_>, endpoint: &Endpoint) -> Result<TokenStream, EmitError> {
    let name = name(endpoint)?;
    let members = members(context, endpoint)?;
    let deprecated = endpoint.deprecated.as_ref().map(deprecation::endpoint);
    let owner = Owner {
        name: &name,
        members: &members,
        received: false,
        deprecated: deprecated.is_some() || members.iter().any(|member| member.deprecated.is_some()),
    };
    let errors = error_enum::name(endpoint)?;
    let docs = docs::endpoint::describe(endpoint, &name, errors.as_ref(), example::example(context, endpoint)?).outer();
    let allow = owner.allow();
    let derives = object::derives(&owner, true);
    let declarations = members.iter().map(Member::declaration);
    let pages = pagination::pages(context, endpoint, &name)?;
    let (turning, paged) = pages.map(|pages| (pages.methods, pages.implementation)).unzip();
    let asks = outcome::asks(context, endpoint, &name)?;
    let methods = methods(context, endpoint, &owner, turning)?;
    let implementations = owner.implementations();
    let in_parts = upload::in_parts(context, endpoint)?;
    Ok(quote! {
        #docs
        #deprecated
        #derives
        #[non_exhaustive]
        #[must_use = "a request does nothing until it is sent"]
        #allow
        pub struct #name {
            #(#declarations,)*
        }

        #methods

        #implementations

        #allow
        impl ::larkspur::endpoint::Request for #name {
            fn endpoint(&self) -> &'static ::larkspur::endpoint::EndpointInfo {
                &Self::ENDPOINT
            }
        }

        #paged

        #asks

        #in_parts
    })
}

/// The fields of the spec, and the range of a download that honours one.
fn members(context: Context<'_>, endpoint: &Endpoint) -> Result<Vec<Member>, EmitError> {
    let fields = endpoint
        .fields
        .iter()
        .map(|field| Member::new(context, &endpoint.id, field, true));
    let ranged = matches!(&endpoint.response, Response::Binary(binary) if binary.ranges);
    fields.chain(ranged.then(|| Ok(Member::range()))).collect()
}

/// The inherent implementation: facts, `new`, setters, those for pages and tasks, and `send`.
fn methods(
    context: Context<'_>,
    endpoint: &Endpoint,
    owner: &Owner<'_>,
    turning: Option<TokenStream>,
) -> Result<TokenStream, EmitError> {
    let (name, allow) = (owner.name, owner.allow());
    let docs = docs::line(format!("The facts of {}.", text::code(&endpoint.id)));
    let facts = endpoint_facts::facts(endpoint);
    let lifetime = lifetime(endpoint);
    let new = object::new(owner, "A request with what is required.");
    let setters = owner.members.iter().filter_map(|member| member.setter(name));
    let tasks = match poll::poll(context, endpoint)? {
        Some(poll) => Some(poll),
        None => outcome::wait(endpoint, name),
    };
    let send = send(context, endpoint)?;
    Ok(quote! {
        #allow
        impl #name {
            #docs
            pub const ENDPOINT: ::larkspur::endpoint::EndpointInfo = #facts;
            #lifetime
            #new
            #(#setters)*
            #turning
            #tasks
            #send
        }
    })
}

fn lifetime(endpoint: &Endpoint) -> Option<TokenStream> {
    let lifetime = endpoint.lifetime.as_ref()?;
    let since = match &lifetime.since {
        Some(since) => format!("counted from {}", text::plain(since)),
        None => "counted from the answer".to_owned(),
    };
    let docs = docs::line(format!("How long the {} lives, {since}.", text::plain(&lifetime.of)));
    let seconds = unsigned(lifetime.seconds);
    Some(quote! {
        #docs
        pub const LIFETIME: ::std::time::Duration = ::std::time::Duration::from_secs(#seconds);
    })
}

fn send(context: Context<'_>, endpoint: &Endpoint) -> Result<TokenStream, EmitError> {
    let docs = docs::line("Sends the request.");
    let (answer, call) = match &endpoint.response {
        Response::Empty => (quote!(()), quote!(client.call_empty(&self).await)),
        Response::Binary(_) => (quote!(::larkspur::ByteStream), quote!(client.fetch(&self).await)),
        Response::Json { ty, .. } => {
            let ty = context.type_path(*ty)?;
            let call = quote! {
                let mut response = <#ty as ::larkspur::wire::Decode>::blank();
                client.call(&self, &mut response).await?;
                Ok(response)
            };
            (ty, call)
        }
    };
    Ok(quote! {
        #docs
        pub async fn send(self, client: &::larkspur::Client) -> ::larkspur::Result<#answer> {
            #call
        }
    })
}

/// The name of a request type, for documentation of what belongs to it.
pub(super) fn name(endpoint: &Endpoint) -> Result<Ident, EmitError> {
    ident(&endpoint.rust, || format!("the request of {}", endpoint.id))
}
