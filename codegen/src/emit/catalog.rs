//! `generated/catalog.rs`: every endpoint in one list.

use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::quote;

use super::context::parts;
use super::docs::{self, Docs};
use super::features::is_gated;
use super::ident::module_ident;
use super::{DIRECTORY, EmitError, Output, deprecation, file, request};
use crate::model::{Api, Endpoint, Module};

/// The file of the list.
pub(super) fn file(api: &Api) -> Result<Output, EmitError> {
    Ok(Output::from([(path(), file::render("spec/", tokens(api)?)?)]))
}

/// Where it stands.
pub(super) fn path() -> PathBuf {
    Path::new(DIRECTORY).join("catalog.rs")
}

fn tokens(api: &Api) -> Result<TokenStream, EmitError> {
    let inner = Docs::new("Every endpoint of the SDK, for programs that ask which there are.").inner();
    let outer = docs::line("The endpoints of all projects whose feature is on, in the order of their names.");
    let mut endpoints: Vec<_> = api.endpoints().collect();
    endpoints.sort_by_key(|(_, endpoint)| &endpoint.id);
    let deprecated = endpoints.iter().any(|(_, endpoint)| endpoint.deprecated.is_some());
    let allow = deprecated.then(deprecation::allow);
    let elements = endpoints
        .into_iter()
        .map(|(module, endpoint)| element(module, endpoint))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(quote! {
        #inner
        #outer
        #allow
        pub static ENDPOINTS: &[&::larkspur::endpoint::EndpointInfo] = &[#(#elements),*];
    })
}

fn element(module: &Module, endpoint: &Endpoint) -> Result<TokenStream, EmitError> {
    let [project, version, name] = parts(module).map(|part| module_ident(part, &module.source));
    let (project, version, name) = (project?, version?, name?);
    let request = request::name(endpoint)?;
    let feature = &module.project;
    let gate = is_gated(feature).then(|| quote!(#[cfg(feature = #feature)]));
    Ok(quote!(#gate &super::#project::#version::#name::#request::ENDPOINT))
}
