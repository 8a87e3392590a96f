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
pub(crate) fn module_name(
    reader: &mut Reader<'_>,
    start: Origin,
    path: &str,
) -> Option<ModuleName> {
    let mut fault = |message: String| {
        reader.report_with_help(
            finding::FILE_PATH,
            start,
            message,
            "a spec file is spec/<project>/<version>/<resource>.yaml, such as spec/drive/v1/media.yaml",
        );
        None
    };
    let parts: Vec<&str> = path.split('/').collect();
    let ["spec", project, version, file] = parts.as_slice() else {
        return fault(format!("the path {} has not four parts", shown(path)));
    };
    let Some(resource) = file.strip_suffix(".yaml") else {
        return fault(format!(
            "the file name {} does not end in .yaml",
            shown(file)
        ));
    };
    if !names::is_snake(project)
        || names::is_keyword(project)
        || names::is_reserved_project(project)
    {
        return fault(format!(
            "{} cannot be the name of a project",
            shown(project)
        ));
    }
    if !names::is_version(version) {
        return fault(format!(
            "{} is no version: `v` and a number",
            shown(version)
        ));
    }
    if !names::is_resource(resource) {
        return fault(format!(
            "{} cannot be the name of a resource",
            shown(resource)
        ));
    }
    Some(ModuleName {
        project: (*project).to_owned(),
        version: (*version).to_owned(),
        resource: resource.to_owned(),
        rust: names::module(resource),
        source: path.to_owned(),
    })
}
