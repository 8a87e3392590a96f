//! `poll` and `wait` of a request that only starts a task.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::context::Context;
use super::ident::ident;
use super::{EmitError, docs, request};
use crate::model::{Endpoint, Feed, FeedSource, Field, Poll, Response, Type, TypeId, TypeKind};

/// The methods of a request that only starts a task; nothing for any other.
pub(super) fn poll(context: Context<'_>, endpoint: &Endpoint) -> Result<Option<TokenStream>, EmitError> {
    let Some(poll) = &endpoint.poll else {
        return Ok(None);
    };
    let (module, target) = find_target(context, endpoint, poll)?;
    let name = context.path_to(module, &request::name(target)?)?;
    let id = answer(endpoint)?;
    let answer = context.type_path(id)?;
    let mut arguments = Vec::new();
    let mut settings = Vec::new();
    for field in &target.fields {
        let feed = poll.feeds.iter().find(|feed| feed.field == field.key);
        let Some(feed) = feed else {
            if field.required {
                return Err(impossible(endpoint, format!("nothing gives `{}`", field.key)));
            }
            continue;
        };
        let (value, certain) = value(context, endpoint, id, feed)?;
        let member = member(field)?;
        match (field.required, certain) {
            (true, true) => arguments.push(value),
            (true, false) => arguments.push(quote!(#value?)),
            (false, true) => settings.push(quote!(poll.#member = Some(#value);)),
            (false, false) => settings.push(quote!(poll.#member = #value;)),
        }
    }
    let mutable = (!settings.is_empty()).then(|| quote!(mut));
    let deprecated = target.deprecated.is_some() || target.fields.iter().any(|field| field.deprecated.is_some());
    let allow = deprecated.then(|| quote!(#[allow(deprecated)]));
    let docs = docs::line("The request that asks for the outcome; `None` where a field that it requires is missing.");
    let wait = docs::line("Sends the request, and waits until the task that it starts is done; gives what says so.");
    Ok(Some(quote! {
        #docs
        #allow
        pub fn poll(&self, response: &#answer) -> Option<#name> {
            let #mutable poll = #name::new(#(#arguments),*);
            #(#settings)*
            Some(poll)
        }

        #wait
        #allow
        pub fn wait(self, client: &::larkspur::Client) -> ::larkspur::polling::Poller<#name> {
            ::larkspur::polling::Poller::starting(client, self, Self::poll)
        }
    }))
}

/// The endpoint that is polled, and the index of its module.
fn find_target<'a>(context: Context<'a>, endpoint: &Endpoint, poll: &Poll) -> Result<(usize, &'a Endpoint), EmitError> {
    let modules = context.api.modules.iter().enumerate();
    modules
        .filter(|(_, module)| module.project == context.module().project)
        .find_map(|(index, module)| {
            let target = module.endpoints.iter().find(|target| target.id == poll.endpoint)?;
            Some((index, target))
        })
        .ok_or_else(|| impossible(endpoint, format!("the project has no endpoint `{}`", poll.endpoint)))
}

fn answer(endpoint: &Endpoint) -> Result<TypeId, EmitError> {
    match endpoint.response {
        Response::Json { ty, .. } => Ok(ty),
        _ => Err(impossible(endpoint, "the answer has no fields".to_owned())),
    }
}

/// The value that a field of the poll gets, and whether there always is one; else it is an `Option`.
fn value(
    context: Context<'_>,
    endpoint: &Endpoint,
    answer: TypeId,
    feed: &Feed,
) -> Result<(TokenStream, bool), EmitError> {
    let (fields, owner) = match feed.source {
        FeedSource::Response => (answer_fields(context, answer), quote!(response)),
        FeedSource::Request => (endpoint.fields.as_slice(), quote!(self)),
    };
    let field = fields.iter().find(|field| field.key == feed.from);
    let field = field.ok_or_else(|| impossible(endpoint, format!("there is no field `{}`", feed.from)))?;
    let name = member(field)?;
    let value = match field.ty {
        Type::String => quote!(#owner.#name.clone()),
        Type::Int | Type::Bool => quote!(#owner.#name),
        _ => {
            return Err(impossible(
                endpoint,
                format!("`{}` is no string, int or bool", field.key),
            ));
        }
    };
    Ok((value, field.required))
}

fn member(field: &Field) -> Result<Ident, EmitError> {
    ident(&field.rust, || format!("the field `{}`", field.key))
}

fn answer_fields(context: Context<'_>, id: TypeId) -> &[Field] {
    match &context.type_def(id).kind {
        TypeKind::Object(fields) => fields,
        _ => &[],
    }
}

fn impossible(endpoint: &Endpoint, reason: String) -> EmitError {
    EmitError::Poll {
        endpoint: endpoint.id.clone(),
        reason,
    }
}
