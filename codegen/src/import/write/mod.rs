//! Writes endpoints and shared types into the files of a spec.

mod entry;
mod errors;
mod second_page;
mod sharing;
mod union;
mod yaml;

use std::collections::{BTreeMap, HashMap, HashSet};

use super::model::{Endpoint, Field, Note, Type, quoted};
use crate::layout::{ErrorNames, layout_with_names};
use crate::model::{Api, Module, TypeDef};
use crate::share::{ShareError, share_new};
use crate::{Findings, LayoutError, Source, layout, load, names};
use errors::ErrorCatalog;
use sharing::SharedTypes;
use yaml::Yaml;

/// Why pages could not be imported; the spec is unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The spec is invalid, before or after the import.
    #[error("{findings}")]
    Findings {
        /// What is invalid.
        findings: Findings,
        /// The spec that was loaded.
        spec: Box<Source>,
    },
    /// A file could not be formatted.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A type could not be shared.
    #[error("{0}")]
    Share(String),
}

impl From<ShareError> for ImportError {
    fn from(error: ShareError) -> Self {
        match error {
            ShareError::Findings { findings, spec } => Self::Findings { findings, spec },
            ShareError::Layout(error) => Self::Layout(error),
            error @ ShareError::Definition { .. } => Self::Share(error.to_string()),
        }
    }
}

/// Names ids, fields and inline types, and removes the endpoints that the spec format cannot express, with a note.
pub(super) fn prepare_endpoints(spec: &Source, api: &Api, endpoints: &mut Vec<Endpoint>, notes: &mut Vec<Note>) {
    second_page::merge_pages(endpoints, notes);
    name_fields(endpoints);
    separate_ids(endpoints, notes);
    second_page::relax_second_pages(api, endpoints, notes);
    name_inline_types(endpoints, &mut SharedTypes::new());
    retain_loadable(spec, api, endpoints, notes);
}

/// Shares equal types and merges the entries into the files of a spec. Returns the new spec and the changed files.
pub(super) fn write_endpoints(
    spec: &Source,
    api: &Api,
    endpoints: &mut [Endpoint],
) -> Result<(Source, Vec<String>), ImportError> {
    let mut types = sharing::share_types(endpoints, spec, api);
    name_inline_types(endpoints, &mut types);
    let (source, changed) = write_files(spec, api, endpoints, &types)?;
    share_with_others(spec, api, source, changed)
}

/// Shares the types of the import with each other, over all projects, and with those of the spec, which stay.
fn share_with_others(
    spec: &Source,
    api: &Api,
    source: Source,
    mut changed: Vec<String>,
) -> Result<(Source, Vec<String>), ImportError> {
    let before: HashSet<(&str, &str)> = api
        .types
        .iter()
        .map(|def| (api.modules[def.module].source.as_str(), def.rust.as_str()))
        .collect();
    let stays = |module: &Module, def: &TypeDef| before.contains(&(module.source.as_str(), def.rust.as_str()));
    let shared = share_new(&source, stays)?;
    changed.extend(shared.changed);
    changed.extend(shared.removed);
    changed.sort();
    changed.dedup();
    let content = |source: &Source, path: &str| {
        let found = source.files().find(|(other, _)| *other == path);
        found.map(|(_, bytes)| bytes.to_vec())
    };
    changed.retain(|path| {
        let text = content(&shared.spec, path);
        text.is_some() && text != content(spec, path)
    });
    Ok((shared.spec, changed))
}

/// Loads a spec.
pub(super) fn load_spec(spec: &Source) -> Result<Api, ImportError> {
    load(spec).map_err(|findings| ImportError::Findings {
        findings,
        spec: Box::new(spec.clone()),
    })
}

/// Merges the entries into the files of a spec and loads the result. Returns it with the paths of the changed files.
fn write_files(
    spec: &Source,
    api: &Api,
    endpoints: &[Endpoint],
    types: &SharedTypes,
) -> Result<(Source, Vec<String>), ImportError> {
    let mut source = spec.clone();
    let mut changed = Vec::new();
    // The files of error codes are first: their names are comments in the others.
    let errors = ErrorCatalog::new(api, endpoints);
    let definitions = definition_texts(errors.changed_definitions());
    for (path, text) in definitions.into_iter().chain(endpoint_texts(endpoints, types, &errors)) {
        let existing = spec.files().find(|(other, _)| *other == path).map(|(_, bytes)| bytes);
        let names = ErrorNames::of_file(&source, &path);
        let text = match existing {
            Some(bytes) => merge(&path, bytes, &text, &names)?,
            None => layout_with_names(&path, text.as_bytes(), &names)?,
        };
        if existing != Some(text.as_bytes()) {
            changed.push(path.clone());
            source.add(path, text);
        }
    }
    load_spec(&source)?;
    Ok((source, changed))
}

/// Removes the endpoints whose entries are invalid, each with a note that has the finding.
fn retain_loadable(spec: &Source, api: &Api, endpoints: &mut Vec<Endpoint>, notes: &mut Vec<Note>) {
    let Err(error) = write_files(spec, api, endpoints, &SharedTypes::new()) else {
        return;
    };
    // Halves, so that one invalid entry of many costs few loads of the spec.
    let mut second = endpoints.split_off(endpoints.len().div_ceil(2));
    if !second.is_empty() {
        retain_loadable(spec, api, endpoints, notes);
        retain_loadable(spec, api, &mut second, notes);
        endpoints.append(&mut second);
    } else if let Some(endpoint) = endpoints.pop() {
        let message = format!("skipped the page: the spec format cannot express its entry: {error}");
        notes.push(Note::new(&endpoint.page, endpoint.line, message));
    }
}

/// Names that are taken.
#[derive(Default)]
struct TakenNames {
    names: HashSet<String>,
    /// For each name, the number that the last search started with, and the next one; those between are taken.
    numbers: HashMap<String, (usize, usize)>,
}

impl TakenNames {
    fn insert(&mut self, name: String) -> bool {
        self.names.insert(name)
    }

    /// Takes `name`, else `name` with the separator and the first free number, from `first` on.
    fn take(&mut self, name: &str, separator: &str, first: usize) -> String {
        if self.names.insert(name.to_owned()) {
            return name.to_owned();
        }
        self.take_numbered(name, separator, first)
    }

    /// Takes `name` with the separator and the first free number, from `first` on.
    fn take_numbered(&mut self, name: &str, separator: &str, first: usize) -> String {
        let (start, next) = self.numbers.entry(name.to_owned()).or_insert((first, first));
        if first < *start || first > *next {
            (*start, *next) = (first, first);
        }
        loop {
            let numbered = format!("{name}{separator}{next}");
            *next += 1;
            if self.names.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}

fn merge(path: &str, bytes: &[u8], text: &str, names: &ErrorNames) -> Result<String, ImportError> {
    let before = layout(path, bytes)?;
    let text = layout::merge_texts(&before, text).unwrap_or(before);
    Ok(layout_with_names(path, text.as_bytes(), names)?)
}

/// Returns the text of the files with the definitions of error codes.
fn definition_texts(files: BTreeMap<String, Vec<(String, Yaml)>>) -> Vec<(String, String)> {
    let section = |entries| vec![("errors".to_owned(), Yaml::Map(entries))];
    let files = files.into_iter().map(|(path, entries)| (path, section(entries)));
    files.map(|(path, sections)| (path, file_text(sections))).collect()
}

/// Returns the text of the files with entries and types.
fn endpoint_texts(endpoints: &[Endpoint], types: &SharedTypes, errors: &ErrorCatalog) -> Vec<(String, String)> {
    let mut parts: BTreeMap<String, [Vec<(String, Yaml)>; 2]> = BTreeMap::new();
    for endpoint in endpoints {
        let (path, name) = endpoint.file_and_key();
        let entry = entry::endpoint_to_yaml(endpoint, errors);
        parts.entry(path).or_default()[0].push((name.to_owned(), entry));
    }
    for (path, types) in types {
        let written = |(name, fields): &(String, Vec<Field>)| {
            let map = vec![("fields".to_owned(), entry::fields_to_yaml(fields))];
            (name.clone(), Yaml::Map(map))
        };
        parts.entry(path.clone()).or_default()[1].extend(types.iter().map(written));
    }
    let sections = |[endpoints, types]: [Vec<(String, Yaml)>; 2]| {
        let keys = [("endpoints", endpoints), ("types", types)];
        let keys = keys.into_iter().filter(|(_, entries)| !entries.is_empty());
        keys.map(|(key, entries)| (key.to_owned(), Yaml::Map(entries)))
            .collect()
    };
    let files = parts.into_iter().map(|(path, part)| (path, sections(part)));
    files.map(|(path, sections)| (path, file_text(sections))).collect()
}

fn file_text(sections: Vec<(String, Yaml)>) -> String {
    let mut text = String::new();
    Yaml::Map(sections).write(0, &mut text);
    text.trim_start().to_owned()
}

/// Gives each endpoint a unique id, by appending a number.
fn separate_ids(endpoints: &mut [Endpoint], notes: &mut Vec<Note>) {
    let mut taken = TakenNames::default();
    for endpoint in endpoints {
        let first = endpoint.id.clone();
        endpoint.id = taken.take(&first, "_", 2);
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
fn name_fields(endpoints: &mut [Endpoint]) {
    for endpoint in endpoints {
        let mut taken = TakenNames::default();
        for fields in endpoint.request_fields_mut() {
            name_siblings(fields, &mut taken);
        }
        name_siblings(&mut endpoint.response.fields, &mut TakenNames::default());
    }
}

/// Sets the name of each field whose derived name is `taken` or impossible.
fn name_siblings(fields: &mut [Field], taken: &mut TakenNames) {
    for (index, field) in fields.iter_mut().enumerate() {
        field.rust = None;
        if let Type::Object(object) = field.ty.innermost_mut() {
            name_siblings(&mut object.fields, &mut TakenNames::default());
        }
        match names::member(&field.key) {
            Some(name) if taken.insert(name.clone()) => {}
            derived => {
                // `type_` becomes `type_2`: the loader derives no name with two underscores.
                let stem = derived.unwrap_or_else(|| "field".to_owned());
                let stem = stem.trim_end_matches('_');
                field.rust = Some(taken.take_numbered(stem, "_", index + 2));
            }
        }
    }
}

/// Names the inline types of all files. The loader derives such a name from the parent and the key, so that
/// `update_text_style` and `style` inside `update_text` collide; the later one gets a number.
fn name_inline_types(endpoints: &mut [Endpoint], types: &mut SharedTypes) {
    let mut files: HashMap<String, TakenNames> = HashMap::new();
    for (file, types) in types.iter() {
        let taken = files.entry(file.clone()).or_default();
        taken.names.extend(types.iter().map(|(name, _)| name.clone()));
    }
    for endpoint in endpoints.iter() {
        let (file, stem) = file_and_stem(endpoint);
        let own = ["", "Response", "Error"].map(|suffix| format!("{stem}{suffix}"));
        files.entry(file).or_default().names.extend(own);
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

fn name_nested(fields: &mut [Field], stem: &str, taken: &mut TakenNames) {
    for field in fields {
        field.type_name = None;
        let is_object = matches!(field.ty.innermost(), Type::Object(_));
        if !is_object && field.values.is_empty() {
            continue;
        }
        let derived = format!("{stem}{}", names::camel(&field.key).unwrap_or_default());
        let name = taken.take(&derived, "", 2);
        if let Type::Object(object) = field.ty.innermost_mut() {
            name_nested(&mut object.fields, &name, taken);
        }
        field.type_name = (name != derived).then_some(name);
    }
}

#[cfg(test)]
mod tests {
    use super::TakenNames;

    #[test]
    fn takes_first_free_number() {
        let mut taken = TakenNames::default();
        assert!(taken.insert("a_3".to_owned()));
        let names: Vec<String> = (0..4).map(|_| taken.take("a", "_", 2)).collect();
        assert_eq!(names, ["a", "a_2", "a_4", "a_5"]);
        // A search that starts higher does not hide the numbers below from a later one.
        assert_eq!(taken.take_numbered("a", "_", 50), "a_50");
        assert_eq!(taken.take_numbered("a", "_", 2), "a_6");
    }

    /// Would take hours if each search began with the first number.
    #[test]
    fn many_fields_may_have_one_derived_name() {
        let mut taken = TakenNames::default();
        let last = (0..100_000).map(|_| taken.take("a", "", 2)).last();
        assert_eq!(last.as_deref(), Some("a100000"));
    }
}
