//! All of a spec as one file, for a crate that includes it: the same modules, nested.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::context::{Context, Home};
use super::ident::module_ident;
use super::tree::{project_docs, version_docs};
use super::{EmitError, file, module};
use crate::model::Api;

/// Project, version, indices of modules.
type Tree<'a> = BTreeMap<&'a str, BTreeMap<&'a str, Vec<usize>>>;

/// Renders all of `api` as one file of nested modules that `include!` takes.
///
/// It is for a crate other than the SDK: there are no features, no list of all endpoints, and the examples in the
/// documentation are not compiled, since only that crate knows where it includes the file.
pub fn emit_one_file(api: &Api) -> Result<String, EmitError> {
    let mut tree = Tree::new();
    for (index, module) in api.modules.iter().enumerate() {
        let versions = tree.entry(&module.project).or_default();
        versions.entry(&module.version).or_default().push(index);
    }
    let projects = tree
        .iter()
        .map(|(project, versions)| self::project(api, project, versions))
        .collect::<Result<TokenStream, _>>()?;
    file::render("the YAML of this crate", projects)
}

/// What a program does not use is no mistake of its author, and how the code looks is none either.
fn project(api: &Api, project: &str, versions: &BTreeMap<&str, Vec<usize>>) -> Result<TokenStream, EmitError> {
    let docs = project_docs(project).outer();
    let name = module_ident(project, &format!("spec/{project}/"))?;
    let versions = versions
        .iter()
        .map(|(version, modules)| self::version(api, project, version, modules))
        .collect::<Result<TokenStream, _>>()?;
    Ok(quote! {
        #docs
        #[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
        pub mod #name { #versions }
    })
}

fn version(api: &Api, project: &str, version: &str, modules: &[usize]) -> Result<TokenStream, EmitError> {
    let docs = version_docs(project, version).outer();
    let name = module_ident(version, &format!("spec/{project}/{version}/"))?;
    let modules = modules
        .iter()
        .map(|&index| resource(api, index))
        .collect::<Result<TokenStream, _>>()?;
    Ok(quote! {
        #docs
        pub mod #name { #modules }
    })
}

fn resource(api: &Api, index: usize) -> Result<TokenStream, EmitError> {
    let context = Context::new(api, index, Home::OtherCrate);
    let module = context.module();
    let name = module_ident(&module.rust, &module.source)?;
    let items = module::tokens(context)?;
    Ok(quote!(pub mod #name { #items }))
}
