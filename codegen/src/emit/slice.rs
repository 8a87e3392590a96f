//! What one part of the output follows from: as much of the [`Api`] as it is rendered from, and no more.
//!
//! A part is rendered from its slice alone, so its text cannot depend on anything else; and in a slice nothing is
//! numbered as in the whole, so it stays the same where something else changes.

use std::collections::{HashMap, HashSet};

use crate::model::{Api, Body, Endpoint, Module, Response, Type, TypeDef, TypeId, TypeKind};

/// Where an endpoint stands: index of its module, and its own in that.
type Place = (usize, usize);

/// What slices look up in the whole of an [`Api`].
pub(super) struct Index<'a> {
    api: &'a Api,
    endpoints: HashMap<&'a str, Place>,
    /// For each type the endpoints that answer with it.
    answers: HashMap<TypeId, Vec<Place>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(api: &'a Api) -> Self {
        let mut endpoints = HashMap::new();
        let mut answers: HashMap<TypeId, Vec<Place>> = HashMap::new();
        for (module, index, endpoint) in placed(api) {
            endpoints.entry(endpoint.id.as_str()).or_insert((module, index));
            if let Response::Json { ty, .. } = endpoint.response {
                answers.entry(ty).or_default().push((module, index));
            }
        }
        Self {
            api,
            endpoints,
            answers,
        }
    }

    /// The module at `index`, as the first of its slice; the types that can be reached from it; and of other modules the
    /// endpoints that it polls or sends parts to and those that answer with its types.
    pub(super) fn module(&self, index: usize) -> Api {
        let mut slice = Slice::new(self.api);
        slice.place(index);
        let module = &self.api.modules[index];
        slice.modules[0].doc.clone_from(&module.doc);
        for (at, endpoint) in module.endpoints.iter().enumerate() {
            slice.add((index, at), endpoint.clone());
        }
        slice.modules[0].types = module.types.iter().map(|id| slice.number(*id)).collect();
        let polls = module.endpoints.iter().filter_map(|endpoint| endpoint.poll.as_ref());
        let uploads = module.endpoints.iter().filter_map(|endpoint| endpoint.upload.as_ref());
        let steps = uploads
            .flat_map(|upload| upload.steps())
            .map(|(_, step)| &step.endpoint);
        // The requests that this module makes of its own: their fields count, and whether they are deprecated.
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
        // Whether there is one or more is all that counts.
        let answers = module.types.iter().filter_map(|id| self.answers.get(id));
        for &(module, at) in answers.flat_map(|places| places.iter().take(2)) {
            slice.add((module, at), named(&self.api.modules[module].endpoints[at]));
        }
        slice.finish()
    }

    /// Every module and its endpoints, by name.
    pub(super) fn outline(&self) -> Api {
        let modules = self.api.modules.iter().map(|module| Module {
            endpoints: module.endpoints.iter().map(outlined).collect(),
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

/// A slice in the making.
struct Slice<'a> {
    api: &'a Api,
    modules: Vec<Module>,
    /// For each module of the whole its index in the slice.
    places: HashMap<usize, usize>,
    added: HashSet<Place>,
    /// The types of the slice, as the whole numbers them.
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

    /// The index in the slice of a module of the whole, of which there is no more than its name so far.
    fn place(&mut self, module: usize) -> usize {
        *self.places.entry(module).or_insert_with(|| {
            self.modules.push(bare(&self.api.modules[module]));
            self.modules.len() - 1
        })
    }

    /// The number in the slice of a type of the whole.
    fn number(&mut self, id: TypeId) -> TypeId {
        *self.numbers.entry(id).or_insert_with(|| {
            self.order.push(id);
            TypeId(self.order.len() - 1)
        })
    }

    /// Adds an endpoint of the whole, unless it is there already.
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

    /// With the types that were named, those that they name, and so on.
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

/// A module with nothing in it.
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
    }
}

/// An endpoint as the list of all has it.
fn outlined(endpoint: &Endpoint) -> Endpoint {
    Endpoint {
        response: Response::Empty,
        deprecated: endpoint.deprecated.clone(),
        ..named(endpoint)
    }
}

/// An endpoint of which no more is known than what it is called and what it answers.
fn named(endpoint: &Endpoint) -> Endpoint {
    Endpoint {
        id: endpoint.id.clone(),
        name: endpoint.name.clone(),
        rust: endpoint.rust.clone(),
        summary: None,
        docs: None,
        updated: None,
        method: endpoint.method,
        path: String::new(),
        tokens: None,
        apps: Vec::new(),
        scopes: None,
        field_scopes: Vec::new(),
        abilities: Vec::new(),
        limits: None,
        fixed_headers: Vec::new(),
        fields: Vec::new(),
        body: Body::None,
        response: endpoint.response.clone(),
        errors: Vec::new(),
        pagination: None,
        poll: None,
        tells: None,
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
