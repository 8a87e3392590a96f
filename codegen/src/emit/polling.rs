//! `poll` and `wait` of requests that start a task or read its state.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use serde_json::Value;

use super::EmitError;
use super::context::{Context, request_ident};
use super::markdown::doc_line;
use super::syntax::{ident, integer};
use crate::model::{Endpoint, Feed, FeedSource, Field, Poll, PollState, Response, Type, TypeId, TypeKind, Variant};

/// Emits `poll` and `wait` of a request that starts a task, and nothing for others.
pub(super) fn poll_methods(context: Context<'_>, endpoint: &Endpoint) -> Result<Option<TokenStream>, EmitError> {
    let Some(poll) = &endpoint.poll else {
        return Ok(None);
    };
    let (module, target) = find_target(context, endpoint, poll)?;
    let name = context.path_to(module, &request_ident(target)?)?;
    let id = response_type(endpoint)?;
    let response = context.type_path(id)?;
    let mut arguments = Vec::new();
    let mut settings = Vec::new();
    for field in &target.fields {
        let feed = poll.feeds.iter().find(|feed| feed.field == field.key);
        let Some(feed) = feed else {
            if field.required {
                return Err(invalid(
                    endpoint,
                    format!("no source for the required field `{}`", field.key),
                ));
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
    let docs =
        doc_line("Returns the request that polls the task, or `None` if `response` has no value for a required field.");
    let wait =
        doc_line("Sends the request and polls the task that it starts until it is done; returns the last response.");
    Ok(Some(quote! {
        #docs
        #allow
        #[inline]
        pub fn poll(&self, response: &#response) -> Option<#name> {
            let #mutable poll = #name::new(#(#arguments),*);
            #(#settings)*
            Some(poll)
        }

        #wait
        #allow
        #[inline]
        pub fn wait(self, client: &g::Client) -> g::polling::Poller<#name> {
            g::polling::Poller::start(client, self, Self::poll)
        }
    }))
}

/// Finds the polled endpoint and the index of its module.
fn find_target<'a>(context: Context<'a>, endpoint: &Endpoint, poll: &Poll) -> Result<(usize, &'a Endpoint), EmitError> {
    let modules = context.api.modules.iter().enumerate();
    modules
        .filter(|(_, module)| module.project == context.module().project)
        .find_map(|(index, module)| {
            let target = module.endpoints.iter().find(|target| target.id == poll.endpoint)?;
            Some((index, target))
        })
        .ok_or_else(|| invalid(endpoint, format!("the project has no endpoint `{}`", poll.endpoint)))
}

fn response_type(endpoint: &Endpoint) -> Result<TypeId, EmitError> {
    match endpoint.response {
        Response::Json { ty, .. } => Ok(ty),
        _ => Err(invalid(endpoint, "the response has no fields".to_owned())),
    }
}

/// Returns the value of a field of the poll; it is an `Option` unless the second result is true.
fn value(
    context: Context<'_>,
    endpoint: &Endpoint,
    response: TypeId,
    feed: &Feed,
) -> Result<(TokenStream, bool), EmitError> {
    let (fields, owner) = match feed.source {
        FeedSource::Response => (response_fields(context, response), quote!(response)),
        FeedSource::Request => (endpoint.fields.as_slice(), quote!(self)),
    };
    let field = fields.iter().find(|field| field.key == feed.from);
    let field = field.ok_or_else(|| invalid(endpoint, format!("the field `{}` is missing", feed.from)))?;
    let name = member(field)?;
    let value = match field.ty {
        Type::String => quote!(#owner.#name.clone()),
        Type::Int | Type::Bool => quote!(#owner.#name),
        _ => {
            return Err(invalid(
                endpoint,
                format!("`{}` must be a string, int or bool", field.key),
            ));
        }
    };
    Ok((value, field.required))
}

fn member(field: &Field) -> Result<Ident, EmitError> {
    ident(&field.rust, || format!("the field `{}`", field.key))
}

fn response_fields(context: Context<'_>, id: TypeId) -> &[Field] {
    match &context.type_def(id).kind {
        TypeKind::Object(fields) => fields,
        _ => &[],
    }
}

fn invalid(endpoint: &Endpoint, reason: String) -> EmitError {
    EmitError::Poll {
        endpoint: endpoint.id.clone(),
        reason,
    }
}

/// Emits `wait` of a request that reads the state of a task, and nothing for others.
pub(super) fn wait_method(endpoint: &Endpoint, request: &Ident) -> Option<TokenStream> {
    endpoint.task_state.as_ref()?;
    let docs = doc_line("Polls until the task is done; returns the last response.");
    Some(quote! {
        #docs
        #[inline]
        pub fn wait(self, client: &g::Client) -> g::polling::Poller<#request> {
            g::polling::Poller::new(client, self)
        }
    })
}

/// Emits the trait implementation that finds the state of a task in the response to `request`.
pub(super) fn task_state(
    context: Context<'_>,
    endpoint: &Endpoint,
    request: &Ident,
) -> Result<Option<TokenStream>, EmitError> {
    let Some(state) = &endpoint.task_state else {
        return Ok(None);
    };
    let Response::Json { ty, .. } = endpoint.response else {
        return Err(EmitError::Poll {
            endpoint: endpoint.id.clone(),
            reason: "the response that reports the task has no fields".to_owned(),
        });
    };
    let response = context.type_path(ty)?;
    let allow = endpoint.deprecated.is_some().then(|| quote!(#[allow(deprecated)]));
    let task = task(context, ty, state);
    Ok(Some(quote! {
        #allow
        impl g::polling::PollRequest for #request {
            type Response = #response;

            const ENDPOINT: &'static g::EndpointInfo = &#request::ENDPOINT;

            const TASK: g::polling::Task = #task;
        }
    }))
}

/// Returns the constant expression of the task.
fn task(context: Context<'_>, response: TypeId, state: &PollState) -> TokenStream {
    let PollState {
        path,
        done,
        failed,
        reason,
        ..
    } = state;
    let done = done.iter().map(state_value);
    let failed = (!failed.is_empty()).then(|| {
        let failed = failed.iter().map(|value| {
            let (state, meaning) = (state_value(value), meaning(context, response, path, value));
            quote!((#state, #meaning))
        });
        quote!(.failed(&[#(#failed),*]))
    });
    let reason = (!reason.is_empty()).then(|| quote!(.reason(&[#(#reason),*])));
    quote!(g::polling::Task::new(&[#(#path),*], &[#(#done),*]) #failed #reason)
}

fn state_value(value: &Value) -> TokenStream {
    let state = match value {
        Value::Bool(truth) => quote!(Bool(#truth)),
        Value::String(text) => quote!(Text(#text)),
        value => {
            let number = integer(value.as_i64().unwrap_or_default());
            quote!(Int(#number))
        }
    };
    quote!(g::polling::State::#state)
}

/// Returns the documentation of a value of the state, or else its name; empty if the spec has neither.
fn meaning(context: Context<'_>, response: TypeId, path: &[String], value: &Value) -> String {
    let mut at = Some(response);
    for key in path {
        let kind = at.map(|id| &context.type_def(id).kind);
        at = match kind {
            Some(TypeKind::Object(fields)) => {
                let field = fields.iter().find(|field| field.key == *key);
                field.and_then(|field| match field.ty {
                    Type::Named(id) => Some(id),
                    _ => None,
                })
            }
            _ => None,
        };
    }
    match at.map(|id| &context.type_def(id).kind) {
        Some(TypeKind::IntEnum(variants)) => describe_variant(variants, |known| *value == *known),
        Some(TypeKind::StringEnum(variants)) => describe_variant(variants, |known| value == known.as_str()),
        _ => String::new(),
    }
}

fn describe_variant<T>(variants: &[Variant<T>], is: impl Fn(&T) -> bool) -> String {
    let variant = variants.iter().find(|variant| is(&variant.value));
    let text = variant.map(|variant| variant.doc.as_ref().unwrap_or(&variant.rust).clone());
    text.unwrap_or_default()
}
