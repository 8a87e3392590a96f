//! The resolved model of a spec, from which every output of this crate is derived.
//!
//! The loader builds one [`Api`] from the YAML files. Rust names are derived, type names are resolved, and an `Api` exists only
//! if the spec has no errors.
//!
//! It serializes for comparison with an earlier run, without positions; [`crate::export`] is the format for other
//! programs.

mod endpoint;
mod types;

use serde::Serialize;

pub use endpoint::*;
pub use types::*;

/// The content of a spec.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Api {
    /// One module per YAML file, ordered by project, version and resource.
    pub modules: Vec<Module>,
    /// The types of all files; [`TypeId`] is an index into this.
    pub types: Vec<TypeDef>,
}

impl Api {
    /// Returns the type with this id.
    pub fn type_def(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0]
    }

    /// Returns the fields of the endpoint's response; none unless it is a JSON object.
    pub fn response_fields(&self, endpoint: &Endpoint) -> &[Field] {
        match endpoint.response {
            Response::Json { ty, .. } => self.type_def(ty).kind.fields(),
            Response::Empty | Response::Binary(_) => &[],
        }
    }

    /// Iterates over every endpoint with its module, in the order of the modules.
    pub fn endpoints(&self) -> impl Iterator<Item = (&Module, &Endpoint)> {
        self.modules
            .iter()
            .flat_map(|module| module.endpoints.iter().map(move |endpoint| (module, endpoint)))
    }

    /// Returns the endpoint with this id, such as `drive.v1.media.download`.
    pub fn endpoint(&self, id: &str) -> Option<&Endpoint> {
        self.endpoints()
            .map(|(_, endpoint)| endpoint)
            .find(|endpoint| endpoint.id == id)
    }
}

/// One YAML file, which becomes one generated Rust module.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Module {
    /// `drive` in `spec/drive/v1/media.yaml`: a Rust module and a cargo feature.
    pub project: String,
    /// `v1` in `spec/drive/v1/media.yaml`: a Rust module.
    pub version: String,
    /// The platform's name of the resource, including dots: `app.table.record`. `types` for the file with the shared types
    /// of a project.
    pub resource: String,
    /// The Rust module: the resource with underscores for dots.
    pub rust: String,
    /// Path of the YAML file: `spec/drive/v1/media.yaml`.
    pub source: String,
    /// A one-line description of the resource.
    pub doc: Option<String>,
    /// Endpoints in file order.
    pub endpoints: Vec<Endpoint>,
    /// Types defined in this file: named types first, then inline objects and enums in file order.
    pub types: Vec<TypeId>,
}

impl Module {
    /// Returns `drive.v1.media`, the prefix of the ids of its endpoints.
    pub fn id(&self) -> String {
        format!("{}.{}.{}", self.project, self.version, self.resource)
    }
}
