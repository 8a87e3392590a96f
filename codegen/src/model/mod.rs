//! The resolved model of a spec: what every output of this crate starts from.
//!
//! The loader builds one [`Api`] out of the YAML files and nothing else reads them again. All names
//! are already Rust names here, all type names are resolved, and whatever could be wrong with the
//! text of a spec has been reported before an `Api` exists.
//!
//! It serializes only to be compared with what it was in an earlier run, so places in files are left out; what other
//! programs read is [`crate::export`].

mod endpoint;
mod types;

use serde::Serialize;

pub use endpoint::*;
pub use types::*;

/// Everything that one spec tree says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Api {
    /// One for each YAML file, ordered by project, version and resource.
    pub modules: Vec<Module>,
    /// Every named type, from whichever file; [`TypeId`] is an index into this.
    pub types: Vec<TypeDef>,
}

impl Api {
    /// The type that `id` stands for.
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

    /// Every endpoint with the module it stands in, in the order of the modules.
    pub fn endpoints(&self) -> impl Iterator<Item = (&Module, &Endpoint)> {
        self.modules
            .iter()
            .flat_map(|module| module.endpoints.iter().map(move |endpoint| (module, endpoint)))
    }

    /// The endpoint with this id, such as `drive.v1.media.download`.
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
    /// The platform's name of the resource, dots included: `app.table.record`. It is `types` for the
    /// file that holds the types which a whole project shares.
    pub resource: String,
    /// The Rust module: the resource with its dots turned into underscores.
    pub rust: String,
    /// Path of the YAML file as headers and findings name it: `spec/drive/v1/media.yaml`.
    pub source: String,
    /// What the resource is, in one line of our own.
    pub doc: Option<String>,
    /// In the order of the file.
    pub endpoints: Vec<Endpoint>,
    /// Types defined in this file, in order: named ones first, then those of inline objects and
    /// enums in the order in which they are met.
    pub types: Vec<TypeId>,
}

impl Module {
    /// `drive.v1.media`, the prefix of the ids of its endpoints.
    pub fn id(&self) -> String {
        format!("{}.{}.{}", self.project, self.version, self.resource)
    }
}
