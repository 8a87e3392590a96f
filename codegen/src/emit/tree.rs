//! The tree of modules: `generated/mod.rs` and one `mod.rs` for each project and version.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::Docs;
use super::features::is_gated;
use super::ident::module_ident;
use super::{DIRECTORY, EmitError, Output, file, text};
use crate::model::Api;
use crate::names::is_reserved_project;

/// Project, version, modules.
type Tree<'a> = BTreeMap<&'a str, BTreeMap<&'a str, BTreeSet<&'a str>>>;

/// Where each `mod.rs` stands.
pub(super) fn paths(api: &Api) -> Result<Vec<PathBuf>, EmitError> {
    let tree = tree(api)?;
    let mut paths = vec![path(&[])];
    for (project, versions) in &tree {
        paths.push(path(&[project]));
        paths.extend(versions.keys().map(|version| path(&[project, version])));
    }
    Ok(paths)
}

/// Every `mod.rs`.
pub(super) fn files(api: &Api) -> Result<Output, EmitError> {
    let tree = tree(api)?;
    let mut output = Output::from([(path(&[]), file::render("spec/", top(&tree)?)?)]);
    for (project, versions) in &tree {
        let source = format!("spec/{project}/");
        let docs = project_docs(project);
        output.insert(
            path(&[project]),
            file::render(&source, list(docs, versions.keys(), &source)?)?,
        );
        for (version, modules) in versions {
            let source = format!("spec/{project}/{version}/");
            let docs = version_docs(project, version);
            output.insert(
                path(&[project, version]),
                file::render(&source, list(docs, modules, &source)?)?,
            );
        }
    }
    Ok(output)
}

fn path(directories: &[&str]) -> PathBuf {
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

/// One module for each project, behind its feature.
fn top(tree: &Tree<'_>) -> Result<TokenStream, EmitError> {
    let docs = Docs::new("What was generated from the spec: one module for each project of the platform.").inner();
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

/// What is said of a project.
pub(super) fn project_docs(project: &str) -> Docs {
    Docs::new(format!("The project {} of the platform.", text::code(project)))
}

/// What is said of a version.
pub(super) fn version_docs(project: &str, version: &str) -> Docs {
    let (project, version) = (text::code(project), text::code(version));
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
