//! Objects that are equal in structure become one type with a name.
//!
//! What the SDK costs to compile is the number of its types. A type stands in the file of the resource whose
//! endpoints alone use it, else in the `types.yaml` of the project's version.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::endpoint::Endpoint;
use super::enums::Value;
use super::field::{self, Field};
use super::known::Known;
use super::types::{Object, Type};
use crate::model::Api;
use crate::{Source, names};

/// Types with names, by file.
pub(super) type Types = BTreeMap<String, Vec<(String, Vec<Field>)>>;

/// Where an object is used.
#[derive(Default)]
struct Uses {
    count: usize,
    files: BTreeSet<String>,
    /// What pages call it, or the key of its first field.
    name: String,
}

/// Gives names to the objects that are there more than once, and returns their types; an object that is equal to a
/// type which the spec has becomes that one. Entries that exist keep the types that they have.
pub(super) fn share(endpoints: &mut [Endpoint], spec: &Source, known: &Api) -> Types {
    let mut shared = Shared::new(Known::read(spec, known));
    let new = |endpoint: &&mut Endpoint| known.endpoint(&endpoint.id).is_none();
    let mut endpoints: Vec<&mut Endpoint> = endpoints.iter_mut().filter(new).collect();
    for endpoint in &endpoints {
        let file = endpoint.place().0;
        // The two directions stay apart: what is required to be sent need not come back.
        for fields in [&endpoint.body, &endpoint.response.fields] {
            shared.count(fields, &file);
        }
        let stem = names::camel(endpoint.place().1).unwrap_or_default();
        shared.stems.push((file, stem));
    }
    shared.choose();
    for endpoint in &mut endpoints {
        let file = endpoint.place().0;
        shared.replace(&file, &mut endpoint.body);
        shared.replace(&file, &mut endpoint.response.fields);
    }
    shared.types
}

struct Shared {
    known: Known,
    uses: HashMap<String, Uses>,
    /// In the order of the pages, so that the same pages make the same names.
    order: Vec<String>,
    /// Names that inline types of a file begin with.
    stems: Vec<(String, String)>,
    taken: HashSet<(String, String)>,
    names: HashMap<String, (String, String)>,
    written: HashSet<String>,
    types: Types,
}

impl Shared {
    fn new(known: Known) -> Self {
        Self {
            uses: HashMap::new(),
            order: Vec::new(),
            stems: Vec::new(),
            taken: known.names.iter().cloned().collect(),
            names: HashMap::new(),
            written: HashSet::new(),
            types: Types::new(),
            known,
        }
    }

    fn count(&mut self, fields: &[Field], file: &str) {
        for field in fields {
            let Type::Object(object) = field.ty.heart() else {
                continue;
            };
            let signature = signature(object);
            if self.known.find(file, &signature).is_some() {
                continue;
            }
            if !self.uses.contains_key(&signature) {
                self.order.push(signature.clone());
            }
            let uses = self.uses.entry(signature).or_default();
            uses.count += 1;
            uses.files.insert(file.to_owned());
            if uses.name.is_empty() {
                uses.name = object.name.clone().unwrap_or_else(|| field.key.clone());
            }
            self.count(&object.fields, file);
        }
    }

    /// Decides which objects get a name, and in which file.
    fn choose(&mut self) {
        for signature in &self.order {
            let Some(uses) = self.uses.get(signature).filter(|uses| uses.count > 1) else {
                continue;
            };
            for (project, files) in by_project(&uses.files) {
                let file = match files.as_slice() {
                    [one] => (*one).clone(),
                    _ => format!("{project}/types.yaml"),
                };
                let stem = names::camel(&uses.name).filter(|name| !names::is_reserved_type(name));
                let stem = stem.unwrap_or_else(|| "Object".to_owned());
                let free = |name: &String| {
                    let begins = |(other, stem): &(String, String)| *other == file && name.starts_with(stem.as_str());
                    let at_home = !self.taken.contains(&(file.clone(), name.clone())) && !self.stems.iter().any(begins);
                    // A type of the file would hide one of the project.
                    let clear = self
                        .taken
                        .iter()
                        .all(|(other, taken)| taken != name || !other.starts_with(project));
                    at_home && clear
                };
                let numbered = (2..1000).map(|number| format!("{stem}{number}"));
                let first = [stem.clone(), format!("Shared{stem}")];
                let Some(name) = first.into_iter().chain(numbered).find(free) else {
                    continue;
                };
                self.taken.insert((file.clone(), name.clone()));
                self.names.insert(format!("{project} {signature}"), (file, name));
            }
        }
    }

    /// Puts names in the place of objects, those inside first, and keeps the first of each as the type.
    fn replace(&mut self, file: &str, fields: &mut [Field]) {
        let project = project(file);
        for field in fields {
            let Type::Object(object) = field.ty.heart_mut() else {
                continue;
            };
            let signature = signature(object);
            if let Some(name) = self.known.find(file, &signature) {
                *field.ty.heart_mut() = Type::Named(name.to_owned());
                continue;
            }
            let key = format!("{project} {signature}");
            self.replace(file, &mut object.fields);
            let Some((file, name)) = self.names.get(&key).cloned() else {
                continue;
            };
            if self.written.insert(key) {
                let fields = object.fields.clone();
                self.types.entry(file).or_default().push((name.clone(), fields));
            }
            *field.ty.heart_mut() = Type::Named(name);
        }
    }
}

/// `spec/<project>/<version>` of a file.
fn project(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(project, _)| project)
}

/// The files of each of these.
fn by_project(files: &BTreeSet<String>) -> BTreeMap<&str, Vec<&String>> {
    let mut projects: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for file in files {
        projects.entry(project(file)).or_default().push(file);
    }
    projects
}

/// What two objects have to have in common to be one type: everything but examples, and names that people may choose.
pub(super) fn signature(object: &Object) -> String {
    let mut bare = object.fields.clone();
    strip(&mut bare);
    let mut text = String::new();
    field::written(&bare).write(0, &mut text);
    text
}

fn strip(fields: &mut [Field]) {
    for field in fields {
        field.example = None;
        field.type_name = None;
        field.values.iter_mut().for_each(Value::strip);
        if let Type::Object(object) = field.ty.heart_mut() {
            strip(&mut object.fields);
        }
    }
}
