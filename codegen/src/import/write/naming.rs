//! Unique names: endpoint ids, fields in Rust, and inline types.

use std::collections::{HashMap, HashSet};

use super::super::model::{Endpoint, Field, Note, Type, quoted};
use super::sharing::SharedTypes;
use crate::names;

/// Gives each endpoint a unique id, by appending a number.
pub(super) fn separate_ids(endpoints: &mut [Endpoint], notes: &mut Vec<Note>) {
    let mut taken = HashSet::new();
    for endpoint in endpoints {
        let first = endpoint.id.clone();
        let numbered = (2..).map(|number| format!("{first}_{number}"));
        let free = [first.clone()]
            .into_iter()
            .chain(numbered)
            .find(|id| taken.insert(id.clone()));
        endpoint.id = free.unwrap_or_default();
        if endpoint.id != first {
            let message = format!(
                "another page has the id {}; {} used",
                quoted(&first),
                quoted(&endpoint.id)
            );
            notes.push(Note::new(&endpoint.page, endpoint.line, message));
        }
    }
}

/// Names the fields in Rust: those of a request together, those of a response and of each object on their own.
pub(super) fn name_fields(endpoints: &mut [Endpoint]) {
    for endpoint in endpoints {
        let mut taken = HashSet::new();
        for fields in endpoint.request_fields_mut() {
            name_siblings(fields, &mut taken);
        }
        name_siblings(&mut endpoint.response.fields, &mut HashSet::new());
    }
}

/// Sets the name of each field whose derived name is `taken` or impossible.
fn name_siblings(fields: &mut [Field], taken: &mut HashSet<String>) {
    for (index, field) in fields.iter_mut().enumerate() {
        field.rust = None;
        if let Type::Object(object) = field.ty.innermost_mut() {
            name_siblings(&mut object.fields, &mut HashSet::new());
        }
        match names::member(&field.key) {
            Some(name) if taken.insert(name.clone()) => {}
            derived => {
                let stem = derived.unwrap_or_else(|| "field".to_owned());
                let free = (index + 2..).map(|number| format!("{stem}_{number}"));
                let name = free.into_iter().find(|name| taken.insert(name.clone()));
                field.rust = name;
            }
        }
    }
}

/// Names the inline types of all files. The loader derives such a name from the parent and the key, so that
/// `update_text_style` and `style` inside `update_text` collide; the later one gets a number.
pub(super) fn name_inline_types(endpoints: &mut [Endpoint], types: &mut SharedTypes) {
    let mut files: HashMap<String, HashSet<String>> = HashMap::new();
    for (file, types) in types.iter() {
        let taken = files.entry(file.clone()).or_default();
        taken.extend(types.iter().map(|(name, _)| name.clone()));
    }
    for endpoint in endpoints.iter() {
        let (file, stem) = file_and_stem(endpoint);
        let own = ["", "Response", "Error"].map(|suffix| format!("{stem}{suffix}"));
        files.entry(file).or_default().extend(own);
    }
    for endpoint in endpoints {
        let (file, stem) = file_and_stem(endpoint);
        let taken = files.entry(file).or_default();
        for fields in endpoint.request_fields_mut() {
            name_nested(fields, &stem, taken);
        }
        name_nested(&mut endpoint.response.fields, &format!("{stem}Response"), taken);
    }
    for (file, types) in types {
        let taken = files.entry(file.clone()).or_default();
        for (name, fields) in types {
            name_nested(fields, name, taken);
        }
    }
}

fn file_and_stem(endpoint: &Endpoint) -> (String, String) {
    let (file, name) = endpoint.file_and_key();
    let stem = names::camel(name).unwrap_or_default();
    (file, stem)
}

fn name_nested(fields: &mut [Field], stem: &str, taken: &mut HashSet<String>) {
    for field in fields {
        field.type_name = None;
        let is_object = matches!(field.ty.innermost(), Type::Object(_));
        if !is_object && field.values.is_empty() {
            continue;
        }
        let derived = format!("{stem}{}", names::camel(&field.key).unwrap_or_default());
        let numbered = (2..).map(|number| format!("{derived}{number}"));
        let free = [derived.clone()].into_iter().chain(numbered);
        let name = free
            .into_iter()
            .find(|name| taken.insert(name.clone()))
            .unwrap_or_default();
        if let Type::Object(object) = field.ty.innermost_mut() {
            name_nested(&mut object.fields, &name, taken);
        }
        field.type_name = (name != derived).then_some(name);
    }
}
