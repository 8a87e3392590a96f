//! Types that contain themselves.
//!
//! A field through which a type reaches itself is boxed, or the Rust type would be infinitely large;
//! lists and maps are boxes already. If every field of such a cycle is required, no value can exist.

use super::type_subject;
use crate::finding;
use crate::model::{Api, Field, Origin, Type, TypeKind};
use crate::read::{Reader, shown};

pub(super) fn check(reader: &mut Reader<'_>, api: &mut Api) {
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
            shown(&field)
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
