//! One file: a resource with its endpoints and types, or the types that a project shares.

use super::allow::Span;
use super::{ModuleName, Reader};
use crate::finding;
use crate::model::{Endpoint, Module};
use crate::yaml::Node;

const KEYS: &[&str] = &["doc", "allow", "endpoints", "types"];

impl Reader<'_> {
    /// Second pass: reads what the file that is the module with index `module` says of itself and of its types.
    pub fn module(&mut self, module: usize, name: &ModuleName, root: &Node) -> Module {
        self.enter(module, name);
        let mut result = Module {
            project: name.project.clone(),
            version: name.version.clone(),
            resource: name.resource.clone(),
            rust: name.rust.clone(),
            source: name.source.clone(),
            doc: None,
            endpoints: Vec::new(),
            types: Vec::new(),
        };
        self.inside(&name.id(), |reader| {
            let Some(entries) = reader.entries(root, KEYS) else {
                return;
            };
            result.doc = reader.optional(&entries, "doc", Self::line);
            reader.allow(&entries, Span::file(entries.origin.file));
            if let Some(types) = entries.get("types") {
                reader.named_types(types);
            }
            if name.is_shared() && entries.get("endpoints").is_some() {
                let message = "a file of shared types has no endpoints";
                reader.report(finding::ENDPOINTS_IN_TYPES, entries.origin_of("endpoints"), message);
            }
        });
        result
    }

    /// Third pass: reads the endpoints, for which the fields of every type under `types:` are known.
    pub fn endpoints(&mut self, module: usize, name: &ModuleName, root: &Node) -> Vec<Endpoint> {
        self.enter(module, name);
        let Some(node) = super::declare::child(root, "endpoints") else {
            return Vec::new();
        };
        let entries = self.inside(&name.id(), |reader| reader.mapping(node));
        let mut endpoints = Vec::new();
        for (key, node) in entries.unwrap_or_default() {
            let id = format!("{}.{}", name.id(), key.text);
            self.starts.push(key.origin);
            endpoints.extend(self.inside(&id.clone(), |reader| reader.endpoint(id, key, node)));
        }
        endpoints
    }

    /// What is read from here on stands in this module.
    fn enter(&mut self, module: usize, name: &ModuleName) {
        self.module = module;
        self.shared = self.types.shared_module(&name.project, &name.version);
    }
}
