//! Matches endpoints of the two specs and compares each pair.

use std::collections::{HashMap, HashSet, VecDeque};

use super::access::{
    compare_access, compare_fixed_fields, compare_headers, compare_idempotency, compare_limits, compare_scopes,
};
use super::comparison::{At, Comparison, Subject, from_to, quoted, source_name};
use super::errors::compare_errors;
use super::fields::{compare_fields, path_parameters, path_shape};
use super::responses::{compare_pagination, compare_poll, compare_responses, compare_upload};
use super::rule_table::*;
use crate::model::{Deprecation, Endpoint, Lifetime, Module, Origin};

/// Compares every endpoint.
pub(super) fn compare_endpoints(comparison: &mut Comparison<'_>) {
    let (old, new) = (comparison.old, comparison.new);
    let by_id: HashMap<&str, &Endpoint> = new.endpoints().map(|(_, e)| (e.id.as_str(), e)).collect();
    let known: HashSet<&str> = old.endpoints().map(|(_, e)| e.id.as_str()).collect();
    // Several endpoints may have the same route.
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

/// The method and the path of an endpoint without the names of its parameters.
type Route = (&'static str, String);

fn route(endpoint: &Endpoint) -> Route {
    (endpoint.method.as_str(), path_shape(&endpoint.path))
}

/// Returns whether two paths have the same parameters in another order.
fn has_other_order(old: &str, new: &str) -> bool {
    let (old, new): (Vec<&str>, Vec<&str>) = (path_parameters(old).collect(), path_parameters(new).collect());
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
        None => (&ENDPOINT_REMOVED, "removed without prior deprecation".to_owned()),
        Some(deprecation) => (
            &DEPRECATED_ENDPOINT_REMOVED,
            match &deprecation.successor {
                Some(successor) => format!("was deprecated in favour of {}", quoted(successor)),
                None => "was deprecated".to_owned(),
            },
        ),
    };
    comparison.report(rule, &subject(before), At::Old(before.origin), message);
}

fn renamed(comparison: &mut Comparison<'_>, before: &Endpoint, after: &Endpoint) {
    let message = from_to(&before.id, &after.id);
    comparison.report(&ENDPOINT_RENAMED, &subject(after), At::New(after.origin), message);
    compare_contents(comparison, before, after);
}

fn pair(comparison: &mut Comparison<'_>, before: &Endpoint, after: &Endpoint) {
    if before.rust != after.rust {
        let message = from_to(&before.rust, &after.rust);
        comparison.report(&REQUEST_TYPE_RENAMED, &subject(after), At::New(after.origin), message);
    }
    compare_contents(comparison, before, after);
}

/// Compares everything except the names.
fn compare_contents(comparison: &mut Comparison<'_>, before: &Endpoint, after: &Endpoint) {
    let (subject, at) = (subject(after), At::New(after.origin_of("http")));
    if before.method != after.method {
        let message = from_to(before.method.as_str(), after.method.as_str());
        comparison.report(&METHOD_CHANGED, &subject, at, message);
    }
    if path_shape(&before.path) != path_shape(&after.path) || has_other_order(&before.path, &after.path) {
        let message = from_to(&before.path, &after.path);
        comparison.report(&PATH_CHANGED, &subject, at, message);
    }
    compare_sources(comparison, &subject, before, after);
    if before.host != after.host {
        let message = from_to(before.host.as_str(), after.host.as_str());
        comparison.report(&HOST_CHANGED, &subject, At::New(after.origin_of("host")), message);
    }
    compare_access(comparison, &subject, before, after);
    compare_scopes(comparison, &subject, before, after);
    compare_limits(comparison, &subject, before, after);
    compare_idempotency(comparison, &subject, before, after);
    compare_headers(comparison, &subject, before, after);
    compare_fixed_fields(comparison, &subject, before, after);
    compare_fields(comparison, &subject, before, after);
    compare_responses(comparison, &subject, before, after);
    compare_errors(comparison, &subject, before, after);
    compare_pagination(comparison, &subject, before, after);
    compare_poll(comparison, &subject, before, after);
    compare_upload(comparison, &subject, before, after);
    compare_properties(comparison, &subject, before, after);
}

/// Compares the sources of the endpoint and of its token kinds. Whether a kind is accepted is judged by other rules.
fn compare_sources(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    if before.source != after.source {
        let (was, is) = (source_name(before.source), source_name(after.source));
        comparison.report(
            &SOURCE_CHANGED,
            subject,
            At::New(after.origin_of("source")),
            from_to(was, is),
        );
    }
    let of = |endpoint: &Endpoint, kind| {
        let mut sources = endpoint.token_sources.iter();
        source_name(sources.find(|(sourced, _)| *sourced == kind).map(|(_, source)| *source))
    };
    for kind in after.tokens.iter().flatten() {
        let was_accepted = before.tokens.as_ref().is_some_and(|tokens| tokens.contains(kind));
        let (was, is) = (of(before, *kind), of(after, *kind));
        if was_accepted && was != is {
            let message = format!("{} token: {}", kind.as_str(), from_to(was, is));
            comparison.report(&SOURCE_CHANGED, subject, At::New(after.origin_of("tokens")), message);
        }
    }
}

/// Compares the documentation of modules.
fn modules(comparison: &mut Comparison<'_>) {
    let by_source: HashMap<&str, &Module> = comparison.old.modules.iter().map(|m| (m.source.as_str(), m)).collect();
    for (file, module) in comparison.new.modules.iter().enumerate() {
        let Some(before) = by_source.get(module.source.as_str()) else {
            continue;
        };
        if before.doc != module.doc {
            let name = module.id();
            let origin = Origin {
                file,
                line: 1,
                ..Origin::default()
            };
            comparison.report(&DOCS_CHANGED, &Subject::endpoint(name), At::New(origin), "doc");
        }
    }
}

fn compare_properties(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    lifetime(
        comparison,
        subject,
        At::New(after.origin_of("lifetime")),
        before.lifetime.as_ref(),
        after.lifetime.as_ref(),
    );
    let at = At::New(after.origin_of("deprecated"));
    match (&before.deprecated, &after.deprecated) {
        (None, Some(new)) => comparison.report(&ENDPOINT_DEPRECATED, subject, at, describe_deprecation(new)),
        (Some(_), None) => comparison.report(&ENDPOINT_UNDEPRECATED, subject, at, "no longer deprecated"),
        _ => {}
    }
    documentation(comparison, subject, before, after);
}

fn describe_deprecation(deprecation: &Deprecation) -> String {
    match (&deprecation.successor, &deprecation.reason) {
        (Some(successor), _) => format!("in favour of {}", quoted(successor)),
        (None, Some(reason)) => quoted(reason),
        (None, None) => "without a reason".to_owned(),
    }
}

fn lifetime(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    at: At,
    old: Option<&Lifetime>,
    new: Option<&Lifetime>,
) {
    let (old, new) = match (old, new) {
        (None, None) => return,
        (None, Some(new)) => return comparison.report(&LIFETIME_ADDED, subject, at, describe_lifetime(new)),
        (Some(old), None) => return comparison.report(&LIFETIME_REMOVED, subject, at, describe_lifetime(old)),
        (Some(old), Some(new)) => (old, new),
    };
    let message = format!("{} → {}", describe_lifetime(old), describe_lifetime(new));
    if new.seconds < old.seconds || (&old.of, &old.since) != (&new.of, &new.since) {
        comparison.report(&LIFETIME_SHORTENED, subject, at, message);
    } else if new.seconds > old.seconds {
        comparison.report(&LIFETIME_EXTENDED, subject, at, message);
    }
}

fn describe_lifetime(lifetime: &Lifetime) -> String {
    let since = lifetime.since.as_deref().unwrap_or("the response");
    format!(
        "{}, {} s from {}",
        quoted(&lifetime.of),
        lifetime.seconds,
        quoted(since)
    )
}

fn documentation(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let both_deprecated = before.deprecated.is_some() && after.deprecated.is_some();
    let texts = [
        ("summary", before.summary != after.summary),
        ("docs", before.docs != after.docs),
        ("updated", before.updated != after.updated),
        ("notes", before.notes != after.notes),
        ("deprecated", both_deprecated && before.deprecated != after.deprecated),
    ];
    let changed: Vec<&str> = texts
        .iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| *name)
        .collect();
    if let Some(first) = changed.first() {
        let at = At::New(after.origin_of(first));
        comparison.report(&DOCS_CHANGED, subject, at, changed.join(", "));
    }
}
