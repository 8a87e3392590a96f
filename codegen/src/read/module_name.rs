//! What the path of a spec file says.

use super::{Reader, shown};
use crate::finding;
use crate::model::Origin;
use crate::names;

/// Project, version and resource of a file.
#[derive(Debug, Clone)]
pub(crate) struct ModuleName {
    pub project: String,
    pub version: String,
    pub resource: String,
    /// The Rust module.
    pub rust: String,
    /// The path as it came.
    pub source: String,
}

impl ModuleName {
    /// The resource whose file holds the types that a project's version shares.
    pub const SHARED: &str = "types";

    /// `drive.v1.media`, the beginning of the endpoints' ids.
    pub fn id(&self) -> String {
        format!("{}.{}.{}", self.project, self.version, self.resource)
    }

    /// Whether the file holds shared types instead of a resource.
    pub fn is_shared(&self) -> bool {
        self.resource == Self::SHARED
    }
}

/// Reads `spec/<project>/<version>/<resource>.yaml`.
pub(crate) fn module_name(reader: &mut Reader<'_>, start: Origin, path: &str) -> Option<ModuleName> {
    let name = taken_apart(path);
    if let Err(fault) = &name {
        let help = "a spec file is spec/<project>/<version>/<resource>.yaml, such as spec/drive/v1/media.yaml";
        reader.report_with_help(finding::FILE_PATH, start, fault, help);
    }
    name.ok()
}

fn taken_apart(path: &str) -> Result<ModuleName, String> {
    let parts: Vec<&str> = path.split('/').collect();
    let ["spec", project, version, file] = parts.as_slice() else {
        return Err(format!("the path {} has not four parts", shown(path)));
    };
    let Some(resource) = file.strip_suffix(".yaml") else {
        let file = shown(file);
        return Err(format!("the file name {file} does not end in .yaml"));
    };
    if !is_project(project) {
        let project = shown(project);
        return Err(format!("{project} cannot be the name of a project"));
    }
    if !names::is_version(version) {
        let version = shown(version);
        return Err(format!("{version} is no version: `v` and a number"));
    }
    if !names::is_resource(resource) {
        let resource = shown(resource);
        return Err(format!("{resource} cannot be the name of a resource"));
    }
    Ok(ModuleName {
        project: (*project).to_owned(),
        version: (*version).to_owned(),
        resource: resource.to_owned(),
        rust: names::module(resource),
        source: path.to_owned(),
    })
}

/// A project is a Rust module and a cargo feature under its own name, so it cannot be escaped.
fn is_project(text: &str) -> bool {
    names::is_snake(text) && !names::is_keyword(text) && !names::is_reserved_project(text)
}
