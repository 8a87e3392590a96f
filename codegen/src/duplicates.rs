//! Types that should be one shared type: equal objects of one name, and equal enums under one field or type name.
//!
//! Equality is structural. An object that is defined at its field counts with the object around it: if that one is a
//! duplicate, the inner one is not reported separately.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::model::{Api, Field, Module, Response, TypeDef, TypeId, TypeKind, Variant};
use crate::names;
use crate::read::ModuleName;

/// Types that should be one.
#[derive(Debug, Clone)]
pub(crate) struct DuplicateTypes {
    /// The types; the first stays or is moved, the others are replaced by it.
    pub types: Vec<TypeId>,
    /// Names for the type, the most frequent first.
    pub labels: Vec<String>,
    /// The path of the file that all of them can use.
    pub target: String,
}

impl DuplicateTypes {
    /// Returns the type that the others are replaced by.
    pub fn kept(&self) -> TypeId {
        self.types[0]
    }

    /// Returns the types that are replaced.
    pub fn replaced(&self) -> &[TypeId] {
        &self.types[1..]
    }
}

/// Finds all duplicates, except those for which `is_allowed` returns true.
pub(crate) fn find_duplicates(api: &Api, is_allowed: impl Fn(&TypeDef) -> bool) -> Vec<DuplicateTypes> {
    let uses = Uses::find(api);
    let groups = group_by_label(api, &uses, &equality_classes(api), is_allowed);
    select(api, &uses, groups)
}

/// Finds the duplicates among types for which `stays` returns false, and those of a named type for which it returns true.
pub(crate) fn find_new_duplicates(api: &Api, stays: impl Fn(&TypeDef) -> bool) -> Vec<DuplicateTypes> {
    let uses = Uses::find(api);
    let mut groups = group_by_label(api, &uses, &equality_classes(api), |def| !def.is_named && stays(def));
    for group in &mut groups {
        let (old, new): (Vec<TypeId>, Vec<TypeId>) = group.iter().partition(|id| stays(api.type_def(**id)));
        let source = |id: &TypeId| &api.modules[api.type_def(*id).module].source;
        let fits = |old: &&TypeId| new.iter().all(|new| is_visible_in(source(old), source(new)));
        *group = old.iter().find(fits).copied().into_iter().chain(new).collect();
    }
    groups.retain(|group| group.len() > 1);
    select(api, &uses, groups)
}

/// Selects the groups that can be shared, without types inside others that are.
fn select(api: &Api, uses: &Uses, mut groups: Vec<Vec<TypeId>>) -> Vec<DuplicateTypes> {
    // A type inside a replaced one is removed with it, which may leave a group with one type.
    for group in &mut groups {
        sort_members(api, uses, group);
    }
    groups.retain(|group| refers_to_visible_types(api, group));
    for _ in 0..MAX_PASSES {
        let removed = types_inside(uses, &groups);
        let before = groups.len();
        for group in &mut groups {
            group.retain(|id| !removed.contains(id));
            sort_members(api, uses, group);
        }
        groups.retain(|group| group.len() > 1 && refers_to_visible_types(api, group));
        if removed.is_empty() && before == groups.len() {
            break;
        }
    }
    let duplicates = groups.into_iter().map(|types| DuplicateTypes {
        labels: labels_by_frequency(api, uses, &types),
        target: target_file(api, &types),
        types,
    });
    let mut duplicates: Vec<_> = duplicates.collect();
    duplicates.sort_by_key(|group| api.type_def(group.kept()).origin);
    duplicates
}

/// The maximum number of passes that remove types inside replaced ones; types are seldom nested deeper.
const MAX_PASSES: usize = 4;

/// How the types of a spec are used.
struct Uses {
    /// The names of the fields with a type, in CamelCase.
    fields: HashMap<TypeId, Vec<String>>,
    /// For each type that is defined at its field, the type with the field.
    around: HashMap<TypeId, TypeId>,
    /// Responses that are defined at their endpoint. They are named for it and are not shared.
    responses: HashSet<TypeId>,
}

impl Uses {
    fn find(api: &Api) -> Self {
        let mut uses = Self {
            fields: HashMap::new(),
            around: HashMap::new(),
            responses: HashSet::new(),
        };
        for (_, endpoint) in api.endpoints() {
            endpoint.fields.iter().for_each(|field| uses.add(api, field, None));
            if let Response::Json { ty, .. } = endpoint.response
                && !api.type_def(ty).is_named
            {
                uses.responses.insert(ty);
            }
        }
        for (index, def) in api.types.iter().enumerate() {
            let fields = def.kind.fields().iter();
            fields.for_each(|field| uses.add(api, field, Some(TypeId(index))));
        }
        uses
    }

    fn add(&mut self, api: &Api, field: &Field, around: Option<TypeId>) {
        let Some(id) = field.ty.named() else { return };
        let label = names::camel(&field.key).unwrap_or_default();
        self.fields.entry(id).or_default().push(label);
        if let Some(around) = around.filter(|_| !api.type_def(id).is_named) {
            self.around.insert(id, around);
        }
    }

    /// Returns the names under which a type can be shared: its own, or that of the field that it is defined at. An enum is
    /// also known by the fields that have it.
    fn labels<'a>(&'a self, def: &'a TypeDef, id: TypeId) -> BTreeSet<&'a str> {
        // A bit mask has no form under `types`.
        if def.flags {
            return BTreeSet::new();
        }
        let fields = self.fields.get(&id).into_iter().flatten().map(String::as_str);
        let is_object = matches!(def.kind, TypeKind::Object(_));
        let fields = fields.filter(|_| !def.is_named || !is_object);
        let own = def.is_named.then_some(def.rust.as_str());
        fields.chain(own).filter(|label| !label.is_empty()).collect()
    }

    /// Returns the number of types around a type that is defined at its field.
    fn depth(&self, id: TypeId) -> usize {
        self.enclosing(id).count()
    }

    /// Returns the types around a type that is defined at its field, innermost first.
    fn enclosing(&self, id: TypeId) -> impl Iterator<Item = TypeId> {
        std::iter::successors(self.around.get(&id).copied(), |id| self.around.get(id).copied())
    }
}

/// Returns a number for each type; those of equal types are equal.
fn equality_classes(api: &Api) -> Vec<u64> {
    let own: Vec<Vec<u64>> = api.types.iter().map(own_hashes).collect();
    let mut classes: Vec<u64> = own.iter().map(hash).collect();
    let mut count = 0;
    loop {
        let next = api.types.iter().zip(&own).map(|(def, own)| {
            let fields = def.kind.fields().iter().zip(own);
            let mut parts: Vec<u64> = fields
                .map(|(field, own)| hash(&(own, field.ty.named().map(|id| classes[id.0]))))
                .collect();
            parts.sort_unstable();
            if parts.is_empty() { hash(own) } else { hash(&parts) }
        });
        classes = next.collect();
        // Each round distinguishes at least as many types; with no more of them, the classes are final.
        let now = classes.iter().collect::<HashSet<_>>().len();
        if now == count {
            return classes;
        }
        count = now;
    }
}

/// Returns a hash of each field, without the types in it, or of each value.
fn own_hashes(def: &TypeDef) -> Vec<u64> {
    match &def.kind {
        TypeKind::Object(fields) => fields.iter().map(field_hash).collect(),
        TypeKind::StringEnum(variants) => values_hash(variants, 1),
        TypeKind::IntEnum(variants) => values_hash(variants, if def.flags { 3 } else { 2 }),
    }
}

fn field_hash(field: &Field) -> u64 {
    let bounds = &field.bounds;
    let numbers = [bounds.min, bounds.max].map(|bound| bound.map(f64::to_bits));
    let sizes = [
        [bounds.min_length, bounds.max_length],
        [bounds.min_items, bounds.max_items],
        [bounds.min_bytes, bounds.max_bytes],
    ];
    let ty = field.ty.to_expression(|_| String::new());
    let default = field.default.as_ref().map(ToString::to_string);
    let facts = (&field.key, &field.rust, field.place, ty, field.required, field.secret);
    hash(&(
        facts,
        default,
        numbers,
        sizes,
        (
            &field.pattern,
            field.time.map(|time| format!("{time:?}")),
            field.of_file,
            field.source.map(|source| format!("{source:?}")),
        ),
        &field.scopes,
        &field.deprecated,
    ))
}

fn values_hash<T: ToString>(variants: &[Variant<T>], kind: u8) -> Vec<u64> {
    let value = |variant: &Variant<T>| hash(&(kind, variant.value.to_string(), &variant.rust, &variant.scopes));
    let mut hashes: Vec<u64> = variants.iter().map(value).collect();
    hashes.sort_unstable();
    hashes
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Returns the groups of equal types that have a name in common.
fn group_by_label(api: &Api, uses: &Uses, classes: &[u64], is_allowed: impl Fn(&TypeDef) -> bool) -> Vec<Vec<TypeId>> {
    // Types by class and, for values without a meaning, by module.
    let mut equal: BTreeMap<(u64, Option<usize>), Vec<TypeId>> = BTreeMap::new();
    for (index, def) in api.types.iter().enumerate() {
        let id = TypeId(index);
        let is_used = def.in_request || def.in_response;
        // A bit mask has no form under `types`.
        let is_candidate = is_used && !def.flags && !uses.responses.contains(&id) && !is_empty(def);
        if is_candidate && !is_allowed(def) {
            let home = has_bare_values(def).then_some(def.module);
            equal.entry((classes[index], home)).or_default().push(id);
        }
    }
    let mut groups = Vec::new();
    for types in equal.into_values().filter(|types| types.len() > 1) {
        groups.extend(connect_by_label(api, uses, &types));
    }
    groups
}

/// Splits equal types into groups that are connected by names.
fn connect_by_label(api: &Api, uses: &Uses, types: &[TypeId]) -> Vec<Vec<TypeId>> {
    let mut group_of: Vec<usize> = (0..types.len()).collect();
    let mut by_label: HashMap<&str, usize> = HashMap::new();
    for (index, &id) in types.iter().enumerate() {
        for label in uses.labels(api.type_def(id), id) {
            let other = group_of[*by_label.entry(label).or_insert(index)];
            let own = group_of[index];
            let (low, high) = (own.min(other), own.max(other));
            group_of
                .iter_mut()
                .filter(|group| **group == high)
                .for_each(|group| *group = low);
        }
    }
    let mut groups: BTreeMap<usize, Vec<TypeId>> = BTreeMap::new();
    for (group, id) in group_of.into_iter().zip(types) {
        groups.entry(group).or_default().push(*id);
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

fn is_empty(def: &TypeDef) -> bool {
    match &def.kind {
        TypeKind::Object(fields) => fields.is_empty(),
        TypeKind::StringEnum(variants) => variants.is_empty(),
        TypeKind::IntEnum(variants) => variants.is_empty(),
    }
}

/// Returns whether an enum has only numbers whose names were derived from them: `1, 2` means something else in each
/// resource.
fn has_bare_values(def: &TypeDef) -> bool {
    fn is_bare<T: ToString>(variant: &Variant<T>) -> bool {
        let stem = variant.rust.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
        let is_number = !variant.value.to_string().contains(char::is_alphabetic);
        is_number && matches!(stem, "" | "N" | "Value" | "Minus" | "Item")
    }
    match &def.kind {
        TypeKind::Object(_) => false,
        TypeKind::StringEnum(variants) => variants.iter().all(is_bare),
        TypeKind::IntEnum(variants) => variants.iter().all(is_bare),
    }
}

/// Returns whether the definition to keep can be in the target file: that it refers to no type of a lower level. Such a type
/// is shared first, if it has an equal one.
fn refers_to_visible_types(api: &Api, group: &[TypeId]) -> bool {
    let target = target_file(api, group);
    let mut open = vec![group[0]];
    let mut seen = HashSet::from([group[0]]);
    while let Some(id) = open.pop() {
        for inner in api
            .type_def(id)
            .kind
            .fields()
            .iter()
            .filter_map(|field| field.ty.named())
        {
            let def = api.type_def(inner);
            if !def.is_named {
                open.extend(seen.insert(inner).then_some(inner));
            } else if !group.contains(&inner) && !is_visible_in(&api.modules[def.module].source, &target) {
                return false;
            }
        }
    }
    true
}

/// Returns whether the types of the file `shared` can be used in `file`.
pub(crate) fn is_visible_in(shared: &str, file: &str) -> bool {
    let directory = shared
        .strip_suffix("types.yaml")
        .filter(|directory| directory.ends_with('/'));
    shared == file || directory.is_some_and(|directory| file.starts_with(directory))
}

/// Returns the types that are defined inside a replaced type.
fn types_inside(uses: &Uses, groups: &[Vec<TypeId>]) -> HashSet<TypeId> {
    let replaced: HashSet<TypeId> = groups.iter().flat_map(|group| &group[1..]).copied().collect();
    let is_inside = |id: &&TypeId| uses.enclosing(**id).any(|around| replaced.contains(&around));
    groups.iter().flatten().filter(is_inside).copied().collect()
}

/// Sorts the types of a group: the one to keep is first. That is one of the target file, else a named type, else the one
/// that is nested least.
fn sort_members(api: &Api, uses: &Uses, group: &mut [TypeId]) {
    if group.len() < 2 {
        return;
    }
    let target = target_file(api, group);
    group.sort_by_key(|&id| {
        let def = api.type_def(id);
        let is_in_target = def.is_named && api.modules[def.module].source == target;
        (!is_in_target, !def.is_named, uses.depth(id), def.origin)
    });
}

/// Returns the path of the lowest file whose types all of `types` can use.
fn target_file(api: &Api, types: &[TypeId]) -> String {
    let mut modules = types.iter().map(|id| &api.modules[api.type_def(*id).module]);
    let Some(first) = modules.next() else {
        return String::new();
    };
    modules.fold(first.source.clone(), |target, module| {
        lowest_file(first, &target, module)
    })
}

/// Returns the path of the lowest file that has types for `module` and for the modules that can use `target`.
fn lowest_file(first: &Module, target: &str, module: &Module) -> String {
    let version_types = version_types(module);
    if target == module.source || target == ModuleName::PLATFORM || module.is_platform() {
        return if module.is_platform() {
            ModuleName::PLATFORM.to_owned()
        } else {
            target.to_owned()
        };
    }
    if (&first.project, &first.version) == (&module.project, &module.version) {
        version_types
    } else {
        ModuleName::PLATFORM.to_owned()
    }
}

/// Returns the path of the file with the types of the project version of a module.
fn version_types(module: &Module) -> String {
    format!("spec/{}/{}/types.yaml", module.project, module.version)
}

/// Returns the names of a group, the most frequent first.
fn labels_by_frequency(api: &Api, uses: &Uses, types: &[TypeId]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for &id in types {
        let def = api.type_def(id);
        for label in uses.labels(def, id) {
            *counts.entry(label).or_default() += 1;
        }
    }
    let kept = api.type_def(types[0]);
    let mut labels: Vec<(&str, usize)> = counts.into_iter().collect();
    labels.sort_by_key(|(label, count)| (!(kept.is_named && kept.rust == *label), std::cmp::Reverse(*count)));
    labels.into_iter().map(|(label, _)| label.to_owned()).collect()
}
