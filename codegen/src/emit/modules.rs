//! The modules of the output: one file for each spec file, every `mod.rs`, the list of all endpoints, and the cargo features.
//! For a crate that includes it, a whole spec is one file.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::context::{Code, Context, Home, module_path, request_ident};
use super::enums::{int_enum, string_enum};
use super::errors::{ENUM, error_codes};
use super::flags::flags_type;
use super::markdown::{self, Docs, allow_deprecated, doc_line};
use super::object::{object, type_docs};
use super::request::request;
use super::syntax::{head_line, module_ident, render_file};
use super::{DIRECTORY, EmitError, Output};
use crate::index::Index;
use crate::model::{Api, Endpoint, Module, Response, TypeId, TypeKind};
use crate::names::is_reserved_project;
use crate::read::ModuleName;

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

/// Emits each endpoint with its response, then the shared types, then all metadata; or the error codes of a project version.
pub(super) fn module_tokens(context: Context<'_>) -> Result<TokenStream, EmitError> {
    let module = context.module();
    let docs = Docs::new(match &module.doc {
        Some(doc) => markdown::sentence(doc),
        None if module.is_platform() => "Types of the platform that several projects share.".to_owned(),
        None => format!("The resource {}.", markdown::code(&module.resource)),
    })
    .inner();
    let (mut items, mut metadata) = (Vec::new(), Vec::new());
    let mut add = |code: Code| {
        items.push(code.item);
        metadata.push(code.metadata);
    };
    let own: HashSet<TypeId> = module.types.iter().copied().collect();
    let mut done = HashSet::new();
    for endpoint in &module.endpoints {
        add(request(context, endpoint)?);
        if let Response::Json { ty, .. } = endpoint.response
            && own.contains(&ty)
            && done.insert(ty)
        {
            add(type_def(context, ty)?);
        }
    }
    for id in module.types.iter().filter(|id| !done.contains(*id)) {
        add(type_def(context, *id)?);
    }
    add(error_codes(module)?);
    let import = (!(module.endpoints.is_empty() && module.types.is_empty() && module.errors.is_empty())).then(|| {
        quote!(
            use ::larkspur::__private as g;
        )
    });
    Ok(quote!(#docs #import #(#items)* #(#metadata)*))
}

fn type_def(context: Context<'_>, id: TypeId) -> Result<Code, EmitError> {
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
        TypeKind::IntEnum(variants) if def.flags => flags_type(context, def, variants),
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
type ModuleIndices<'a> = BTreeMap<&'a str, BTreeMap<&'a str, Vec<usize>>>;

/// Renders all of `api` as one file of nested modules that `include!` takes.
///
/// The output is for a crate other than the SDK: it has no features and no list of all endpoints, and the examples are not
/// compiled, since their paths depend on where the crate includes the file.
///
/// # Errors
///
/// The spec cannot become Rust.
pub fn emit_one_file(api: &Api) -> Result<String, EmitError> {
    let mut tree = ModuleIndices::new();
    let mut platform = None;
    for (index, module) in api.modules.iter().enumerate() {
        if module.is_platform() {
            platform = Some(platform_module(api, index)?);
            continue;
        }
        let versions = tree.entry(&module.project).or_default();
        versions.entry(&module.version).or_default().push(index);
    }
    let projects = tree
        .iter()
        .map(|(project, versions)| project_module(api, project, versions))
        .collect::<Result<TokenStream, _>>()?;
    render_file("the YAML of this crate", quote!(#projects #platform))
}

/// Allows unused items and style lints, as [`project_module`] does.
fn platform_module(api: &Api, index: usize) -> Result<TokenStream, EmitError> {
    let module = resource_module(api, index)?;
    Ok(quote! {
        #[allow(dead_code, unreachable_pub, clippy::all, clippy::pedantic)]
        #module
    })
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
        #[allow(dead_code, unreachable_pub, unused_imports, clippy::all, clippy::pedantic)]
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
    let declaration = declare_module(&module.rust, &name);
    Ok(quote!(#declaration { #items }))
}

/// Returns the declaration of a module without its content. The module of error codes is private: the project version
/// exports its enum.
fn declare_module(rust: &str, name: &Ident) -> TokenStream {
    if rust != ModuleName::ERRORS {
        return quote!(pub mod #name);
    }
    let codes = format_ident!("{ENUM}");
    quote!(pub use #name::#codes; mod #name)
}

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
    let platform = api.modules.iter().find(|module| module.is_platform());
    let mut output = Output::from([(mod_path(&[]), render_file("spec/", top(&tree, platform)?)?)]);
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
    for module in api.modules.iter().filter(|module| !module.is_platform()) {
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

/// Renders one module for each project, behind its feature, and one for the types of the platform.
fn top(tree: &Tree<'_>, platform: Option<&Module>) -> Result<TokenStream, EmitError> {
    let docs = Docs::new("Code generated from the spec: one module for each project of the platform.").inner();
    let mut modules = vec![quote!(
        pub mod catalog;
    )];
    for project in tree.keys() {
        let name = module_ident(project, &format!("spec/{project}/"))?;
        let gate = is_gated(project).then(|| quote!(#[cfg(feature = #project)]));
        modules.push(quote!(#gate pub mod #name;));
    }
    if let Some(platform) = platform {
        let name = module_ident(&platform.rust, &platform.source)?;
        modules.push(quote!(pub mod #name;));
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
    let declarations = names.iter().map(|name| declare_module(&name.to_string(), name));
    Ok(quote!(#docs #(#declarations;)*))
}

/// Renders the list of all endpoints.
pub(super) fn catalog_file(api: &Api) -> Result<Output, EmitError> {
    Ok(Output::from([(catalog_path(), render_file("spec/", catalog(api)?)?)]))
}

/// Returns the path of the list of all endpoints.
pub(super) fn catalog_path() -> PathBuf {
    Path::new(DIRECTORY).join("catalog.rs")
}

/// Returns the path of the index of all endpoints.
pub(super) fn index_path() -> PathBuf {
    Path::new(DIRECTORY).join("index.txt")
}

/// Returns the text of the index of all endpoints.
pub(super) fn index_text(api: &Api) -> String {
    format!("{}\n{}", head_line("spec/"), Index::new(api).text())
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
    let path = module_path(module).into_iter();
    let path = path.map(|part| module_ident(part, &module.source));
    let path = path.collect::<Result<Vec<_>, _>>()?;
    let request = request_ident(endpoint)?;
    let feature = &module.project;
    let gate = is_gated(feature).then(|| quote!(#[cfg(feature = #feature)]));
    Ok(quote!(#gate &super::#(#path::)* #request::ENDPOINT))
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
    let modules = api.modules.iter().filter(|module| !module.is_platform());
    let projects = modules.map(|module| module.project.as_str());
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
