//! The table of all types of a spec, by id and by name.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Field, Module, Origin, TypeDef, TypeId, TypeKind};

/// The kind of a type, determined before its fields or values are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Object,
    StringEnum,
    IntEnum,
}

/// All types of a spec.
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
    /// Records that `module` holds the shared types of a project version.
    pub fn set_shared_module(&mut self, project: &str, version: &str, module: usize) {
        self.shared.insert((project.to_owned(), version.to_owned()), module);
    }

    /// Adds a type under `types:` whose content has not been read yet.
    pub fn declare(&mut self, module: usize, name: &str, shape: Shape, origin: Origin) -> TypeId {
        let id = self.add_inline(module, name.to_owned(), shape, origin);
        self.names.insert((module, name.to_owned()), id);
        id
    }

    /// Adds the type of an inline object or enum, which cannot be referenced by name.
    pub fn add_inline(&mut self, module: usize, rust: String, shape: Shape, origin: Origin) -> TypeId {
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

    /// Sets the content of a type.
    pub fn define(&mut self, id: TypeId, doc: Option<String>, kind: TypeKind) {
        let def = &mut self.defs[id.0];
        def.doc = doc;
        def.kind = kind;
    }

    /// Returns the fields of an object that has been read; none for an enum.
    pub fn fields(&self, id: TypeId) -> &[Field] {
        self.defs[id.0].kind.fields()
    }

    /// Returns the kind of a type.
    pub fn shape(&self, id: TypeId) -> Shape {
        self.shapes[id.0]
    }

    /// Returns the type called `name` in `module`.
    pub fn find(&self, module: usize, name: &str) -> Option<TypeId> {
        self.names.get(&(module, name.to_owned())).copied()
    }

    /// Returns the module with the shared types of a project version.
    pub fn shared_module(&self, project: &str, version: &str) -> Option<usize> {
        self.shared.get(&(project.to_owned(), version.to_owned())).copied()
    }

    /// Assigns each type to its module, in the order of definition.
    pub fn assign_to(&self, modules: &mut [Module]) {
        for (index, def) in self.defs.iter().enumerate() {
            modules[def.module].types.push(TypeId(index));
        }
    }

    /// Returns the names that can be referenced in `module`, including those of its shared module.
    pub fn names_in_scope(&self, module: usize, shared: Option<usize>) -> Vec<&str> {
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
