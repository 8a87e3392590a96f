//! The modules above the resources: every `mod.rs`, the list of all endpoints, and the cargo features.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::quote;

use super::context::{module_path, request_ident};
use super::error::{DIRECTORY, EmitError, Output};
use super::markdown::{self, Docs, allow_deprecated, doc_line};
use super::syntax::{module_ident, render_file};
use crate::model::{Api, Endpoint, Module};
use crate::names::is_reserved_project;

/// Project, version, modules.
type Tree<'a> = BTreeMap<&'a str, BTreeMap<&'a str, BTreeSet<&'a str>>>;

/// Returns the path of each `mod.rs`.
pub(super) fn tree_paths(api: &Api) -> Result<Vec<PathBuf>, EmitError> {
    let tree = tree(api)?;
    let mut paths = vec![mod_path(&[])];
    for (project, versions) in &tree {
        paths.push(mod_path(&[project]));
        paths.extend(versions.keys().map(|version| mod_path(&[project, version])));
    }
    Ok(paths)
}

/// Renders every `mod.rs`.
pub(super) fn tree_files(api: &Api) -> Result<Output, EmitError> {
    let tree = tree(api)?;
    let mut output = Output::from([(mod_path(&[]), render_file("spec/", top(&tree)?)?)]);
    for (project, versions) in &tree {
        let source = format!("spec/{project}/");
        let docs = project_docs(project);
        output.insert(
            mod_path(&[project]),
            render_file(&source, list(docs, versions.keys(), &source)?)?,
        );
        for (version, modules) in versions {
            let source = format!("spec/{project}/{version}/");
            let docs = version_docs(project, version);
            output.insert(
                mod_path(&[project, version]),
                render_file(&source, list(docs, modules, &source)?)?,
            );
        }
    }
    Ok(output)
}

fn mod_path(directories: &[&str]) -> PathBuf {
    let mut path = PathBuf::from(DIRECTORY);
    path.extend(directories);
    path.join("mod.rs")
}

fn tree(api: &Api) -> Result<Tree<'_>, EmitError> {
    let mut tree = Tree::new();
    for module in &api.modules {
        if is_reserved_project(&module.project) {
            return Err(EmitError::ReservedProject {
                source_file: module.source.clone(),
                project: module.project.clone(),
            });
        }
        tree.entry(&module.project)
            .or_default()
            .entry(&module.version)
            .or_default()
            .insert(&module.rust);
    }
    Ok(tree)
}

/// Renders one module for each project, behind its feature.
fn top(tree: &Tree<'_>) -> Result<TokenStream, EmitError> {
    let docs = Docs::new("Code generated from the spec: one module for each project of the platform.").inner();
    let mut modules = vec![quote!(
        pub mod catalog;
    )];
    for project in tree.keys() {
        let name = module_ident(project, &format!("spec/{project}/"))?;
        let gate = is_gated(project).then(|| quote!(#[cfg(feature = #project)]));
        modules.push(quote!(#gate pub mod #name;));
    }
    Ok(quote!(#docs #(#modules)*))
}

/// Returns the documentation of a project.
pub(super) fn project_docs(project: &str) -> Docs {
    Docs::new(format!("The project {} of the platform.", markdown::code(project)))
}

/// Returns the documentation of a version.
pub(super) fn version_docs(project: &str, version: &str) -> Docs {
    let (project, version) = (markdown::code(project), markdown::code(version));
    Docs::new(format!("Version {version} of the project {project}."))
}

fn list<'a>(docs: Docs, names: impl IntoIterator<Item = &'a &'a str>, source: &str) -> Result<TokenStream, EmitError> {
    let docs = docs.inner();
    let names = names
        .into_iter()
        .map(|name| module_ident(name, source))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(quote!(#docs #(pub mod #names;)*))
}

/// Renders the list of all endpoints.
pub(super) fn catalog_file(api: &Api) -> Result<Output, EmitError> {
    Ok(Output::from([(catalog_path(), render_file("spec/", catalog(api)?)?)]))
}

/// Returns the path of the list of all endpoints.
pub(super) fn catalog_path() -> PathBuf {
    Path::new(DIRECTORY).join("catalog.rs")
}

fn catalog(api: &Api) -> Result<TokenStream, EmitError> {
    let inner = Docs::new("The list of all endpoints of the SDK.").inner();
    let outer = doc_line("The endpoints of all projects whose cargo feature is enabled, sorted by id.");
    let mut endpoints: Vec<_> = api.endpoints().collect();
    endpoints.sort_by_key(|(_, endpoint)| &endpoint.id);
    let deprecated = endpoints.iter().any(|(_, endpoint)| endpoint.deprecated.is_some());
    let allow = deprecated.then(allow_deprecated);
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
    let [project, version, name] = module_path(module).map(|part| module_ident(part, &module.source));
    let (project, version, name) = (project?, version?, name?);
    let request = request_ident(endpoint)?;
    let feature = &module.project;
    let gate = is_gated(feature).then(|| quote!(#[cfg(feature = #feature)]));
    Ok(quote!(#gate &super::#project::#version::#name::#request::ENDPOINT))
}

/// The line before the block.
const BEGIN: &str = "# @generated features: begin";

/// The line after the block.
const END: &str = "# @generated features: end";

/// Projects without a cargo feature: the client fetches its tokens with their endpoints.
const ALWAYS: &[&str] = &["auth", "authen"];

/// An error that prevents the replacement of the block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FeatureBlockError {
    /// A line is missing or out of order.
    #[error("Cargo.toml: line `{0}` is missing or out of order: add the two lines `{BEGIN}` and `{END}` to [features]")]
    Missing(&'static str),
    /// A line is repeated.
    #[error("Cargo.toml: duplicate line `{0}`: remove all but one")]
    Repeated(&'static str),
}

/// Returns whether the project has a cargo feature.
pub(super) fn is_gated(project: &str) -> bool {
    !ALWAYS.contains(&project)
}

/// Returns the projects that have a cargo feature, sorted.
pub fn gated_projects(api: &Api) -> BTreeSet<&str> {
    let projects = api.modules.iter().map(|module| module.project.as_str());
    projects.filter(|project| is_gated(project)).collect()
}

/// Replaces the block of features in the text of a manifest, and leaves the rest unchanged.
pub fn replace_features(manifest: &str, projects: &BTreeSet<&str>) -> Result<String, FeatureBlockError> {
    let begin = only_line(manifest, BEGIN)?;
    let end = only_line(manifest, END)?;
    if end < begin {
        return Err(FeatureBlockError::Missing(END));
    }
    let head = &manifest[..begin + BEGIN.len()];
    let tail = &manifest[end..];
    let lines: String = projects.iter().map(|project| format!("{project} = []\n")).collect();
    Ok(format!("{head}\n{lines}{tail}"))
}

/// Returns the offset of the only line with this text.
fn only_line(manifest: &str, text: &'static str) -> Result<usize, FeatureBlockError> {
    let mut at = 0;
    let mut found = None;
    for line in manifest.split_inclusive('\n') {
        if line.trim_end() == text && found.replace(at).is_some() {
            return Err(FeatureBlockError::Repeated(text));
        }
        at += line.len();
    }
    found.ok_or(FeatureBlockError::Missing(text))
}
