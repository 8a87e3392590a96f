//! Checks of types: direction, recursion and use, and whether examples and defaults match their types.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::characters::quote;
use crate::finding::{self, Severity};
use crate::model::{Api, Bounds, Endpoint, Field, Module, Origin, Response, Type, TypeDef, TypeId, TypeKind};
use crate::read::{Literal, ModuleName, Reader};

/// Sets [`TypeDef::in_request`] and [`TypeDef::in_response`].
pub(super) fn mark_directions(api: &mut Api) {
    let mut sent = Vec::new();
    let mut received = Vec::new();
    for (_, endpoint) in api.endpoints() {
        sent.extend(named_types(&endpoint.fields));
        if let Response::Json { ty, .. } = endpoint.response {
            received.push(ty);
        }
    }
    mark_reachable(&mut api.types, sent, |def| &mut def.in_request);
    mark_reachable(&mut api.types, received, |def| &mut def.in_response);
}

/// Marks `open` and every type reachable from there.
fn mark_reachable(types: &mut [TypeDef], mut open: Vec<TypeId>, mark: fn(&mut TypeDef) -> &mut bool) {
    while let Some(id) = open.pop() {
        let def = &mut types[id.0];
        if !std::mem::replace(mark(def), true)
            && let TypeKind::Object(fields) = &def.kind
        {
            open.extend(named_types(fields));
        }
    }
}

fn named_types(fields: &[Field]) -> impl Iterator<Item = TypeId> {
    fields.iter().filter_map(|field| field.ty.named())
}

/// Boxes the fields through which a type contains itself and reports types that require themselves.
///
/// Lists and maps allocate already. If every field of a cycle is required, no value can exist.
pub(super) fn check_recursion(reader: &mut Reader<'_>, api: &mut Api) {
    let every = find_cycles(&contained_types(api, |_| true));
    report_required(reader, api);
    for (index, def) in api.types.iter_mut().enumerate() {
        let TypeKind::Object(fields) = &mut def.kind else {
            continue;
        };
        for field in fields {
            if let Type::Named(target) = field.ty {
                field.boxed = every[index].is_some() && every[index] == every[target.0];
            }
        }
    }
}

fn report_required(reader: &mut Reader<'_>, api: &Api) {
    let required = find_cycles(&contained_types(api, |field| field.required));
    let mut reported = vec![false; api.types.len()];
    for (index, def) in api.types.iter().enumerate() {
        let Some(cycle) = required[index].filter(|cycle| !std::mem::replace(&mut reported[*cycle], true)) else {
            continue;
        };
        let Some((field, origin)) = find_cycle_field(api, index, cycle, &required) else {
            continue;
        };
        let message = format!(
            "it requires itself through its field {}, so no value can exist",
            quote(&field)
        );
        let help = Some("make one field of the cycle optional".into());
        reader.report_about(
            finding::REQUIRED_CYCLE,
            origin,
            &format_type_subject(api, def),
            &message,
            help,
        );
    }
}

/// Returns the required field of a type that continues its cycle.
fn find_cycle_field(api: &Api, index: usize, cycle: usize, cycles: &[Option<usize>]) -> Option<(String, Origin)> {
    let TypeKind::Object(fields) = &api.types[index].kind else {
        return None;
    };
    let inside = |field: &&Field| matches!(field.ty, Type::Named(id) if cycles[id.0] == Some(cycle));
    fields
        .iter()
        .filter(|field| field.required)
        .find(inside)
        .map(|field| (field.key.clone(), field.origin))
}

/// Returns, for each type, the types that it contains directly, not in a list or map.
fn contained_types(api: &Api, counts: fn(&Field) -> bool) -> Vec<Vec<usize>> {
    api.types
        .iter()
        .map(|def| match &def.kind {
            TypeKind::Object(fields) => fields
                .iter()
                .filter(|field| counts(field))
                .filter_map(|field| match field.ty {
                    Type::Named(id) => Some(id.0),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        })
        .collect()
}

/// Returns, for each node of a graph, the smallest node that it shares a cycle with.
fn find_cycles(edges: &[Vec<usize>]) -> Vec<Option<usize>> {
    let backward = reversed(edges);
    let mut cycle = vec![None; edges.len()];
    let mut visited = vec![false; edges.len()];
    // Kosaraju's algorithm: each search backwards stays inside one component.
    for start in finish_order(edges).into_iter().rev() {
        if std::mem::replace(&mut visited[start], true) {
            continue;
        }
        let (mut component, mut next) = (vec![start], 0);
        while let Some(&node) = component.get(next) {
            next += 1;
            let unseen = backward[node]
                .iter()
                .filter(|&&before| !std::mem::replace(&mut visited[before], true));
            component.extend(unseen);
        }
        let is_cycle = component.len() > 1 || edges[start].contains(&start);
        let smallest = component.iter().min().copied().filter(|_| is_cycle);
        component.iter().for_each(|node| cycle[*node] = smallest);
    }
    cycle
}

/// Returns the nodes in the order in which a depth-first search leaves them.
fn finish_order(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(edges.len());
    let mut visited = vec![false; edges.len()];
    for start in 0..edges.len() {
        if std::mem::replace(&mut visited[start], true) {
            continue;
        }
        // Each open node with the number of its edges that were followed.
        let mut open = vec![(start, 0)];
        while let Some((node, followed)) = open.last_mut() {
            match edges[*node].get(*followed) {
                Some(&to) => {
                    *followed += 1;
                    if !std::mem::replace(&mut visited[to], true) {
                        open.push((to, 0));
                    }
                }
                None => {
                    order.push(*node);
                    open.pop();
                }
            }
        }
    }
    order
}

fn reversed(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut backward = vec![Vec::new(); edges.len()];
    for (from, targets) in edges.iter().enumerate() {
        for &to in targets {
            backward[to].push(from);
        }
    }
    backward
}

/// Reports types that no endpoint uses: they would become unreachable code.
pub(super) fn check_unused(reader: &mut Reader<'_>, api: &Api) {
    let errors = reader
        .findings
        .iter()
        .filter(|finding| finding.severity() == Severity::Error);
    let broken: HashSet<String> = errors
        .flat_map(|finding| [finding.path.clone(), directory(&finding.path).to_owned()])
        .collect();
    check_unused_errors(reader, api, &broken);
    for def in &api.types {
        let module = &api.modules[def.module];
        if def.is_named && !is_used(def) && is_fully_read(&broken, module) {
            let help = Some("use it in a field or remove it; to keep it, allow this with a reason".into());
            let subject = format_type_subject(api, def);
            reader.report_about(finding::UNUSED_TYPE, def.origin, &subject, "no endpoint uses it", help);
        }
    }
}

/// Reports the error codes that no endpoint documents.
fn check_unused_errors(reader: &mut Reader<'_>, api: &Api, broken: &HashSet<String>) {
    let codes_of = |endpoint: &'_ Endpoint| {
        endpoint
            .errors
            .iter()
            .filter_map(|error| error.code)
            .collect::<Vec<_>>()
    };
    let mut used: HashSet<(&str, &str, i64)> = HashSet::new();
    for (module, endpoint) in api.endpoints() {
        let (project, version) = (module.project.as_str(), module.version.as_str());
        used.extend(codes_of(endpoint).into_iter().map(|code| (project, version, code)));
    }
    for module in api.modules.iter().filter(|module| is_fully_read(broken, module)) {
        for error in &module.errors {
            if !used.contains(&(&module.project, &module.version, error.code)) {
                let subject = format!("{} {}: ", module.id(), error.code);
                let help = Some("list it at an endpoint or remove it; to keep it, allow this with a reason".into());
                let message = "no endpoint documents it";
                reader.report_about(finding::UNUSED_ERROR, error.origin, &subject, message, help);
            }
        }
    }
}

fn is_used(def: &TypeDef) -> bool {
    def.in_request || def.in_response
}

/// Returns whether everything that could use a type of this module was read: entries with errors may have been dropped.
/// `broken` are the files with errors, and their directories.
fn is_fully_read(broken: &HashSet<String>, module: &Module) -> bool {
    if module.is_platform() {
        return broken.is_empty();
    }
    let is_shared = [ModuleName::SHARED, ModuleName::ERRORS].contains(&module.resource.as_str());
    let affected = broken.contains(&module.source) || is_shared && broken.contains(directory(&module.source));
    !affected
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// Formats the subject of findings about a type: `drive.v1.media type TmpDownloadUrl: `.
fn format_type_subject(api: &Api, def: &TypeDef) -> String {
    format!("{} type {}: ", api.modules[def.module].id(), def.rust)
}

pub(super) fn check_literals(reader: &mut Reader<'_>, api: &Api) {
    let mut types = TypeIndex::new(api);
    for literal in std::mem::take(&mut reader.literals) {
        let error = types
            .find_error(&literal.ty, &literal.value)
            .map(|error| (finding::LITERAL_TYPE, error))
            .or_else(|| {
                find_bounds_error(literal.bounds, &literal.value).map(|error| (finding::LITERAL_BOUNDS, error))
            });
        if let Some((rule, error)) = error {
            let Literal { origin, subject, .. } = literal;
            let help = "correct the value or the bound; if the page contains both, allow this with a reason";
            let help = (rule == finding::LITERAL_BOUNDS).then(|| help.into());
            reader.report_about(rule, origin, &subject, &error, help);
        }
    }
}

/// The fields and values of named types by key, collected when a literal needs them.
struct TypeIndex<'a> {
    api: &'a Api,
    fields: HashMap<TypeId, HashMap<&'a str, &'a Field>>,
    texts: HashMap<TypeId, HashSet<&'a str>>,
    numbers: HashMap<TypeId, HashSet<i64>>,
}

impl<'a> TypeIndex<'a> {
    fn new(api: &'a Api) -> Self {
        Self {
            api,
            fields: HashMap::new(),
            texts: HashMap::new(),
            numbers: HashMap::new(),
        }
    }

    /// Returns how a value violates its type.
    fn find_error(&mut self, ty: &Type, value: &Value) -> Option<String> {
        match (ty, value) {
            (Type::List(item), Value::Array(values)) => values.iter().find_map(|value| self.find_error(item, value)),
            (Type::Map(item), Value::Object(values)) => values.values().find_map(|value| self.find_error(item, value)),
            (Type::Named(id), value) => self.find_named_error(*id, value),
            (Type::Any, _)
            | (Type::String, Value::String(_))
            | (Type::Bool, Value::Bool(_))
            | (Type::Float, Value::Number(_)) => None,
            (Type::Int, Value::Number(number)) if number.is_i64() => None,
            (expected, value) => Some(format!("{} is not {}", quote(&value.to_string()), describe(expected))),
        }
    }

    fn find_named_error(&mut self, id: TypeId, value: &Value) -> Option<String> {
        let api = self.api;
        match (&api.type_def(id).kind, value) {
            (TypeKind::Object(fields), Value::Object(values)) => {
                let index = || fields.iter().map(|field| (field.key.as_str(), field)).collect();
                self.fields.entry(id).or_insert_with(index);
                values
                    .iter()
                    .find_map(|(key, value)| self.find_field_error(id, key, value))
            }
            (TypeKind::IntEnum(_), Value::Number(number)) if api.type_def(id).flags => {
                let accepted = number
                    .as_i64()
                    .is_some_and(|number| api.type_def(id).accepts_integer(number));
                (!accepted).then(|| format!("`{number}` is not a sum of the bits"))
            }
            (TypeKind::StringEnum(variants), Value::String(text)) => {
                let index = || variants.iter().map(|variant| variant.value.as_str()).collect();
                let known = self.texts.entry(id).or_insert_with(index).contains(text.as_str());
                (!known).then(|| format!("{} is not a value of the enum", quote(text)))
            }
            (TypeKind::IntEnum(variants), Value::Number(number)) => {
                let index = || variants.iter().map(|variant| variant.value).collect();
                let known = self.numbers.entry(id).or_insert_with(index);
                let known = number.as_i64().is_some_and(|number| known.contains(&number));
                (!known).then(|| format!("`{number}` is not a value of the enum"))
            }
            (_, value) => Some(format!(
                "{} is not of the type `{}`",
                quote(&value.to_string()),
                api.type_def(id).rust
            )),
        }
    }

    fn find_field_error(&mut self, object: TypeId, key: &str, value: &Value) -> Option<String> {
        match self.fields.get(&object).and_then(|fields| fields.get(key)).copied() {
            Some(field) => self.find_error(&field.ty, value),
            None => Some(format!("the object has no field {}", quote(key))),
        }
    }
}

fn describe(ty: &Type) -> &'static str {
    match ty {
        Type::String => "a string: quote it",
        Type::Int => "an integer",
        Type::Float => "a number",
        Type::Bool => "a bool",
        Type::List(_) => "a list",
        Type::Map(_) => "a mapping",
        Type::Any | Type::File | Type::Named(_) => "a value of its type",
    }
}

/// Returns how a value violates the bounds of its field.
fn find_bounds_error(bounds: Bounds, value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => compare_bounds(number.as_f64()?, bounds.min, bounds.max, "the value"),
        Value::String(text) => {
            let length = text.chars().count() as u64;
            compare_bounds(length, bounds.min_length, bounds.max_length, "the number of characters")
        }
        Value::Array(items) => compare_bounds(
            items.len() as u64,
            bounds.min_items,
            bounds.max_items,
            "the number of elements",
        ),
        Value::Object(map) => compare_bounds(
            map.len() as u64,
            bounds.min_items,
            bounds.max_items,
            "the number of elements",
        ),
        Value::Null | Value::Bool(_) => None,
    }
}

fn compare_bounds<T: PartialOrd + std::fmt::Display>(
    value: T,
    min: Option<T>,
    max: Option<T>,
    what: &str,
) -> Option<String> {
    match (min, max) {
        (Some(min), _) if value < min => Some(format!("{what} {value} is below the minimum `{min}`")),
        (_, Some(max)) if value > max => Some(format!("{what} {value} exceeds the maximum `{max}`")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::find_cycles;

    #[test]
    fn cycle_is_named_by_its_smallest_node() {
        // 0 → 1 → 3 → 1, 2 → 2, 4 → 5 → 6 → 4, 6 → 3, and 7 alone.
        let edges = [vec![1], vec![3], vec![2], vec![1], vec![5], vec![6], vec![4, 3], vec![]];
        let cycles = [None, Some(1), Some(2), Some(1), Some(4), Some(4), Some(4), None];
        assert_eq!(find_cycles(&edges), cycles);
    }
}
