//! What a change of the spec means for users of the SDK.
//!
//! [`diff()`] compares two [`Api`]s and judges each change by a [`Rule`]. A rule states two effects: on programs that were
//! built with the old spec (the wire), and on their source with the new one (Rust).
//!
//! Direction matters. A request may accept more without harm, since everything that programs send is still accepted; a
//! response may contain less. A type in both is judged twice.

mod accepted;
mod access;
mod comparison;
mod endpoints;
mod errors;
mod fields;
mod renames;
mod report;
mod responses;
mod rule_table;
mod types;

use crate::model::Api;

pub use accepted::{Acceptance, AcceptanceError, AcceptedChanges};
pub use rule_table::rules;

/// Returns every change from `old` to `new`, the most severe first.
pub fn diff(old: &Api, new: &Api) -> Changes {
    let mut comparison = comparison::Comparison::new(old, new);
    endpoints::compare_endpoints(&mut comparison);
    errors::compare_error_codes(&mut comparison);
    types::compare_reached(&mut comparison);
    comparison.finish()
}

/// The effect of a change on users of the SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The platform rejects or misinterprets existing programs, or they no longer receive what the old spec guarantees.
    Wire,
    /// Existing programs keep working; their source may not compile with the new version.
    Source,
    /// Source compiles and calls are accepted; the change requires a review.
    Warning,
    /// No action is necessary.
    Information,
}

impl Class {
    /// Every class, the most severe first.
    pub const ALL: [Class; 4] = [Class::Wire, Class::Source, Class::Warning, Class::Information];

    /// Returns whether a change of this class is breaking.
    pub fn is_breaking(self) -> bool {
        matches!(self, Class::Wire | Class::Source)
    }

    /// Returns the class as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Class::Wire => "wire",
            Class::Source => "source",
            Class::Warning => "warning",
            Class::Information => "information",
        }
    }

    /// Returns the class as a heading.
    pub fn title(self) -> &'static str {
        match self {
            Class::Wire => "Breaking on the wire",
            Class::Source => "Breaking for Rust source only",
            Class::Warning => "Warnings",
            Class::Information => "Information",
        }
    }
}

/// A rule by which a change is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable id, in kebab-case.
    pub id: &'static str,
    /// The effect of such a change.
    pub class: Class,
    /// Whether existing source may not compile; this differs within [`Class::Wire`].
    pub breaks_source: bool,
    /// The part of the version to increase, from 1.0 on.
    pub bump: Bump,
    /// What changed, in one sentence.
    pub meaning: &'static str,
    /// The reason for the class.
    pub reason: &'static str,
}

impl Rule {
    const fn new(id: &'static str, effect: Effect, meaning: &'static str, reason: &'static str) -> Self {
        let (class, breaks_source, bump) = match effect {
            Effect::Wire => (Class::Wire, false, Bump::Major),
            Effect::WireAndSource => (Class::Wire, true, Bump::Major),
            Effect::Source => (Class::Source, true, Bump::Major),
            Effect::Warning => (Class::Warning, false, Bump::Patch),
            Effect::WarningOfFeature => (Class::Warning, false, Bump::Minor),
            Effect::Feature => (Class::Information, false, Bump::Minor),
            Effect::Note => (Class::Information, false, Bump::Patch),
        };
        Self {
            id,
            class,
            breaks_source,
            bump,
            meaning,
            reason,
        }
    }
}

/// Class, source compatibility and version of a rule in one word.
#[derive(Clone, Copy)]
enum Effect {
    Wire,
    WireAndSource,
    Source,
    Warning,
    /// A warning about an addition.
    WarningOfFeature,
    /// An addition.
    Feature,
    Note,
}

/// The part of a version to increase, the least significant first.
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
    /// Returns the equivalent before 1.0, where cargo treats the minor version as the major one.
    pub fn before_one(self) -> Self {
        match self {
            Bump::Major => Bump::Minor,
            Bump::Minor | Bump::Patch => Bump::Patch,
        }
    }

    /// Returns `major`, `minor` or `patch`.
    pub fn word(self) -> &'static str {
        match self {
            Bump::Patch => "patch",
            Bump::Minor => "minor",
            Bump::Major => "major",
        }
    }
}

/// A difference between two specs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The rule that judges it.
    pub rule: &'static Rule,
    /// The endpoint, field or type that changed.
    pub subject: String,
    /// The endpoint or type of the subject.
    pub entry: String,
    /// The old and the new value.
    pub message: String,
    /// The line in the spec.
    pub place: Option<Place>,
    /// For a change of a type: ids of the endpoints that use it, in the new spec.
    pub used_by: Vec<String>,
}

impl Change {
    fn order(&self) -> impl Ord + '_ {
        (self.rule.class, &self.entry, &self.subject, self.rule.id, &self.message)
    }
}

/// A line of one of the two specs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The spec.
    pub side: Side,
    /// Path of the file.
    pub path: String,
    /// 1-based line.
    pub line: u32,
}

/// One of the two specs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The old spec.
    Old,
    /// The new spec.
    New,
}

/// Every change between two specs, the most severe first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    changes: Vec<Change>,
    /// Changes that a reviewer has accepted, with the reasons.
    accepted: Vec<(Change, String)>,
    /// Acceptances of changes that are not there.
    unused: Vec<Acceptance>,
}

impl Changes {
    fn new(mut changes: Vec<Change>) -> Self {
        changes.sort_by(|a, b| a.order().cmp(&b.order()));
        // A type of requests and responses is compared twice, and some rules do not depend on the direction.
        changes.dedup();
        Self {
            changes,
            ..Self::default()
        }
    }

    /// Sets the accepted changes apart.
    pub fn accept(mut self, accepted: &AcceptedChanges) -> Self {
        let mut used = Vec::new();
        for change in std::mem::take(&mut self.changes) {
            match accepted.find(&change) {
                Some(acceptance) => {
                    used.push(acceptance.line);
                    self.accepted.push((change, acceptance.reason.clone()));
                }
                None => self.changes.push(change),
            }
        }
        let unused = accepted.iter().filter(|acceptance| !used.contains(&acceptance.line));
        self.unused.extend(unused.cloned());
        self
    }

    /// Iterates over the changes in order, without accepted ones.
    pub fn iter(&self) -> std::slice::Iter<'_, Change> {
        self.changes.iter()
    }

    /// Returns the acceptances of changes that are not there.
    pub fn unused_acceptances(&self) -> &[Acceptance] {
        &self.unused
    }

    /// Returns the changes of one class.
    pub fn with_class(&self, class: Class) -> impl Iterator<Item = &Change> {
        self.iter().filter(move |change| change.rule.class == class)
    }

    /// Returns the number of breaking changes that are not accepted.
    pub fn breaking(&self) -> usize {
        self.iter().filter(|change| change.rule.class.is_breaking()).count()
    }

    /// Returns whether there are no changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.accepted.is_empty()
    }

    /// The version that has to follow, from 1.0 on; `None` where nothing changed. Accepted changes count.
    pub fn bump(&self) -> Option<Bump> {
        let accepted = self.accepted.iter().map(|(change, _)| change);
        self.iter().chain(accepted).map(|change| change.rule.bump).max()
    }
}
