//! One file of a spec as one file of Rust.

use std::collections::BTreeSet;
use std::path::PathBuf;

use proc_macro2::TokenStream;
use quote::quote;

use super::context::{Context, Home, parts};
use super::docs::Docs;
use super::ident::module_ident;
use super::{DIRECTORY, EmitError, Output, enumeration, error_enum, file, object, request, text};
use crate::model::{Api, Endpoint, Module, Response, TypeId, TypeKind};
use crate::parallel;

/// The file of each module.
pub(super) fn files(api: &Api) -> Result<Output, EmitError> {
    let mut output = Output::new();
    for module in &api.modules {
        let path = path(module)?;
        if output.insert(path.clone(), String::new()).is_some() {
            return Err(same_file(api, path, module));
        }
    }
    let indices: Vec<usize> = (0..api.modules.len()).collect();
    let texts = parallel::map(&indices, |&index| {
        let module = &api.modules[index];
        let text = file::render(&module.source, tokens(Context::new(api, index, Home::Sdk))?)?;
        Ok((path(module)?, text))
    });
    for text in texts {
        output.extend([text?]);
    }
    Ok(output)
}

fn path(module: &Module) -> Result<PathBuf, EmitError> {
    let mut path = PathBuf::from(DIRECTORY);
    for part in parts(module) {
        module_ident(part, &module.source)?;
        path.push(part);
    }
    path.set_extension("rs");
    Ok(path)
}

fn same_file(api: &Api, path: PathBuf, second: &Module) -> EmitError {
    let first = api
        .modules
        .iter()
        .find(|module| parts(module) == parts(second))
        .unwrap_or(second);
    EmitError::SameFile {
        path,
        first: first.source.clone(),
        second: second.source.clone(),
    }
}

/// Each endpoint with its errors and its answer, then the types that they share.
pub(super) fn tokens(context: Context<'_>) -> Result<TokenStream, EmitError> {
    let module = context.module();
    let docs = Docs::new(match &module.doc {
        Some(doc) => text::sentence(doc),
        None => format!("The resource {}.", text::code(&module.resource)),
    })
    .inner();
    let mut items = Vec::new();
    let mut done = BTreeSet::new();
    for endpoint in &module.endpoints {
        items.push(request::request(context, endpoint)?);
        items.push(error_enum::error_enum(endpoint)?);
        if let Response::Json { ty, .. } = endpoint.response
            && module.types.contains(&ty)
            && done.insert(ty)
        {
            items.push(type_def(context, ty)?);
        }
    }
    for id in module.types.iter().filter(|id| !done.contains(*id)) {
        items.push(type_def(context, *id)?);
    }
    Ok(quote!(#docs #(#items)*))
}

fn type_def(context: Context<'_>, id: TypeId) -> Result<TokenStream, EmitError> {
    let def = context.type_def(id);
    match &def.kind {
        TypeKind::Object(fields) => {
            let docs = object::describe(def, |name| match answered_by(context.api, id) {
                Some(endpoint) => format!("What {} answers.", text::code(&endpoint.id)),
                None => format!("The object `{name}`."),
            })?;
            object::object(context, def, fields, docs)
        }
        TypeKind::StringEnum(variants) => enumeration::of_strings(context, def, variants),
        TypeKind::IntEnum(variants) => enumeration::of_numbers(context, def, variants),
    }
}

/// The endpoint that answers with this type, if there is exactly one.
fn answered_by(api: &Api, id: TypeId) -> Option<&Endpoint> {
    let answers = |endpoint: &Endpoint| matches!(endpoint.response, Response::Json { ty, .. } if ty == id);
    let mut endpoints = api
        .endpoints()
        .map(|(_, endpoint)| endpoint)
        .filter(|endpoint| answers(endpoint));
    endpoints.next().filter(|_| endpoints.next().is_none())
}
