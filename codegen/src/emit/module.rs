//! One file of a spec as one file of Rust.

use std::collections::HashSet;
use std::path::PathBuf;

use proc_macro2::TokenStream;
use quote::quote;

use super::context::{Context, parts};
use super::docs::Docs;
use super::ident::module_ident;
use super::{DIRECTORY, EmitError, enumeration, error_enum, object, request, text};
use crate::model::{Api, Endpoint, Module, Response, TypeId, TypeKind};

/// The file of each module.
pub(super) fn paths(api: &Api) -> Result<Vec<PathBuf>, EmitError> {
    let mut seen = HashSet::new();
    let mut paths = Vec::new();
    for module in &api.modules {
        let path = path(module)?;
        if !seen.insert(path.clone()) {
            return Err(same_file(api, path, module));
        }
        paths.push(path);
    }
    Ok(paths)
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
    let own: HashSet<TypeId> = module.types.iter().copied().collect();
    let mut done = HashSet::new();
    for endpoint in &module.endpoints {
        items.push(request::request(context, endpoint)?);
        items.push(error_enum::error_enum(endpoint)?);
        if let Response::Json { ty, .. } = endpoint.response
            && own.contains(&ty)
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
