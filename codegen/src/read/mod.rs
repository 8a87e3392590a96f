//! From YAML nodes to the model.
//!
//! Readers report every error and continue, so that one run lists all of them. The placeholders that they return in place of
//! invalid values are never used: any error discards the [`Api`].
//!
//! [`Api`]: crate::model::Api

mod document;
mod endpoint;
mod errors;
mod field;
mod request;
mod response;
mod types;
mod value;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde_json::Value as Json;

use crate::characters;
use crate::finding::{Allowance, Finding};
use crate::model::{Bounds, Field, Module, Origin, Type, TypeDef, TypeId, TypeKind};

pub(crate) use document::{ModuleName, check_escaped_characters, check_text, parse_module_name};
pub(crate) use field::CLIENT_HEADERS;
pub(crate) use request::find_path_error;

/// The state of one run over a spec.
pub(crate) struct Reader<'s> {
    paths: &'s [&'s str],
    /// The current position: an id followed by keys.
    subject: Vec<String>,
    /// Index of the module being read.
    module: usize,
    /// Indices of the modules with the types of its project version and of the platform, in the order of the lookup.
    shared: Vec<usize>,
    /// Whether all files that can define a type of this module were parsed.
    is_scope_read: bool,
    /// Project and version of the module being read.
    version: (String, String),
    errors: errors::ErrorTable,
    /// Whether every file was parsed; if not, a missing reference may be defined in an unparsed file.
    pub complete: bool,
    pub findings: Vec<Finding>,
    pub types: TypeTable,
    /// Examples and defaults, checked after all types have been read.
    pub literals: Vec<Literal>,
    /// The `allow:` entries.
    pub allowances: Vec<Allowance>,
    /// Positions of the keys of endpoints and named types.
    pub entry_origins: Vec<Origin>,
}

/// An example or default that matches its type, to be checked against bounds and enums later.
#[derive(Debug)]
pub(crate) struct Literal {
    pub value: Json,
    pub ty: Type,
    pub bounds: Bounds,
    pub origin: Origin,
    /// Prefix of the findings about it.
    pub subject: String,
}

impl<'s> Reader<'s> {
    /// Creates a reader for files with these paths.
    pub fn new(paths: &'s [&'s str]) -> Self {
        Self {
            paths,
            subject: Vec::new(),
            module: 0,
            shared: Vec::new(),
            is_scope_read: true,
            version: Default::default(),
            errors: errors::ErrorTable::default(),
            complete: true,
            findings: Vec::new(),
            types: TypeTable::default(),
            literals: Vec::new(),
            allowances: Vec::new(),
            entry_origins: Vec::new(),
        }
    }

    /// Returns each module with the index of its file.
    pub fn modules_with_files<'m>(&self, modules: &'m [Module]) -> Vec<(usize, &'m Module)> {
        let file = |module: &&Module| self.paths.iter().position(|path| *path == module.source);
        modules
            .iter()
            .filter_map(|module| Some((file(&module)?, module)))
            .collect()
    }

    /// Runs `read` with `part` appended to the subject of findings.
    fn at_key<T>(&mut self, part: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.subject.push(part.to_owned());
        let result = read(self);
        self.subject.pop();
        result
    }

    /// Formats the current position: `drive.v1.media.download query.extra: `.
    fn format_subject(&self) -> String {
        match self.subject.split_first() {
            None => String::new(),
            Some((id, [])) => format!("{id}: "),
            Some((id, keys)) => format!("{id} {}: ", format_path(keys)),
        }
    }

    /// Reports a violation of `rule`.
    pub fn report(&mut self, rule: &'static str, origin: Origin, message: impl AsRef<str>) {
        let subject = self.format_subject();
        self.report_about(rule, origin, &subject, message.as_ref(), None);
    }

    /// Reports a violation of `rule` with its fix.
    pub fn report_with_help(
        &mut self,
        rule: &'static str,
        origin: Origin,
        message: impl AsRef<str>,
        help: impl Into<Cow<'static, str>>,
    ) {
        let subject = self.format_subject();
        self.report_about(rule, origin, &subject, message.as_ref(), Some(help.into()));
    }

    /// Reports a violation of `rule` about an explicit subject.
    pub fn report_about(
        &mut self,
        rule: &'static str,
        origin: Origin,
        subject: &str,
        message: &str,
        help: Option<Cow<'static, str>>,
    ) {
        let path = self.paths.get(origin.file).copied().unwrap_or_default();
        self.findings.push(Finding {
            rule,
            path: path.to_owned(),
            origin,
            message: format!("{subject}{message}"),
            help,
        });
    }
}

fn format_path(keys: &[String]) -> String {
    keys.iter()
        .map(|key| characters::escape(key))
        .collect::<Vec<_>>()
        .join(".")
}

/// The kind of a type, determined before its fields or values are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Object,
    StringEnum,
    IntEnum,
}

/// A suggestion is searched among at most this number of names.
const MAX_SUGGESTIONS: usize = 1000;

/// All types of a spec.
#[derive(Debug, Default)]
pub(crate) struct TypeTable {
    pub defs: Vec<TypeDef>,
    shapes: Vec<Shape>,
    /// Types under `types:`, by module and name.
    names: HashMap<(usize, String), TypeId>,
    /// The names of each module.
    names_of_module: HashMap<usize, Vec<String>>,
    /// The module with the shared types, for each project and version; both are empty for the platform.
    shared: BTreeMap<(String, String), usize>,
}

impl TypeTable {
    /// Records that `module` holds the shared types of a project version, or of the platform.
    pub fn set_shared_module(&mut self, project: &str, version: &str, module: usize) {
        self.shared.insert((project.to_owned(), version.to_owned()), module);
    }

    /// Adds a type under `types:` whose content has not been read yet.
    pub fn declare(&mut self, module: usize, name: &str, shape: Shape, origin: Origin) -> TypeId {
        let id = self.add_inline(module, name.to_owned(), shape, origin);
        self.defs[id.0].is_named = true;
        self.names.insert((module, name.to_owned()), id);
        self.names_of_module.entry(module).or_default().push(name.to_owned());
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
            is_named: false,
            flags: false,
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

    /// Marks an enum of integers as a bit mask.
    pub fn set_flags(&mut self, id: TypeId) {
        self.defs[id.0].flags = true;
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

    /// Returns the module with the shared types of a project version, or of the platform.
    pub fn shared_module(&self, project: &str, version: &str) -> Option<usize> {
        self.shared.get(&(project.to_owned(), version.to_owned())).copied()
    }

    /// Assigns each type to its module, in the order of definition.
    pub fn assign_to(&self, modules: &mut [Module]) {
        for (index, def) in self.defs.iter().enumerate() {
            modules[def.module].types.push(TypeId(index));
        }
    }

    /// Returns the names that can be referenced in `module`, including those of its `shared` modules; none if there are too
    /// many to suggest one.
    pub fn names_in_scope(&self, module: usize, shared: &[usize]) -> Vec<&str> {
        let modules = [module].into_iter().chain(shared.iter().copied());
        let lists = modules.filter_map(|module| self.names_of_module.get(&module));
        if lists.clone().map(Vec::len).sum::<usize>() > MAX_SUGGESTIONS {
            return Vec::new();
        }
        let mut names: Vec<&str> = lists.flatten().map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}
