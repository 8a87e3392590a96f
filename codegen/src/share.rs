//! Moves equal types to one shared type: `spec share`.
//!
//! Each round loads the spec, finds the duplicates and edits the files, until none are left: a type inside a shared one may
//! become a duplicate itself. The comments of removed definitions stay above the shared one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::duplicates::{DuplicateTypes, find_duplicates, find_new_duplicates, is_visible_in};
use crate::layout::{Definition, Editor, LayoutError, layout};
use crate::model::{Api, Field, Module, Response, TypeDef, TypeId};
use crate::read::ModuleName;
use crate::{Findings, Source, load, names};

/// Why types were not shared; the spec is unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShareError {
    /// The spec is invalid, before or after the change.
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
    /// A definition was not found in its file.
    #[error("{path}: cannot move the type `{name}`: its definition was not found: report this file as a bug")]
    Definition {
        /// The file.
        path: String,
        /// The type.
        name: String,
    },
}

/// The result of sharing types.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Shared {
    /// The spec after the change.
    pub spec: Source,
    /// The changed and the new files; files with shared types are first.
    pub changed: Vec<String>,
    /// Files without content, which are to be removed.
    pub removed: Vec<String>,
    /// The types, in the order of the changes.
    pub types: Vec<SharedType>,
}

/// A type that others were replaced by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SharedType {
    /// Its name.
    pub name: String,
    /// The file with its definition.
    pub path: String,
    /// The names of the types that it replaces: `drive.v1.file.UploadAllParentType`.
    pub replaced: Vec<String>,
}

/// The maximum number of rounds; each one removes types.
const MAX_ROUNDS: usize = 20;

/// Replaces equal types of one name by one type, on the lowest level that all their users share. `allowed` returns the
/// positions of types, by file and offset, that are to stay.
///
/// # Errors
///
/// If the spec is invalid, or if a file cannot be formatted.
pub fn share(spec: &Source, allowed: impl Fn(&Source) -> HashSet<(usize, usize)>) -> Result<Shared, ShareError> {
    share_until_done(spec, true, |api, source| {
        let stay = allowed(source);
        find_duplicates(api, |def| stay.contains(&(def.origin.file, def.origin.offset)))
    })
}

/// Shares types as [`share`] does, but those for which `stays` returns true neither move nor are they replaced; others are
/// replaced by them.
pub(crate) fn share_new(spec: &Source, stays: impl Fn(&Module, &TypeDef) -> bool) -> Result<Shared, ShareError> {
    share_until_done(spec, false, |api, _| {
        find_new_duplicates(api, |def| stays(&api.modules[def.module], def))
    })
}

fn share_until_done(
    spec: &Source,
    completes_texts: bool,
    find: impl Fn(&Api, &Source) -> Vec<DuplicateTypes>,
) -> Result<Shared, ShareError> {
    let mut source = without_carriage_returns(spec);
    let mut touched = BTreeSet::new();
    let mut types = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let api = load_spec(&source)?;
        let groups = find(&api, &source);
        if groups.is_empty() {
            break;
        }
        let round = Round::new(&api, &source, groups, completes_texts);
        types.extend(round.describe());
        for (path, text) in round.edit()? {
            match text {
                Some(text) => source.add(path.clone(), layout(&path, text.as_bytes())?),
                None => source.remove(&path),
            }
            touched.insert(path);
        }
    }
    load_spec(&source)?;
    let mut shared = Shared {
        spec: spec.clone(),
        changed: Vec::new(),
        removed: Vec::new(),
        types,
    };
    for path in touched {
        let text = source.files().find(|(other, _)| *other == path).map(|(_, bytes)| bytes);
        match text {
            Some(text) => {
                shared.spec.add(path.clone(), text);
                shared.changed.push(path);
            }
            None => {
                shared.spec.remove(&path);
                shared.removed.push(path);
            }
        }
    }
    // A run that is interrupted leaves a valid spec: definitions are written before the files that refer to them.
    shared
        .changed
        .sort_by_key(|path| (!path.ends_with("/types.yaml"), path.matches('/').count()));
    Ok(shared)
}

fn load_spec(source: &Source) -> Result<Api, ShareError> {
    load(source).map_err(|findings| ShareError::Findings {
        findings,
        spec: Box::new(source.clone()),
    })
}

/// Returns the spec as the editor reads it, so that positions are equal.
fn without_carriage_returns(spec: &Source) -> Source {
    let mut source = Source::new();
    for (path, bytes) in spec.files() {
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                let text = text.strip_prefix('\u{feff}').unwrap_or(text);
                source.add(path, text.replace("\r\n", "\n"));
            }
            Err(_) => source.add(path, bytes),
        }
    }
    source
}

/// The changes of one round.
struct Round<'a> {
    api: &'a Api,
    paths: Vec<&'a str>,
    source: &'a Source,
    groups: Vec<DuplicateTypes>,
    /// Whether types that stay get the descriptions and examples of others that they do not have.
    completes_texts: bool,
    /// The name of each group.
    names: Vec<String>,
    /// The group of each type.
    group_of: HashMap<TypeId, usize>,
}

impl<'a> Round<'a> {
    fn new(api: &'a Api, source: &'a Source, groups: Vec<DuplicateTypes>, completes_texts: bool) -> Self {
        let mut taken = TakenNames::new(api, &groups);
        let names = groups.iter().map(|group| taken.choose(api, group)).collect();
        let members = groups.iter().enumerate();
        let group_of = members.flat_map(|(index, group)| group.types.iter().map(move |id| (*id, index)));
        Self {
            group_of: group_of.collect(),
            paths: source.files().map(|(path, _)| path).collect(),
            api,
            source,
            groups,
            completes_texts,
            names,
        }
    }

    /// Returns what the round changes.
    fn describe(&self) -> Vec<SharedType> {
        let groups = self.groups.iter().zip(&self.names);
        let groups = groups.map(|(group, name)| SharedType {
            name: name.clone(),
            path: group.target.clone(),
            replaced: group
                .types
                .iter()
                .filter(|id| !self.stays(group, **id))
                .map(|id| self.api.type_name(*id))
                .collect(),
        });
        groups.collect()
    }

    /// Returns whether a type is the definition that the others are replaced by, in its place.
    fn stays(&self, group: &DuplicateTypes, id: TypeId) -> bool {
        let def = self.api.type_def(id);
        id == group.kept() && def.is_named && self.path(def) == group.target
    }

    fn path(&self, def: &TypeDef) -> &'a str {
        self.paths.get(def.origin.file).copied().unwrap_or_default()
    }

    /// Returns the changed files; `None` for a file without content.
    fn edit(&self) -> Result<BTreeMap<String, Option<String>>, ShareError> {
        let mut editors = Editors::new(self.source);
        let mut found: Vec<Found> = self.groups.iter().map(|_| Found::default()).collect();
        self.edit_fields(&mut editors, &mut found)?;
        self.edit_responses(&mut editors)?;
        for (group, found) in self.groups.iter().zip(&mut found) {
            for &id in &group.types {
                let def = self.api.type_def(id);
                if def.is_named && !self.stays(group, id) {
                    let definition = editors.open(self.path(def))?.remove_type(def.origin.offset);
                    let definition = definition.ok_or_else(|| self.missing(def))?;
                    found.add(definition, id == group.kept());
                }
            }
        }
        let mut taken = TakenNames::new(self.api, &self.groups);
        for name in self.names.iter().zip(&self.groups) {
            taken.take(&name.1.target, name.0);
        }
        for ((group, name), found) in self.groups.iter().zip(&self.names).zip(found) {
            let kept = self.api.type_def(group.kept());
            let target = editors.open(&group.target)?;
            match found.definition {
                Some(mut definition) => {
                    found
                        .others
                        .iter()
                        .for_each(|other| definition.add_missing_texts(other));
                    found
                        .others
                        .into_iter()
                        .for_each(|other| definition.keep_comments_of(other));
                    self.name_inner(&mut definition, &mut taken, group, name);
                    if let Some(doc) = describe_file(&group.target) {
                        target.set_doc(doc);
                    }
                    target.add_type(name, definition);
                }
                None if self.stays(group, group.kept()) => {
                    if self.completes_texts {
                        target.add_missing_texts(kept.origin.offset, &found.others);
                    }
                    target.keep_comments(kept.origin.offset, found.others);
                }
                None => return Err(self.missing(kept)),
            }
        }
        Ok(editors.finish())
    }

    /// Replaces the types of fields, the last ones of a file first: a definition is taken after the fields in it.
    fn edit_fields(&self, editors: &mut Editors<'_>, found: &mut [Found]) -> Result<(), ShareError> {
        let sent = self.api.endpoints().flat_map(|(_, endpoint)| &endpoint.fields);
        let inside = self.api.types.iter().flat_map(|def| def.kind.fields());
        let mut fields: Vec<(&Field, TypeId, usize)> = sent
            .chain(inside)
            .filter_map(|field| {
                let id = field.ty.named()?;
                let group = *self.group_of.get(&id)?;
                let def = self.api.type_def(id);
                (!def.is_named || def.rust != self.names[group]).then_some((field, id, group))
            })
            .collect();
        fields.sort_by_key(|(field, ..)| std::cmp::Reverse((field.origin.file, field.origin.offset)));
        for (field, id, group) in fields {
            let def = self.api.type_def(id);
            let expression = field.ty.to_expression(|_| self.names[group].clone());
            let path = self.paths.get(field.origin.file).copied().unwrap_or_default();
            let definition = editors.open(path)?.set_field_type(field.origin.offset, &expression);
            let definition = definition.ok_or_else(|| self.missing(def))?;
            if !def.is_named {
                found[group].add(definition, id == self.groups[group].kept());
            }
        }
        Ok(())
    }

    /// Renames the named types of responses.
    fn edit_responses(&self, editors: &mut Editors<'_>) -> Result<(), ShareError> {
        for (_, endpoint) in self.api.endpoints() {
            let Response::Json { ty, .. } = endpoint.response else {
                continue;
            };
            let Some(&group) = self.group_of.get(&ty) else { continue };
            let def = self.api.type_def(ty);
            if def.rust != self.names[group] {
                let origin = endpoint.origin_of("response");
                let path = self.paths.get(origin.file).copied().unwrap_or_default();
                let edited = editors.open(path)?.set_response(origin.offset, &self.names[group]);
                edited.ok_or_else(|| self.missing(def))?;
            }
        }
        Ok(())
    }

    /// Names the types that are defined inside a moved one and whose names are taken in its new file.
    fn name_inner(&self, definition: &mut Definition, taken: &mut TakenNames, group: &DuplicateTypes, name: &str) {
        let mut open = vec![(group.kept(), Vec::new(), name.to_owned())];
        while let Some((id, path, stem)) = open.pop() {
            for field in self.api.type_def(id).kind.fields() {
                let Some(inner) = field.ty.named() else { continue };
                let def = self.api.type_def(inner);
                if def.is_named || self.group_of.contains_key(&inner) {
                    continue;
                }
                let derived = format!("{stem}{}", names::camel(&field.rust).unwrap_or_default());
                let chosen = taken.number(&group.target, &derived);
                let path = [&path[..], &[field.key.as_str()]].concat();
                definition.set_inner_name(&path, (chosen != derived).then_some(&chosen));
                open.push((inner, path, chosen));
            }
        }
    }

    fn missing(&self, def: &TypeDef) -> ShareError {
        ShareError::Definition {
            path: self.path(def).to_owned(),
            name: def.rust.clone(),
        }
    }
}

/// The definitions of a group.
#[derive(Default)]
struct Found {
    /// That of the type which the others are replaced by, if it moves.
    definition: Option<Definition>,
    others: Vec<Definition>,
}

impl Found {
    fn add(&mut self, definition: Definition, is_kept: bool) {
        if is_kept {
            self.definition = Some(definition);
        } else {
            self.others.push(definition);
        }
    }
}

/// Returns the description of a file of shared types; `None` for a resource.
fn describe_file(path: &str) -> Option<&'static str> {
    match path {
        ModuleName::PLATFORM => Some("Types that several projects share."),
        _ if path.ends_with("/types.yaml") => Some("Types that several resources share."),
        _ => None,
    }
}

/// The files that a round edits.
struct Editors<'a> {
    source: &'a Source,
    open: BTreeMap<String, Editor>,
}

impl<'a> Editors<'a> {
    fn new(source: &'a Source) -> Self {
        Self {
            source,
            open: BTreeMap::new(),
        }
    }

    /// Opens a file, which may be new.
    fn open(&mut self, path: &str) -> Result<&mut Editor, ShareError> {
        if !self.open.contains_key(path) {
            let bytes = self.source.files().find(|(other, _)| *other == path);
            let text = bytes
                .and_then(|(_, bytes)| std::str::from_utf8(bytes).ok())
                .unwrap_or_default();
            let editor = Editor::new(text).ok_or_else(|| LayoutError::Unsure {
                path: path.to_owned(),
                reason: "a comment has no place",
            })?;
            self.open.insert(path.to_owned(), editor);
        }
        self.open.get_mut(path).ok_or_else(|| ShareError::Definition {
            path: path.to_owned(),
            name: String::new(),
        })
    }

    fn finish(self) -> BTreeMap<String, Option<String>> {
        let files = self.open.into_iter();
        files.map(|(path, editor)| (path, editor.finish())).collect()
    }
}

/// Returns whether the type that represents a group is already in the target of the group, and keeps its name.
fn keeps_name(api: &Api, group: &DuplicateTypes) -> bool {
    let kept = api.type_def(group.kept());
    kept.is_named && api.modules[kept.module].source == group.target
}

/// The maximum length of the name of a shared type.
const MAX_NAME: usize = 40;

/// The names that are taken, without those of the types that a round replaces.
struct TakenNames {
    /// All Rust names, by file.
    by_file: HashMap<String, HashSet<String>>,
    /// The files with a named type of each name.
    named: HashMap<String, BTreeSet<String>>,
    /// The next number for each file and name.
    numbers: HashMap<(String, String), usize>,
}

impl TakenNames {
    fn new(api: &Api, groups: &[DuplicateTypes]) -> Self {
        let mut leaving: HashSet<TypeId> = groups.iter().flat_map(|group| group.types.iter().copied()).collect();
        // Otherwise another group could take the name of a type that keeps it.
        for group in groups.iter().filter(|group| keeps_name(api, group)) {
            leaving.remove(&group.kept());
        }
        let mut taken = Self {
            by_file: HashMap::new(),
            named: HashMap::new(),
            numbers: HashMap::new(),
        };
        for module in &api.modules {
            let own = taken.by_file.entry(module.source.clone()).or_default();
            for endpoint in &module.endpoints {
                own.extend([endpoint.rust.clone()]);
            }
            for id in module.types.iter().filter(|id| !leaving.contains(id)) {
                let def = api.type_def(*id);
                own.insert(def.rust.clone());
                if def.is_named {
                    let files = taken.named.entry(def.rust.clone()).or_default();
                    files.insert(module.source.clone());
                }
            }
        }
        taken
    }

    fn take(&mut self, target: &str, name: &str) {
        let files = self.by_file.entry(target.to_owned()).or_default();
        files.insert(name.to_owned());
        self.named.entry(name.to_owned()).or_default().insert(target.to_owned());
    }

    /// Chooses the name of a group: the most frequent one that is free, else one with a number.
    fn choose(&mut self, api: &Api, group: &DuplicateTypes) -> String {
        let kept = api.type_def(group.kept());
        let home = &api.modules[kept.module].source;
        // The name that the loader derived from the place of a type fits in its file only.
        let derived = (kept.is_named || *home == group.target).then_some(&kept.rust);
        let labels = group.labels.iter().chain(derived).map(|label| shortened(label));
        let labels: Vec<String> = labels.filter(|label| names::is_camel(label)).collect();
        // A type that stays keeps its name.
        let own = keeps_name(api, group).then(|| kept.rust.clone());
        let free = |name: &&String| self.is_free(&group.target, name);
        let chosen = own.or_else(|| labels.iter().find(free).cloned());
        let name = chosen.unwrap_or_else(|| {
            let stem = labels.first().map_or("Object", String::as_str).to_owned();
            self.number(&group.target, &stem)
        });
        self.take(&group.target, &name);
        name
    }

    /// Returns whether a type of this name in `target` collides with no Rust name of the file, hides no shared type and is
    /// not hidden.
    fn is_free(&self, target: &str, name: &str) -> bool {
        let is_related = |file: &String| is_visible_in(target, file) || is_visible_in(file, target);
        let own = self.by_file.get(target);
        let named = self.named.get(name);
        !names::is_reserved_type(name)
            && !own.is_some_and(|own| own.contains(name))
            && !named.is_some_and(|files| files.iter().any(is_related))
    }

    /// Takes the name, with the first free number if it is taken.
    fn number(&mut self, target: &str, name: &str) -> String {
        if self.is_free(target, name) {
            self.take(target, name);
            return name.to_owned();
        }
        let key = (target.to_owned(), name.to_owned());
        let mut next = self.numbers.get(&key).copied().unwrap_or(2);
        let mut numbered = format!("{name}{next}");
        while !self.is_free(target, &numbered) {
            next += 1;
            numbered = format!("{name}{next}");
        }
        self.numbers.insert(key, next + 1);
        self.take(target, &numbered);
        numbered
    }
}

/// Returns the last words of a name, with at most [`MAX_NAME`] characters.
fn shortened(name: &str) -> String {
    let starts = name.char_indices().filter(|(_, c)| c.is_ascii_uppercase());
    let mut tails = starts.map(|(start, _)| &name[start..]);
    tails.find(|tail| tail.len() <= MAX_NAME).unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::shortened;
    use crate::duplicates::is_visible_in;

    #[test]
    fn shortens_at_words() {
        assert_eq!(shortened("UserIdType"), "UserIdType");
        let long = "ListEmployeeJobDataCostCenterRatesCostCenterType";
        assert_eq!(shortened(long), "JobDataCostCenterRatesCostCenterType");
    }

    #[test]
    fn types_are_visible_below_their_directory() {
        assert!(is_visible_in("spec/types.yaml", "spec/drive/v1/file.yaml"));
        assert!(is_visible_in("spec/drive/v1/types.yaml", "spec/drive/v1/file.yaml"));
        assert!(!is_visible_in("spec/drive/v1/types.yaml", "spec/drive/v2/file.yaml"));
        assert!(!is_visible_in("spec/drive/v1/file.yaml", "spec/drive/v1/types.yaml"));
        assert!(!is_visible_in("spec/drive/v1/my.types.yaml", "spec/drive/v1/file.yaml"));
    }
}
