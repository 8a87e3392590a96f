//! One change, all of them, and the version that follows.

use super::{Class, Rule};

/// One thing that differs between two specs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The rule that judges it.
    pub rule: &'static Rule,
    /// What it concerns: an endpoint, a field of its request, a type or a field of that.
    pub subject: String,
    /// What was and what is.
    pub message: String,
    /// Where to look.
    pub place: Option<Place>,
    /// For a change of a type: ids of the endpoints that use it, in the new spec.
    pub used_by: Vec<String>,
}

impl Change {
    pub(super) fn order(&self) -> impl Ord + '_ {
        (self.rule.class, &self.subject, self.rule.id, &self.message)
    }
}

/// A line of one of the two specs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// In which spec.
    pub side: Side,
    /// Path of the file.
    pub path: String,
    /// 1-based line.
    pub line: u32,
}

/// One of the two specs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The spec as it was.
    Old,
    /// The spec as it is to be.
    New,
}

/// Every change between two specs, the worst first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes(Vec<Change>);

impl Changes {
    pub(super) fn new(mut changes: Vec<Change>) -> Self {
        changes.sort_by(|a, b| a.order().cmp(&b.order()));
        // A type that travels both ways is compared twice, and some rules do not ask for the direction.
        changes.dedup();
        Self(changes)
    }

    /// Each change in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Change> {
        self.0.iter()
    }

    /// The changes of one class.
    pub fn of(&self, class: Class) -> impl Iterator<Item = &Change> {
        self.iter().filter(move |change| change.rule.class == class)
    }

    /// How many changes are breaking, in either way.
    pub fn breaking(&self) -> usize {
        self.iter().filter(|change| change.rule.class.is_breaking()).count()
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The version that has to follow, from 1.0 on; `None` where nothing changed.
    pub fn bump(&self) -> Option<Bump> {
        self.iter().map(|change| change.rule.bump).max()
    }
}

/// Which part of a version goes up, in the order of how much that says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bump {
    /// 1.2.3 → 1.2.4.
    Patch,
    /// 1.2.3 → 1.3.0.
    Minor,
    /// 1.2.3 → 2.0.0.
    Major,
}

impl Bump {
    /// What cargo takes for the same before 1.0: 0.2 and 0.3 are as 2 and 3, 0.2.3 and 0.2.4 as 2.3 and 2.4.
    pub fn before_one(self) -> Self {
        match self {
            Bump::Major => Bump::Minor,
            Bump::Minor | Bump::Patch => Bump::Patch,
        }
    }

    /// `major`, `minor` or `patch`.
    pub fn word(self) -> &'static str {
        match self {
            Bump::Patch => "patch",
            Bump::Minor => "minor",
            Bump::Major => "major",
        }
    }
}
