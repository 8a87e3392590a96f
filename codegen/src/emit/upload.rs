//! What the runtime needs to send a file in parts.

use proc_macro2::TokenStream;
use quote::quote;

use super::context::Context;
use super::literal::integer;
use super::{EmitError, field_facts, request};
use crate::model::{Endpoint, Response, Step, Type, Upload};

/// The implementation of `upload::InParts` for a request whose file may be too large for one call; nothing for any other.
pub(super) fn in_parts(context: Context<'_>, endpoint: &Endpoint) -> Result<Option<TokenStream>, EmitError> {
    let Some(upload) = &endpoint.upload else {
        return Ok(None);
    };
    let Response::Json { ty, .. } = endpoint.response else {
        return Err(impossible(endpoint, "the answer has no fields".to_owned()));
    };
    let (name, answer) = (request::name(endpoint)?, context.type_path(ty)?);
    let [prepare, part, finish] = upload.steps().map(|(_, found)| step(context, endpoint, found));
    let (prepare, part, finish) = (prepare?, part?, finish?);
    let Upload {
        block_size,
        block_count,
        number,
        ..
    } = upload;
    let file = file(context, endpoint, &upload.part)?;
    let restart = upload.restart.iter().copied().map(integer);
    let allow = is_deprecated(context, endpoint).then(|| quote!(#[allow(deprecated)]));
    Ok(Some(quote! {
        #allow
        impl ::larkspur::upload::InParts for #name {
            type Response = #answer;

            fn parts(&self) -> &'static ::larkspur::upload::Parts {
                static PARTS: ::larkspur::upload::Parts = ::larkspur::upload::Parts::new(#prepare, #part, #finish)
                    .block_size(#block_size)
                    .block_count(#block_count)
                    .number(#number)
                    .file(#file)
                    .restart(&[#(#restart),*]);
                &PARTS
            }
        }
    }))
}

/// Whether the implementation names something that should no longer be used.
fn is_deprecated(context: Context<'_>, endpoint: &Endpoint) -> bool {
    let steps = endpoint.upload.iter().flat_map(|upload| upload.steps());
    let mut targets = steps.filter_map(|(_, step)| find(context, endpoint, step).ok());
    endpoint.deprecated.is_some() || targets.any(|(_, target)| target.deprecated.is_some())
}

/// The key of the field of a part that has its bytes.
fn file(context: Context<'_>, endpoint: &Endpoint, part: &Step) -> Result<String, EmitError> {
    let (_, target) = find(context, endpoint, part)?;
    let file = target.fields.iter().find(|field| field.ty == Type::File);
    let file = file.ok_or_else(|| impossible(endpoint, format!("`{}` takes no file", part.endpoint)))?;
    Ok(file.key.clone())
}

/// The endpoint of a step, and the index of its module.
fn find<'a>(context: Context<'a>, endpoint: &Endpoint, step: &Step) -> Result<(usize, &'a Endpoint), EmitError> {
    let modules = context.api.modules.iter().enumerate();
    let found = modules
        .filter(|(_, module)| module.project == context.module().project)
        .find_map(|(index, module)| {
            let target = module.endpoints.iter().find(|target| target.id == step.endpoint)?;
            Some((index, target))
        });
    found.ok_or_else(|| impossible(endpoint, format!("the project has no endpoint `{}`", step.endpoint)))
}

/// An endpoint with its fields, as constant data.
fn step(context: Context<'_>, endpoint: &Endpoint, step: &Step) -> Result<TokenStream, EmitError> {
    let (module, target) = find(context, endpoint, step)?;
    let name = context.path_to(module, &request::name(target)?)?;
    let fields = target.fields.iter().map(|field| {
        let place = || format!("the field `{}` of {}", field.key, target.id);
        field_facts::field(field, place)
    });
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    Ok(quote!(::larkspur::upload::Step::new(&#name::ENDPOINT, &[#(#fields),*])))
}

fn impossible(endpoint: &Endpoint, reason: String) -> EmitError {
    EmitError::Upload {
        endpoint: endpoint.id.clone(),
        reason,
    }
}
