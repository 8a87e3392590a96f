//! Types: direction, recursion, and use.

use crate::characters::quote;
use crate::finding;
use crate::finding::Severity;
use crate::model::{Api, Field, Module, Origin, Response, Type, TypeDef, TypeId, TypeKind};
use crate::read::{ModuleName, Reader};

/// Sets [`TypeDef::in_request`] and [`TypeDef::in_response`].
pub(super) fn mark_directions(api: &mut Api) {
    let mut sent = Vec::new();
    let mut answered = Vec::new();
    for (_, endpoint) in api.endpoints() {
        sent.extend(named(&endpoint.fields));
        if let Response::Json { ty, .. } = endpoint.response {
            answered.push(ty);
        }
    }
    spread(&mut api.types, sent, |def| &mut def.in_request);
    spread(&mut api.types, answered, |def| &mut def.in_response);
}

/// Marks `open` and everything that can be reached from there.
fn spread(types: &mut [TypeDef], mut open: Vec<TypeId>, mark: fn(&mut TypeDef) -> &mut bool) {
    while let Some(id) = open.pop() {
        let def = &mut types[id.0];
        if !std::mem::replace(mark(def), true)
            && let TypeKind::Object(fields) = &def.kind
        {
            open.extend(named(fields));
        }
    }
}

fn named(fields: &[Field]) -> impl Iterator<Item = TypeId> {
    fields.iter().filter_map(|field| field.ty.named())
}

pub(super) fn check_recursion(reader: &mut Reader<'_>, api: &mut Api) {
    let every = cycles(&edges(api, |_| true));
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
    let required = cycles(&edges(api, |field| field.required));
    let mut reported = vec![false; api.types.len()];
    for (index, def) in api.types.iter().enumerate() {
        let Some(cycle) = required[index].filter(|cycle| !std::mem::replace(&mut reported[*cycle], true)) else {
            continue;
        };
        let Some((field, origin)) = field_into(api, index, cycle, &required) else {
            continue;
        };
        let message = format!(
            "through its field {} it requires itself, so no value of it can exist",
            quote(&field)
        );
        let help = Some("make one field on the way optional".into());
        reader.report_about(finding::REQUIRED_CYCLE, origin, &type_subject(api, def), &message, help);
    }
}

/// The required field with which a type goes on in its cycle.
fn field_into(api: &Api, index: usize, cycle: usize, cycles: &[Option<usize>]) -> Option<(String, Origin)> {
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

/// For each type, the types that it holds without a list or map between them.
fn edges(api: &Api, counts: fn(&Field) -> bool) -> Vec<Vec<usize>> {
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

/// For each node of a graph, the smallest node that it shares a cycle with.
fn cycles(edges: &[Vec<usize>]) -> Vec<Option<usize>> {
    let backward = reversed(edges);
    let alive = peeled(edges, &backward);
    let mut cycle = vec![None; edges.len()];
    for start in 0..edges.len() {
        if !alive[start] || cycle[start].is_some() {
            continue;
        }
        let onward = reached(edges, start);
        let back = reached(&backward, start);
        for node in (0..edges.len()).filter(|&node| onward[node] && back[node]) {
            cycle[node] = Some(start);
        }
    }
    cycle
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

/// What is left when nodes without a way on are taken away until there are none. Nearly all types go.
fn peeled(edges: &[Vec<usize>], backward: &[Vec<usize>]) -> Vec<bool> {
    let mut alive = vec![true; edges.len()];
    let mut ways: Vec<usize> = edges.iter().map(Vec::len).collect();
    let mut ends: Vec<usize> = (0..edges.len()).filter(|&node| ways[node] == 0).collect();
    while let Some(node) = ends.pop() {
        alive[node] = false;
        for &before in &backward[node] {
            ways[before] -= 1;
            if ways[before] == 0 {
                ends.push(before);
            }
        }
    }
    alive
}

/// The nodes that one or more steps lead to.
fn reached(edges: &[Vec<usize>], start: usize) -> Vec<bool> {
    let mut reached = vec![false; edges.len()];
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        for &next in &edges[node] {
            if !std::mem::replace(&mut reached[next], true) {
                open.push(next);
            }
        }
    }
    reached
}

pub(super) fn check_unused(reader: &mut Reader<'_>, api: &Api) {
    for def in &api.types {
        let module = &api.modules[def.module];
        let named = reader.types.named(def.module, &def.rust).is_some();
        if named && !used(def) && is_certain(reader, module) {
            let help = Some("use it in a field or remove it; where it is to stay, allow it and say so".into());
            let subject = type_subject(api, def);
            reader.report_about(finding::UNUSED_TYPE, def.origin, &subject, "no endpoint uses it", help);
        }
    }
}

fn used(def: &TypeDef) -> bool {
    def.in_request || def.in_response
}

/// Whether everything that could use a type of this module was read. What has an error may have been dropped
/// with the uses in it; this finding comes when that is mended.
fn is_certain(reader: &Reader<'_>, module: &Module) -> bool {
    let shared = module.resource == ModuleName::SHARED;
    let home = module.source.rsplit_once('/').map_or("", |(home, _)| home);
    let concerns =
        |path: &str| path == module.source || shared && path.rsplit_once('/').is_some_and(|(other, _)| other == home);
    !reader
        .findings
        .iter()
        .any(|finding| finding.severity() == Severity::Error && concerns(&finding.path))
}

/// What findings about a type begin with: `drive.v1.media type TmpDownloadUrl: `.
fn type_subject(api: &Api, def: &TypeDef) -> String {
    format!("{} type {}: ", api.modules[def.module].id(), def.rust)
}
