//! One spec file as one file of Rust, or a whole spec as one file for a crate that includes it.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use proc_macro2::TokenStream;
use quote::quote;

use super::context::{Context, Home, module_path};
use super::enums::{error_enum, int_enum, string_enum};
use super::error::{DIRECTORY, EmitError};
use super::markdown::{self, Docs};
use super::module_tree::{project_docs, version_docs};
use super::object::{object, type_docs};
use super::request::request;
use super::syntax::{module_ident, render_file};
use crate::model::{Api, Endpoint, Module, Response, TypeId, TypeKind};

/// Returns the path of the file of each module.
pub(super) fn module_paths(api: &Api) -> Result<Vec<PathBuf>, EmitError> {
    let mut seen = HashSet::new();
    let mut paths = Vec::new();
    for module in &api.modules {
        let path = file_path(module)?;
        if !seen.insert(path.clone()) {
            return Err(same_file(api, path, module));
        }
        paths.push(path);
    }
    Ok(paths)
}

fn file_path(module: &Module) -> Result<PathBuf, EmitError> {
    let mut path = PathBuf::from(DIRECTORY);
    for part in module_path(module) {
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
        .find(|module| module_path(module) == module_path(second))
        .unwrap_or(second);
    EmitError::SameFile {
        path,
        first: first.source.clone(),
        second: second.source.clone(),
    }
}

/// Emits each endpoint with its errors and its response, then the shared types.
pub(super) fn module_tokens(context: Context<'_>) -> Result<TokenStream, EmitError> {
    let module = context.module();
    let docs = Docs::new(match &module.doc {
        Some(doc) => markdown::sentence(doc),
        None => format!("The resource {}.", markdown::code(&module.resource)),
    })
    .inner();
    let mut items = Vec::new();
    let own: HashSet<TypeId> = module.types.iter().copied().collect();
    let mut done = HashSet::new();
    for endpoint in &module.endpoints {
        items.push(request(context, endpoint)?);
        items.push(error_enum(endpoint)?);
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
            let docs = type_docs(def, |name| match response_of(context.api, id) {
                Some(endpoint) => format!("The response of {}.", markdown::code(&endpoint.id)),
                None => format!("The object `{name}`."),
            })?;
            object(context, def, fields, docs)
        }
        TypeKind::StringEnum(variants) => string_enum(context, def, variants),
        TypeKind::IntEnum(variants) => int_enum(context, def, variants),
    }
}

/// Returns the endpoint whose response is this type, if there is exactly one.
fn response_of(api: &Api, id: TypeId) -> Option<&Endpoint> {
    let returns_type = |endpoint: &Endpoint| matches!(endpoint.response, Response::Json { ty, .. } if ty == id);
    let mut endpoints = api
        .endpoints()
        .map(|(_, endpoint)| endpoint)
        .filter(|endpoint| returns_type(endpoint));
    endpoints.next().filter(|_| endpoints.next().is_none())
}

/// Project, version, indices of modules.
type Tree<'a> = BTreeMap<&'a str, BTreeMap<&'a str, Vec<usize>>>;

/// Renders all of `api` as one file of nested modules that `include!` takes.
///
/// The output is for a crate other than the SDK: it has no features and no list of all endpoints, and the examples are not
/// compiled, since their paths depend on where the crate includes the file.
///
/// # Errors
///
/// The spec cannot become Rust.
pub fn emit_one_file(api: &Api) -> Result<String, EmitError> {
    let mut tree = Tree::new();
    for (index, module) in api.modules.iter().enumerate() {
        let versions = tree.entry(&module.project).or_default();
        versions.entry(&module.version).or_default().push(index);
    }
    let projects = tree
        .iter()
        .map(|(project, versions)| project_module(api, project, versions))
        .collect::<Result<TokenStream, _>>()?;
    render_file("the YAML of this crate", projects)
}

/// Allows unused items and style lints, for which the author of the crate is not responsible.
fn project_module(api: &Api, project: &str, versions: &BTreeMap<&str, Vec<usize>>) -> Result<TokenStream, EmitError> {
    let docs = project_docs(project).outer();
    let name = module_ident(project, &format!("spec/{project}/"))?;
    let versions = versions
        .iter()
        .map(|(version, modules)| version_module(api, project, version, modules))
        .collect::<Result<TokenStream, _>>()?;
    Ok(quote! {
        #docs
        #[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
        pub mod #name { #versions }
    })
}

fn version_module(api: &Api, project: &str, version: &str, modules: &[usize]) -> Result<TokenStream, EmitError> {
    let docs = version_docs(project, version).outer();
    let name = module_ident(version, &format!("spec/{project}/{version}/"))?;
    let modules = modules
        .iter()
        .map(|&index| resource_module(api, index))
        .collect::<Result<TokenStream, _>>()?;
    Ok(quote! {
        #docs
        pub mod #name { #modules }
    })
}

fn resource_module(api: &Api, index: usize) -> Result<TokenStream, EmitError> {
    let context = Context::new(api, index, Home::OtherCrate);
    let module = context.module();
    let name = module_ident(&module.rust, &module.source)?;
    let items = module_tokens(context)?;
    Ok(quote!(pub mod #name { #items }))
}
