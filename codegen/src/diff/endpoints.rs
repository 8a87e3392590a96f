//! Which endpoint of the old spec is which of the new one, and what each pair differs in.

use std::collections::{HashMap, HashSet, VecDeque};

use super::comparison::{At, Comparison, Subject};
use super::quoted::{from_to, quoted};
use super::rules::*;
use super::{
    access, errors, facts, fields, headers, limits, pagination, polls, repetition, responses, scopes, uploads,
};
use crate::model::{Endpoint, Module, Origin};

/// Compares every endpoint.
pub(super) fn compare(comparison: &mut Comparison<'_>) {
    let (old, new) = (comparison.old, comparison.new);
    let by_id: HashMap<&str, &Endpoint> = new.endpoints().map(|(_, e)| (e.id.as_str(), e)).collect();
    let known: HashSet<&str> = old.endpoints().map(|(_, e)| e.id.as_str()).collect();
    // A spec may allow that several endpoints have one route.
    let mut added: HashMap<Route, VecDeque<&Endpoint>> = HashMap::new();
    for (_, endpoint) in new.endpoints().filter(|(_, e)| !known.contains(e.id.as_str())) {
        added.entry(route(endpoint)).or_default().push_back(endpoint);
    }
    for (_, before) in old.endpoints() {
        if let Some(after) = by_id.get(before.id.as_str()) {
            pair(comparison, before, after);
        } else if let Some(after) = added.get_mut(&route(before)).and_then(VecDeque::pop_front) {
            renamed(comparison, before, after);
        } else {
            removed(comparison, before);
        }
    }
    for endpoint in added.into_values().flatten() {
        let message = format!("{} {}", endpoint.method.as_str(), quoted(&endpoint.path));
        comparison.report(&ENDPOINT_ADDED, &subject(endpoint), At::New(endpoint.origin), message);
    }
    modules(comparison);
}

/// What the platform tells endpoints apart by: the names of path parameters make no difference.
type Route = (&'static str, String);

fn route(endpoint: &Endpoint) -> Route {
    (endpoint.method.as_str(), shape(&endpoint.path))
}

/// A path without the names of its parameters.
pub(super) fn shape(path: &str) -> String {
    let segments = path.split('/');
    let shapes = segments.map(|segment| if segment.starts_with(':') { ":" } else { segment });
    shapes.collect::<Vec<_>>().join("/")
}

/// The names of the parameters of a path, in order.
pub(super) fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix(':'))
}

/// Whether two paths have the same parameters in other places: what was sent in one is looked for in another.
fn has_other_order(old: &str, new: &str) -> bool {
    let (old, new): (Vec<&str>, Vec<&str>) = (parameters(old).collect(), parameters(new).collect());
    let sorted = |names: &[&str]| {
        let mut names = names.to_vec();
        names.sort_unstable();
        names.join("/")
    };
    old != new && sorted(&old) == sorted(&new)
}

fn subject(endpoint: &Endpoint) -> Subject {
    Subject::endpoint(&endpoint.id)
}

fn removed(comparison: &mut Comparison<'_>, before: &Endpoint) {
    let (rule, message) = match &before.deprecated {
        None => (&ENDPOINT_REMOVED, "gone without having been deprecated".to_owned()),
        Some(deprecation) => (
            &DEPRECATED_ENDPOINT_REMOVED,
            match &deprecation.successor {
                Some(successor) => format!("it was deprecated in favour of {}", quoted(successor)),
                None => "it was deprecated".to_owned(),
            },
        ),
    };
    comparison.report(rule, &subject(before), At::Old(before.origin), message);
}

fn renamed(comparison: &mut Comparison<'_>, before: &Endpoint, after: &Endpoint) {
    let message = from_to(&before.id, &after.id);
    comparison.report(&ENDPOINT_RENAMED, &subject(after), At::New(after.origin), message);
    contents(comparison, before, after);
}

fn pair(comparison: &mut Comparison<'_>, before: &Endpoint, after: &Endpoint) {
    if before.rust != after.rust {
        let message = from_to(&before.rust, &after.rust);
        comparison.report(&REQUEST_TYPE_RENAMED, &subject(after), At::New(after.origin), message);
    }
    contents(comparison, before, after);
}

/// Everything but the names.
fn contents(comparison: &mut Comparison<'_>, before: &Endpoint, after: &Endpoint) {
    let (subject, at) = (subject(after), At::New(after.origin));
    if before.method != after.method {
        let message = from_to(before.method.as_str(), after.method.as_str());
        comparison.report(&METHOD_CHANGED, &subject, at, message);
    }
    if shape(&before.path) != shape(&after.path) || has_other_order(&before.path, &after.path) {
        let message = from_to(&before.path, &after.path);
        comparison.report(&PATH_CHANGED, &subject, at, message);
    }
    access::compare(comparison, &subject, before, after);
    scopes::compare(comparison, &subject, before, after);
    limits::compare(comparison, &subject, before, after);
    repetition::compare(comparison, &subject, before, after);
    headers::compare(comparison, &subject, before, after);
    fields::compare(comparison, &subject, before, after);
    responses::compare(comparison, &subject, before, after);
    errors::compare(comparison, &subject, before, after);
    pagination::compare(comparison, &subject, before, after);
    polls::compare(comparison, &subject, before, after);
    uploads::compare(comparison, &subject, before, after);
    facts::compare(comparison, &subject, before, after);
}

/// Modules have nothing of their own but a line of documentation.
fn modules(comparison: &mut Comparison<'_>) {
    let by_source: HashMap<&str, &Module> = comparison.old.modules.iter().map(|m| (m.source.as_str(), m)).collect();
    for (file, module) in comparison.new.modules.iter().enumerate() {
        let Some(before) = by_source.get(module.source.as_str()) else {
            continue;
        };
        if before.doc != module.doc {
            let name = format!("{}.{}.{}", module.project, module.version, module.resource);
            let origin = Origin {
                file,
                line: 1,
                ..Origin::default()
            };
            comparison.report(&DOCS_CHANGED, &Subject::endpoint(name), At::New(origin), "doc");
        }
    }
}
