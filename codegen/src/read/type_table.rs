//! All named types of a spec, and which name means which.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Field, Module, Origin, TypeDef, TypeId, TypeKind};

/// What a type is, known before its fields or values are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Object,
    StringEnum,
    IntEnum,
}

/// All named types of a spec.
#[derive(Debug, Default)]
pub(crate) struct TypeTable {
    pub defs: Vec<TypeDef>,
    shapes: Vec<Shape>,
    /// Types under `types:`, by module and name.
    names: HashMap<(usize, String), TypeId>,
    /// The module with the shared types, for each project and version.
    shared: BTreeMap<(String, String), usize>,
}

impl TypeTable {
    /// Says that `module` holds the types which a project's version shares.
    pub fn share(&mut self, project: &str, version: &str, module: usize) {
        self.shared.insert((project.to_owned(), version.to_owned()), module);
    }

    /// Adds a type under `types:`, of which no more is known yet.
    pub fn declare(&mut self, module: usize, name: &str, shape: Shape, origin: Origin) -> TypeId {
        let id = self.inline(module, name.to_owned(), shape, origin);
        self.names.insert((module, name.to_owned()), id);
        id
    }

    /// Adds the type of an inline object or enum, which no name of the spec means.
    pub fn inline(&mut self, module: usize, rust: String, shape: Shape, origin: Origin) -> TypeId {
        let id = TypeId(self.defs.len());
        self.shapes.push(shape);
        self.defs.push(TypeDef {
            module,
            rust,
            doc: None,
            kind: TypeKind::Object(Vec::new()),
            in_request: false,
            in_response: false,
            origin,
        });
        id
    }

    /// Fills in a type.
    pub fn define(&mut self, id: TypeId, doc: Option<String>, kind: TypeKind) {
        let def = &mut self.defs[id.0];
        def.doc = doc;
        def.kind = kind;
    }

    /// The fields of an object that has been read.
    pub fn fields(&self, id: TypeId) -> &[Field] {
        self.defs[id.0].kind.fields()
    }

    /// What a type is.
    pub fn shape(&self, id: TypeId) -> Shape {
        self.shapes[id.0]
    }

    /// The type that `name` means in `module`.
    pub fn named(&self, module: usize, name: &str) -> Option<TypeId> {
        self.names.get(&(module, name.to_owned())).copied()
    }

    /// The module whose types `project` and `version` share.
    pub fn shared_module(&self, project: &str, version: &str) -> Option<usize> {
        self.shared.get(&(project.to_owned(), version.to_owned())).copied()
    }

    /// Tells each module which types it defines, in the order in which they were met.
    pub fn hand_out(&self, modules: &mut [Module]) {
        for (index, def) in self.defs.iter().enumerate() {
            modules[def.module].types.push(TypeId(index));
        }
    }

    /// Names that can be used in `module` or, where it has one, its shared module.
    pub fn known_names(&self, module: usize, shared: Option<usize>) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .names
            .keys()
            .filter(|(home, _)| *home == module || Some(*home) == shared)
            .map(|(_, name)| name.as_str())
            .collect();
        names.sort_unstable();
        names
    }
}
