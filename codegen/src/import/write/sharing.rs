//! Shared types: objects with equal structure become one named type.
//!
//! The number of types determines the compile time of the SDK. A shared type is in the resource's file if only its
//! endpoints use it, else in the `types.yaml` of the project version.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::super::model::{Bounds, Endpoint, EnumValue, Field, Object, Type};
use super::entry;
use crate::model::{self as spec, Api, TypeDef, TypeId, TypeKind};
use crate::{Source, names};

/// Named types with their fields, by file.
pub(super) type SharedTypes = BTreeMap<String, Vec<(String, Vec<Field>)>>;

/// The uses of an object.
#[derive(Default)]
struct Uses {
    count: usize,
    files: BTreeSet<String>,
    /// The fields of the first one, with the examples of all.
    sample: Vec<Field>,
    /// How often the pages give it each name, or a field without one each key; and the order in which they were found.
    names: HashMap<String, (usize, Reverse<usize>)>,
}

impl Uses {
    /// Returns the possible names, the most frequent first.
    fn candidates(&self) -> Vec<String> {
        let mut names: Vec<_> = self.names.iter().filter(|(name, _)| !name.is_empty()).collect();
        names.sort_by_key(|(_, frequency)| Reverse(**frequency));
        names.into_iter().map(|(name, _)| name.clone()).collect()
    }
}

/// The maximum length of the name of a shared type.
const MAX_NAME: usize = 40;

/// Replaces objects that occur more than once by named types, and returns those types. An object that equals a type of
/// the spec becomes that type. Existing endpoints keep their types.
pub(super) fn share_types(endpoints: &mut [Endpoint], spec: &Source, api: &Api) -> SharedTypes {
    let mut shared = Sharing::new(ExistingTypes::read(spec, api));
    let is_new = |endpoint: &&mut Endpoint| api.endpoint(&endpoint.id).is_none();
    let mut endpoints: Vec<&mut Endpoint> = endpoints.iter_mut().filter(is_new).collect();
    super::union::unite_responses(&mut endpoints);
    for endpoint in &endpoints {
        let file = endpoint.file_and_key().0;
        // Separate for request and response: a required request field may be absent in a response.
        for fields in [&endpoint.body, &endpoint.response.fields] {
            shared.count(fields, &file);
        }
        let stem = names::camel(endpoint.file_and_key().1).unwrap_or_default();
        shared.stems.push((file, stem));
    }
    shared.choose();
    for endpoint in &mut endpoints {
        let file = endpoint.file_and_key().0;
        shared.replace(&file, &mut endpoint.body);
        shared.replace(&file, &mut endpoint.response.fields);
    }
    shared.types
}

struct Sharing {
    existing: ExistingTypes,
    uses: HashMap<String, Uses>,
    /// Signatures in the order of the pages, for deterministic names.
    order: Vec<String>,
    /// The prefixes of inline types, by file.
    stems: Vec<(String, String)>,
    /// The files of each name that is taken.
    taken: HashMap<String, HashSet<String>>,
    names: HashMap<String, (String, String)>,
    written: HashSet<String>,
    types: SharedTypes,
}

impl Sharing {
    fn new(existing: ExistingTypes) -> Self {
        Self {
            uses: HashMap::new(),
            order: Vec::new(),
            stems: Vec::new(),
            taken: existing.names.clone(),
            names: HashMap::new(),
            written: HashSet::new(),
            types: SharedTypes::new(),
            existing,
        }
    }

    fn count(&mut self, fields: &[Field], file: &str) {
        for field in fields {
            let Type::Object(object) = field.ty.innermost() else {
                continue;
            };
            let signature = type_signature(object);
            if self.existing.find(file, &signature).is_some() {
                continue;
            }
            if !self.uses.contains_key(&signature) {
                self.order.push(signature.clone());
            }
            let uses = self.uses.entry(signature).or_default();
            if uses.count == 0 {
                uses.sample = object.fields.clone();
            } else {
                super::union::add_examples(&mut uses.sample, &object.fields);
            }
            uses.count += 1;
            uses.files.insert(file.to_owned());
            let name = object.name.as_ref().unwrap_or(&field.key);
            let name = names::camel(name).filter(|name| !names::is_reserved_type(name) && name.len() <= MAX_NAME);
            let order = Reverse(uses.names.len());
            uses.names.entry(name.unwrap_or_default()).or_insert((0, order)).0 += 1;
            self.count(&object.fields, file);
        }
    }

    /// Chooses a name and a file for each object that occurs more than once.
    fn choose(&mut self) {
        // The next number for each file and name; all smaller ones are taken.
        let mut numbers: HashMap<(String, String), usize> = HashMap::new();
        for signature in &self.order {
            let Some(uses) = self.uses.get(signature).filter(|uses| uses.count > 1) else {
                continue;
            };
            for (project, files) in group_by_project(&uses.files) {
                let file = match files.as_slice() {
                    [one] => (*one).clone(),
                    _ => format!("{project}/types.yaml"),
                };
                let candidates = uses.candidates();
                let stem = candidates.first().cloned().unwrap_or_else(|| "Object".to_owned());
                let free = |name: &String| {
                    let is_of_endpoint = |(other, stem): &(String, String)| {
                        let rest = name.strip_prefix(stem.as_str()).filter(|_| *other == file);
                        rest.is_some_and(|rest| ["", "Response", "Error"].contains(&rest))
                    };
                    let files = self.taken.get(name);
                    let free_in_file =
                        !files.is_some_and(|files| files.contains(&file)) && !self.stems.iter().any(is_of_endpoint);
                    // A type of a file must not shadow one of the project.
                    free_in_file && files.is_none_or(|files| !files.iter().any(|other| other.starts_with(project)))
                };
                let next = numbers.entry((file.clone(), stem.clone())).or_insert(2);
                let numbered = (*next..MAX_NUMBER).map(|number| {
                    *next = number + 1;
                    format!("{stem}{number}")
                });
                let Some(name) = candidates.iter().cloned().chain(numbered).find(free) else {
                    continue;
                };
                self.taken.entry(name.clone()).or_default().insert(file.clone());
                self.names.insert(format!("{project} {signature}"), (file, name));
            }
        }
    }

    /// Replaces objects by type names, inner objects first. The first object with a name defines the type.
    fn replace(&mut self, file: &str, fields: &mut [Field]) {
        let project = project(file);
        for field in fields {
            let Type::Object(object) = field.ty.innermost_mut() else {
                continue;
            };
            let signature = type_signature(object);
            if let Some(name) = self.existing.find(file, &signature) {
                *field.ty.innermost_mut() = Type::Named(name.to_owned());
                continue;
            }
            let key = format!("{project} {signature}");
            self.replace(file, &mut object.fields);
            let Some((file, name)) = self.names.get(&key).cloned() else {
                continue;
            };
            if self.written.insert(key) {
                let sample = self.uses.get(&signature).map(|uses| uses.sample.as_slice());
                super::union::add_examples(&mut object.fields, sample.unwrap_or_default());
                let fields = object.fields.clone();
                self.types.entry(file).or_default().push((name.clone(), fields));
            }
            *field.ty.innermost_mut() = Type::Named(name);
        }
    }
}

/// The end of the numbers that are appended to the name of a type.
const MAX_NUMBER: usize = 1000;

/// Returns `spec/<project>/<version>` of a file.
fn project(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(project, _)| project)
}

/// Groups files by project version.
fn group_by_project(files: &BTreeSet<String>) -> BTreeMap<&str, Vec<&String>> {
    let mut projects: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for file in files {
        projects.entry(project(file)).or_default().push(file);
    }
    projects
}

/// Returns a text that is equal for objects that can share a type. It has everything but examples and names.
fn type_signature(object: &Object) -> String {
    let mut bare = object.fields.clone();
    strip_names_and_examples(&mut bare);
    let mut text = String::new();
    entry::fields_to_yaml(&bare).write(0, &mut text);
    text
}

fn strip_names_and_examples(fields: &mut [Field]) {
    for field in fields {
        field.example = None;
        field.type_name = None;
        field.values.iter_mut().for_each(|value| value.name = None);
        if let Type::Object(object) = field.ty.innermost_mut() {
            strip_names_and_examples(&mut object.fields);
        }
    }
}

/// The named types of the spec.
struct ExistingTypes {
    /// Names by file and signature.
    types: HashMap<(String, String), String>,
    /// The names of all types, including inline types, each with its files.
    names: HashMap<String, HashSet<String>>,
}

/// The maximum depth of objects in a signature; recursive types exceed it and are not shared.
const MAX_DEPTH: usize = 12;

/// The maximum number of fields in a signature. Larger types are not shared: types that use each other several times
/// would multiply.
const MAX_FIELDS: usize = 10_000;

impl ExistingTypes {
    fn read(spec: &Source, api: &Api) -> Self {
        let mut types = HashMap::new();
        let mut names: HashMap<String, HashSet<String>> = HashMap::new();
        for module in &api.modules {
            for id in &module.types {
                let ty = api.type_def(*id);
                names.entry(ty.rust.clone()).or_default().insert(module.source.clone());
                if !is_declared(spec, ty) {
                    continue;
                }
                if let Some(Type::Object(object)) = convert_object(api, *id, 0, &mut 0) {
                    let key = (module.source.clone(), type_signature(&object));
                    types.entry(key).or_insert_with(|| ty.rust.clone());
                }
            }
        }
        Self { types, names }
    }

    /// Returns the type that equals an object in a file.
    fn find(&self, file: &str, signature: &str) -> Option<&str> {
        let type_of = |file: &str| self.types.get(&(file.to_owned(), signature.to_owned()));
        if let Some(own) = type_of(file) {
            return Some(own);
        }
        let (project, _) = file.rsplit_once('/')?;
        let is_shadowed = |name: &&String| self.names.get(*name).is_some_and(|files| files.contains(file));
        type_of(&format!("{project}/types.yaml"))
            .filter(|name| !is_shadowed(name))
            .map(String::as_str)
    }
}

/// Whether a type is declared under `types`, not inline.
fn is_declared(spec: &Source, ty: &TypeDef) -> bool {
    let text = spec
        .files()
        .nth(ty.origin.file)
        .and_then(|(_, bytes)| std::str::from_utf8(bytes).ok());
    let rest = text.and_then(|text| text.get(ty.origin.offset..));
    rest.and_then(|rest| rest.strip_prefix(&ty.rust))
        .is_some_and(|rest| rest.starts_with(':'))
}

/// `count` is the number of fields of the signature so far.
fn convert_object(api: &Api, id: TypeId, depth: usize, count: &mut usize) -> Option<Type> {
    let TypeKind::Object(fields) = &api.type_def(id).kind else {
        return None;
    };
    *count += fields.len();
    if depth >= MAX_DEPTH || *count > MAX_FIELDS {
        return None;
    }
    let fields = fields.iter().map(|field| convert_field(api, field, depth + 1, count));
    let fields = fields.collect::<Option<Vec<Field>>>()?;
    Some(Type::Object(Object { name: None, fields }))
}

fn convert_field(api: &Api, field: &spec::Field, depth: usize, count: &mut usize) -> Option<Field> {
    let mut values = Vec::new();
    let ty = convert_type(api, &field.ty, &mut values, depth, count)?;
    let derived = names::member(&field.key);
    Some(Field {
        required: field.required,
        rust: (derived.as_ref() != Some(&field.rust)).then(|| field.rust.clone()),
        secret: field.secret,
        pattern: field.pattern.clone(),
        time: field.time,
        bounds: Bounds {
            value: (integer_bound(field.bounds.min), integer_bound(field.bounds.max)),
            length: (
                length_bound(field.bounds.min_length),
                length_bound(field.bounds.max_length),
            ),
            items: (
                length_bound(field.bounds.min_items),
                length_bound(field.bounds.max_items),
            ),
        },
        values,
        flags: field.ty.named().is_some_and(|id| api.type_def(id).flags),
        default: field.default.clone(),
        scopes: field.scopes.clone(),
        ..Field::new(&field.key, ty)
    })
}

fn convert_type(
    api: &Api,
    ty: &spec::Type,
    values: &mut Vec<EnumValue>,
    depth: usize,
    count: &mut usize,
) -> Option<Type> {
    let inner =
        |ty: &spec::Type, values: &mut Vec<EnumValue>, count| convert_type(api, ty, values, depth, count).map(Box::new);
    Some(match ty {
        spec::Type::String => Type::String,
        spec::Type::Int => Type::Int,
        spec::Type::Float => Type::Float,
        spec::Type::Bool => Type::Bool,
        spec::Type::Any => Type::Any,
        spec::Type::File => Type::File,
        spec::Type::List(item) => Type::List(inner(item, values, count)?),
        spec::Type::Map(item) => Type::Map(inner(item, values, count)?),
        spec::Type::Named(id) => match &api.type_def(*id).kind {
            TypeKind::Object(_) => convert_object(api, *id, depth, count)?,
            TypeKind::StringEnum(variants) => {
                let value = |variant: &spec::Variant<String>| unnamed_value(&variant.value, &variant.scopes);
                values.extend(variants.iter().map(value));
                Type::String
            }
            TypeKind::IntEnum(variants) => {
                let value = |variant: &spec::Variant<i64>| unnamed_value(&variant.value.to_string(), &variant.scopes);
                values.extend(variants.iter().map(value));
                Type::Int
            }
        },
    })
}

fn unnamed_value(value: &str, scopes: &[String]) -> EnumValue {
    EnumValue {
        value: value.to_owned(),
        name: None,
        scopes: scopes.to_vec(),
    }
}

/// Converts a bound to an integer. Pages have no fractional bounds: `i64::MIN` makes the signature unique.
fn integer_bound(bound: Option<f64>) -> Option<i64> {
    let bound = bound?;
    let is_integer = bound.fract() == 0.0 && bound.abs() < 9e15;
    Some(if is_integer { bound as i64 } else { i64::MIN })
}

fn length_bound(bound: Option<u64>) -> Option<i64> {
    Some(i64::try_from(bound?).unwrap_or(i64::MAX))
}
