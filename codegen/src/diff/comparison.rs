//! Two specs side by side, what was found so far, and which types are still to be compared.

use std::collections::HashSet;

use super::change::{Change, Changes, Place, Side};
use super::rules::Rule;
use super::users::Users;
use crate::model::{Api, Origin, TypeId};

/// Which way a value travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    /// To the platform.
    Request,
    /// From the platform.
    Response,
}

/// Two types that are used in the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Pair {
    pub old: TypeId,
    pub new: TypeId,
    pub direction: Direction,
}

/// What a change concerns.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub text: String,
    /// The type in the new spec, where the change is one of a type.
    pub of_type: Option<TypeId>,
}

/// A place in one of the two specs.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    Old(Origin),
    New(Origin),
}

/// Two specs side by side.
pub(super) struct Comparison<'a> {
    pub old: &'a Api,
    pub new: &'a Api,
    changes: Vec<(Change, Option<TypeId>)>,
    reached: HashSet<Pair>,
    open: Vec<Pair>,
}

impl<'a> Comparison<'a> {
    pub fn new(old: &'a Api, new: &'a Api) -> Self {
        Self {
            old,
            new,
            changes: Vec::new(),
            reached: HashSet::new(),
            open: Vec::new(),
        }
    }

    /// Notes a change.
    pub fn report(&mut self, rule: &'static Rule, subject: &Subject, at: At, message: impl Into<String>) {
        let change = Change {
            rule,
            subject: subject.text.clone(),
            message: message.into(),
            place: self.place(at),
            used_by: Vec::new(),
        };
        self.changes.push((change, subject.of_type));
    }

    /// Notes that two types are used in the same place; they are compared once for each direction.
    pub fn reach(&mut self, pair: Pair) {
        if self.reached.insert(pair) {
            self.open.push(pair);
        }
    }

    /// The next two types to compare.
    pub fn next_pair(&mut self) -> Option<Pair> {
        self.open.pop()
    }

    /// All that was found, with the endpoints that use what it concerns.
    pub fn finish(self) -> Changes {
        let types = self.changes.iter().filter_map(|(_, of_type)| *of_type);
        let users = Users::of(self.new, types);
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
        // A spec that loads has a module for each of its files, in the same order.
        let module = api.modules.get(origin.file)?;
        Some(Place {
            side,
            path: module.source.clone(),
            line: origin.line,
        })
    }
}

impl Subject {
    /// An endpoint or a part of it.
    pub fn endpoint(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            of_type: None,
        }
    }

    /// A part of the same thing.
    pub fn part(&self, separator: char, name: &str) -> Self {
        let name = super::quoted::bare(name);
        Self {
            text: format!("{}{separator}{name}", self.text),
            of_type: self.of_type,
        }
    }
}
