//! The state of a comparison: the two specs, the changes so far, and the types still to compare.

use std::collections::{HashMap, HashSet};

use super::{Change, Changes, Place, Rule, Side};
use crate::characters::escape_hidden;
use crate::model::{Api, Endpoint, Field, Origin, Response, SecondSource, TypeId, TypeKind};

/// The direction of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    /// To the platform.
    Request,
    /// From the platform.
    Response,
}

/// Two types in the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Pair {
    pub old: TypeId,
    pub new: TypeId,
    pub direction: Direction,
}

/// The subject of a change.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub text: String,
    /// The endpoint or type that it is a part of.
    pub entry: String,
    /// The type in the new spec, if a type changed.
    pub of_type: Option<TypeId>,
}

/// A place in one of the two specs.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    Old(Origin),
    New(Origin),
}

/// The state of a comparison.
pub(super) struct Comparison<'a> {
    pub old: &'a Api,
    pub new: &'a Api,
    changes: Vec<(Change, Option<TypeId>)>,
    /// Rule, subject and message of the changes of [`Self::report_once`].
    reported: HashSet<(&'static str, String, String)>,
    reached: HashSet<Pair>,
    open: Vec<Pair>,
}

impl<'a> Comparison<'a> {
    pub fn new(old: &'a Api, new: &'a Api) -> Self {
        Self {
            old,
            new,
            changes: Vec::new(),
            reported: HashSet::new(),
            reached: HashSet::new(),
            open: Vec::new(),
        }
    }

    /// Adds a change.
    pub fn report(&mut self, rule: &'static Rule, subject: &Subject, at: At, message: impl Into<String>) {
        let change = Change {
            rule,
            subject: subject.text.clone(),
            entry: subject.entry.clone(),
            message: message.into(),
            place: self.place(at),
            used_by: Vec::new(),
        };
        self.changes.push((change, subject.of_type));
    }

    /// Adds a change unless it was added already.
    pub fn report_once(&mut self, rule: &'static Rule, subject: &Subject, at: At, message: String) {
        if self.reported.insert((rule.id, subject.text.clone(), message.clone())) {
            self.report(rule, subject, at, message);
        }
    }

    /// Adds a pair of types in the same place, which is compared once for each direction.
    pub fn reach(&mut self, pair: Pair) {
        if self.reached.insert(pair) {
            self.open.push(pair);
        }
    }

    /// Returns the next pair of types to compare.
    pub fn next_pair(&mut self) -> Option<Pair> {
        self.open.pop()
    }

    /// Returns the changes, with the endpoints that use the changed types.
    pub fn finish(self) -> Changes {
        let types = self.changes.iter().filter_map(|(_, of_type)| *of_type);
        let users = Users::find(self.new, types);
        let changes = self.changes.into_iter().map(|(mut change, of_type)| {
            change.used_by = of_type.map(|id| users.endpoints(id)).unwrap_or_default();
            change
        });
        Changes::new(changes.collect())
    }

    fn place(&self, at: At) -> Option<Place> {
        let (side, api, origin) = match at {
            At::Old(origin) => (Side::Old, self.old, origin),
            At::New(origin) => (Side::New, self.new, origin),
        };
        // A loaded spec has one module for each file, in the same order.
        let module = api.modules.get(origin.file)?;
        Some(Place {
            side,
            path: module.source.clone(),
            line: origin.line,
        })
    }
}

impl Subject {
    /// Creates the subject of an endpoint.
    pub fn endpoint(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            entry: text.clone(),
            text,
            of_type: None,
        }
    }

    /// Creates the subject of a part.
    pub fn part(&self, separator: char, name: &str) -> Self {
        let name = bare(name);
        Self {
            text: format!("{}{separator}{name}", self.text),
            entry: self.entry.clone(),
            of_type: self.of_type,
        }
    }
}

/// The endpoints that use a type, by type.
struct Users(HashMap<TypeId, Vec<String>>);

impl Users {
    /// Finds the endpoints of `api` that use `types`, sorted by id.
    fn find(api: &Api, types: impl Iterator<Item = TypeId>) -> Self {
        let mut users: HashMap<TypeId, Vec<String>> = types.map(|id| (id, Vec::new())).collect();
        if users.is_empty() {
            return Self(users);
        }
        for (_, endpoint) in api.endpoints() {
            for id in reached(api, endpoint) {
                if let Some(endpoints) = users.get_mut(&id) {
                    endpoints.push(endpoint.id.clone());
                }
            }
        }
        users.values_mut().for_each(|endpoints| endpoints.sort());
        Self(users)
    }

    /// Returns the ids of the endpoints that use a type.
    fn endpoints(&self, id: TypeId) -> Vec<String> {
        self.0.get(&id).cloned().unwrap_or_default()
    }
}

/// Returns every type in the request and the response of an endpoint.
fn reached(api: &Api, endpoint: &Endpoint) -> HashSet<TypeId> {
    let mut open: Vec<TypeId> = named(&endpoint.fields).collect();
    if let Response::Json { ty, .. } = endpoint.response {
        open.push(ty);
    }
    let mut reached = HashSet::new();
    while let Some(id) = open.pop() {
        if reached.insert(id)
            && let TypeKind::Object(fields) = &api.type_def(id).kind
        {
            open.extend(named(fields));
        }
    }
    reached
}

fn named(fields: &[Field]) -> impl Iterator<Item = TypeId> {
    fields.iter().filter_map(|field| field.ty.named())
}

/// Returns the value in backticks.
pub(super) fn quoted(value: impl ToString) -> String {
    format!("`{}`", bare(&value.to_string()))
}

/// Returns values in backticks, separated by commas.
pub(super) fn list<T: ToString>(values: impl IntoIterator<Item = T>) -> String {
    values.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// Returns the value in backticks, or `none`.
pub(super) fn or_none(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), quoted)
}

/// Returns `old → new`.
pub(super) fn from_to(old: impl ToString, new: impl ToString) -> String {
    format!("{} → {}", quoted(old), quoted(new))
}

/// The maximum length of a value in a message.
const MAX_CHARACTERS: usize = 200;

/// Returns the value on one line, truncated, and without characters that Markdown or a terminal interprets.
pub(super) fn bare(value: &str) -> String {
    let mut text = String::new();
    for (index, c) in value.chars().enumerate() {
        match c {
            _ if index == MAX_CHARACTERS => {
                text.push('…');
                break;
            }
            '`' => text.push('\''),
            c => text.extend(escape_hidden(c)),
        }
    }
    text
}

/// Returns the name of a source in messages.
pub(super) fn source_name(source: Option<SecondSource>) -> &'static str {
    source.map_or("page", SecondSource::as_str)
}
