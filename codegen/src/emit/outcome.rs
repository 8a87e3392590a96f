//! `wait` of a request that asks for the outcome of a task, and how the answer tells it.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use serde_json::Value;

use super::context::Context;
use super::literal::integer;
use super::{EmitError, docs};
use crate::model::{Endpoint, PollState, Response, Type, TypeId, TypeKind, Variant};

/// The method `wait` of a request that asks for an outcome; nothing for any other.
pub(super) fn wait(endpoint: &Endpoint, request: &Ident) -> Option<TokenStream> {
    endpoint.tells.as_ref()?;
    let docs = docs::line("Waits until the task is done; gives what says so.");
    Some(quote! {
        #docs
        pub fn wait(self, client: &::larkspur::Client) -> ::larkspur::polling::Poller<#request> {
            ::larkspur::polling::Poller::new(client, self)
        }
    })
}

/// How the answer to `request` tells the outcome of a task; nothing where it tells none.
pub(super) fn asks(
    context: Context<'_>,
    endpoint: &Endpoint,
    request: &Ident,
) -> Result<Option<TokenStream>, EmitError> {
    let Some(state) = &endpoint.tells else {
        return Ok(None);
    };
    let Response::Json { ty, .. } = endpoint.response else {
        return Err(EmitError::Poll {
            endpoint: endpoint.id.clone(),
            reason: "it tells of a task, and its answer has no fields".to_owned(),
        });
    };
    let answer = context.type_path(ty)?;
    let allow = endpoint.deprecated.is_some().then(|| quote!(#[allow(deprecated)]));
    let task = task(context, ty, state);
    Ok(Some(quote! {
        #allow
        impl ::larkspur::polling::Asks for #request {
            type Response = #answer;

            const ENDPOINT: &'static ::larkspur::endpoint::EndpointInfo = &#request::ENDPOINT;

            const TASK: ::larkspur::polling::Task = #task;
        }
    }))
}

/// The facts as a constant expression.
fn task(context: Context<'_>, answer: TypeId, told: &PollState) -> TokenStream {
    let PollState {
        path,
        done,
        failed,
        reason,
        ..
    } = told;
    let done = done.iter().map(state);
    let failed = (!failed.is_empty()).then(|| {
        let failed = failed.iter().map(|value| {
            let (state, meaning) = (state(value), meaning(context, answer, path, value));
            quote!((#state, #meaning))
        });
        quote!(.failed(&[#(#failed),*]))
    });
    let reason = (!reason.is_empty()).then(|| quote!(.reason(&[#(#reason),*])));
    quote!(::larkspur::polling::Task::new(&[#(#path),*], &[#(#done),*]) #failed #reason)
}

fn state(value: &Value) -> TokenStream {
    let state = match value {
        Value::Bool(truth) => quote!(Bool(#truth)),
        Value::String(text) => quote!(Text(#text)),
        value => {
            let number = integer(value.as_i64().unwrap_or_default());
            quote!(Int(#number))
        }
    };
    quote!(::larkspur::polling::State::#state)
}

/// What the spec says of a value of the state, else what it calls it; empty where it says nothing.
fn meaning(context: Context<'_>, answer: TypeId, path: &[String], value: &Value) -> String {
    let mut at = Some(answer);
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
        Some(TypeKind::IntEnum(variants)) => said(variants, |known| *value == *known),
        Some(TypeKind::StringEnum(variants)) => said(variants, |known| value == known.as_str()),
        _ => String::new(),
    }
}

fn said<T>(variants: &[Variant<T>], is: impl Fn(&T) -> bool) -> String {
    let variant = variants.iter().find(|variant| is(&variant.value));
    let said = variant.map(|variant| variant.doc.as_ref().unwrap_or(&variant.rust).clone());
    said.unwrap_or_default()
}
