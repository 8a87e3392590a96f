//! Parts of the output, each rendered from a slice of the [`Api`].
//!
//! The text of a part depends on its slice only. A slice numbers its modules and types separately, so that it does not change
//! with other parts.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::context::{Context, Home};
use super::modules::{
    catalog_file, catalog_path, index_path, index_text, module_paths, module_tokens, tree_files, tree_paths,
};
use super::syntax::render_file;
use super::{EmitError, Output};
use crate::model::{Api, Binary, Body, Endpoint, Module, PlatformHost, Response, Type, TypeDef, TypeId, TypeKind};

/// The parts of the output for an [`Api`].
pub(crate) struct Parts<'a> {
    api: &'a Api,
    index: Index<'a>,
    modules: Vec<PathBuf>,
}

/// A part of the output.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// Every `mod.rs` and the list of all endpoints.
    Outline,
    /// The index of all endpoints.
    Index,
    /// The file of the module with this index.
    Module(usize),
}

impl<'a> Parts<'a> {
    /// Finds the parts without rendering them.
    pub(crate) fn new(api: &'a Api) -> Result<Self, EmitError> {
        Ok(Self {
            api,
            index: Index::new(api),
            modules: module_paths(api)?,
        })
    }

    /// Returns all parts; the outline is first, since it takes longest.
    pub(crate) fn all(&self) -> Vec<Part> {
        let modules = (0..self.modules.len()).map(Part::Module);
        [Part::Outline, Part::Index].into_iter().chain(modules).collect()
    }

    /// Returns the input of a part: an equal slice gives equal text.
    pub(crate) fn slice(&self, part: Part) -> Api {
        match part {
            Part::Outline => self.index.names(outlined),
            Part::Index => self.index.names(indexed),
            Part::Module(index) => self.index.module(index),
        }
    }

    /// Returns the paths of the files of a part.
    pub(crate) fn paths(&self, part: Part) -> Result<Vec<PathBuf>, EmitError> {
        match part {
            Part::Outline => {
                let paths = tree_paths(self.api)?.into_iter();
                Ok(paths.chain([catalog_path()]).collect())
            }
            Part::Index => Ok(vec![index_path()]),
            Part::Module(index) => Ok(vec![self.modules[index].clone()]),
        }
    }

    /// Renders the files of a part from its slice.
    pub(crate) fn render(&self, part: Part, slice: &Api) -> Result<Output, EmitError> {
        match part {
            Part::Outline => {
                let mut output = tree_files(slice)?;
                output.extend(catalog_file(slice)?);
                Ok(output)
            }
            Part::Index => Ok(Output::from([(index_path(), index_text(slice))])),
            Part::Module(index) => {
                // The first module of a slice is the one to render.
                let context = Context::new(slice, 0, Home::Sdk);
                let text = render_file(&context.module().source, module_tokens(context)?)?;
                Ok(Output::from([(self.modules[index].clone(), text)]))
            }
        }
    }
}

/// The position of an endpoint: the index of its module, and its index in the module.
type Place = (usize, usize);

/// Lookup tables over the whole [`Api`].
pub(super) struct Index<'a> {
    api: &'a Api,
    endpoints: HashMap<&'a str, Place>,
    /// The endpoints that return a type as their response.
    responses: HashMap<TypeId, Vec<Place>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(api: &'a Api) -> Self {
        let mut endpoints = HashMap::new();
        let mut responses: HashMap<TypeId, Vec<Place>> = HashMap::new();
        for (module, index, endpoint) in placed(api) {
            endpoints.entry(endpoint.id.as_str()).or_insert((module, index));
            if let Response::Json { ty, .. } = endpoint.response {
                responses.entry(ty).or_default().push((module, index));
            }
        }
        Self {
            api,
            endpoints,
            responses,
        }
    }

    /// Returns the slice of the module at `index`: the module, the types that are reachable from it, the endpoints of other
    /// modules that it polls or sends parts to, and the endpoints that return its types.
    pub(super) fn module(&self, index: usize) -> Api {
        let mut slice = Slice::new(self.api);
        slice.place(index);
        let module = &self.api.modules[index];
        slice.modules[0].doc.clone_from(&module.doc);
        for (at, endpoint) in module.endpoints.iter().enumerate() {
            slice.add((index, at), endpoint.clone());
        }
        slice.modules[0].errors.clone_from(&module.errors);
        slice.modules[0].types = module.types.iter().map(|id| slice.number(*id)).collect();
        let polls = module.endpoints.iter().filter_map(|endpoint| endpoint.poll.as_ref());
        let uploads = module.endpoints.iter().filter_map(|endpoint| endpoint.upload.as_ref());
        let steps = uploads
            .flat_map(|upload| upload.steps())
            .map(|(_, step)| &step.endpoint);
        // Requests that this module constructs: the code depends on their fields and their deprecation.
        for id in polls.map(|poll| &poll.endpoint).chain(steps) {
            if let Some(&(module, at)) = self.endpoints.get(id.as_str()) {
                let endpoint = &self.api.modules[module].endpoints[at];
                let fields = endpoint.fields.clone();
                let deprecated = endpoint.deprecated.clone();
                slice.add(
                    (module, at),
                    Endpoint {
                        fields,
                        deprecated,
                        ..named(endpoint)
                    },
                );
            }
        }
        // The code depends on whether there is one or more.
        let responses = module.types.iter().filter_map(|id| self.responses.get(id));
        for &(module, at) in responses.flat_map(|places| places.iter().take(2)) {
            slice.add((module, at), named(&self.api.modules[module].endpoints[at]));
        }
        slice.finish()
    }

    /// Returns all modules and endpoints with what `reduce` keeps.
    pub(super) fn names(&self, reduce: fn(&Endpoint) -> Endpoint) -> Api {
        let modules = self.api.modules.iter().map(|module| Module {
            endpoints: module.endpoints.iter().map(reduce).collect(),
            ..bare(module)
        });
        Api {
            modules: modules.collect(),
            types: Vec::new(),
        }
    }
}

fn placed(api: &Api) -> impl Iterator<Item = (usize, usize, &Endpoint)> {
    let modules = api.modules.iter().enumerate();
    modules.flat_map(|(index, module)| {
        let endpoints = module.endpoints.iter().enumerate();
        endpoints.map(move |(at, endpoint)| (index, at, endpoint))
    })
}

/// Builds a slice.
struct Slice<'a> {
    api: &'a Api,
    modules: Vec<Module>,
    /// The index in the slice of each module.
    places: HashMap<usize, usize>,
    added: HashSet<Place>,
    /// The ids of the types of the slice in the whole [`Api`].
    order: Vec<TypeId>,
    numbers: HashMap<TypeId, TypeId>,
}

impl<'a> Slice<'a> {
    fn new(api: &'a Api) -> Self {
        Self {
            api,
            modules: Vec::new(),
            places: HashMap::new(),
            added: HashSet::new(),
            order: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    /// Returns the index in the slice of a module, which is added with its name only.
    fn place(&mut self, module: usize) -> usize {
        *self.places.entry(module).or_insert_with(|| {
            self.modules.push(bare(&self.api.modules[module]));
            self.modules.len() - 1
        })
    }

    /// Returns the id in the slice of a type.
    fn number(&mut self, id: TypeId) -> TypeId {
        *self.numbers.entry(id).or_insert_with(|| {
            self.order.push(id);
            TypeId(self.order.len() - 1)
        })
    }

    /// Adds an endpoint, unless the slice has it.
    fn add(&mut self, place: Place, mut endpoint: Endpoint) {
        if !self.added.insert(place) {
            return;
        }
        for field in &mut endpoint.fields {
            self.renumber(&mut field.ty);
        }
        if let Response::Json { ty, .. } = &mut endpoint.response {
            *ty = self.number(*ty);
        }
        let module = self.place(place.0);
        self.modules[module].endpoints.push(endpoint);
    }

    fn renumber(&mut self, ty: &mut Type) {
        match ty {
            Type::Named(id) => *id = self.number(*id),
            Type::List(inner) | Type::Map(inner) => self.renumber(inner),
            Type::String | Type::Int | Type::Float | Type::Bool | Type::Any | Type::File => {}
        }
    }

    /// Adds all reachable types.
    fn finish(mut self) -> Api {
        let mut types: Vec<TypeDef> = Vec::new();
        while let Some(&id) = self.order.get(types.len()) {
            let mut def = self.api.type_def(id).clone();
            def.module = self.place(def.module);
            if let TypeKind::Object(fields) = &mut def.kind {
                for field in fields {
                    self.renumber(&mut field.ty);
                }
            }
            types.push(def);
        }
        Api {
            modules: self.modules,
            types,
        }
    }
}

/// Returns the module without content.
fn bare(module: &Module) -> Module {
    Module {
        project: module.project.clone(),
        version: module.version.clone(),
        resource: module.resource.clone(),
        rust: module.rust.clone(),
        source: module.source.clone(),
        doc: None,
        endpoints: Vec::new(),
        types: Vec::new(),
        errors: Vec::new(),
    }
}

/// Returns an endpoint as the list of all endpoints needs it.
fn outlined(endpoint: &Endpoint) -> Endpoint {
    Endpoint {
        response: Response::Empty,
        deprecated: endpoint.deprecated.clone(),
        ..named(endpoint)
    }
}

/// Returns an endpoint as the index needs it.
fn indexed(endpoint: &Endpoint) -> Endpoint {
    Endpoint {
        summary: endpoint.summary.clone(),
        path: endpoint.path.clone(),
        response: match endpoint.response {
            Response::Binary(_) => Response::Binary(Binary::default()),
            Response::Empty | Response::Json { .. } => Response::Empty,
        },
        poll: endpoint.poll.clone(),
        upload: endpoint.upload.clone(),
        deprecated: endpoint.deprecated.clone(),
        ..named(endpoint)
    }
}

/// Returns an endpoint with its names and its response only.
fn named(endpoint: &Endpoint) -> Endpoint {
    Endpoint {
        keys: Vec::new(),
        id: endpoint.id.clone(),
        name: endpoint.name.clone(),
        rust: endpoint.rust.clone(),
        summary: None,
        docs: None,
        updated: None,
        method: endpoint.method,
        path: String::new(),
        source: None,
        token_sources: Vec::new(),
        host: PlatformHost::Open,
        tokens: None,
        apps: Vec::new(),
        scopes: None,
        field_scopes: Vec::new(),
        abilities: Vec::new(),
        limits: None,
        fixed_headers: Vec::new(),
        fixed_fields: Vec::new(),
        fields: Vec::new(),
        body: Body::None,
        response: endpoint.response.clone(),
        errors: Vec::new(),
        pagination: None,
        poll: None,
        task_state: None,
        upload: None,
        lifetime: None,
        idempotency: None,
        repeatable: false,
        oauth: false,
        deprecated: None,
        notes: Vec::new(),
        origin: endpoint.origin,
    }
}
