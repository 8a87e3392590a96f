//! Every rule by which a change is judged, with its stable id.

/// Makes a static of each rule for the code that reports it, and a table of all of them.
macro_rules! rules {
    ($table:ident: $($name:ident $effect:ident $id:literal $meaning:literal $reason:literal)*) => {
        use super::{Effect, Rule};

        $(
            #[doc = $meaning]
            pub(in crate::diff) static $name: Rule = Rule::new($id, Effect::$effect, $meaning, $reason);
        )*

        pub(super) static $table: &[&Rule] = &[$(&$name),*];
    };
}

mod answers;
mod endpoints;
mod facts;
mod requests;
mod types;

pub(super) use answers::*;
pub(super) use endpoints::*;
pub(super) use facts::*;
pub(super) use requests::*;
pub(super) use types::*;

use super::Bump;

/// What a change does to those who use the SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A program that runs today is refused or misled, or no longer gets what it was promised.
    Wire,
    /// What runs keeps running; the source may not compile against the new version.
    Source,
    /// Everything compiles and is accepted; somebody should think about it nevertheless.
    Warning,
    /// Nothing has to be done.
    Information,
}

impl Class {
    /// Every class, the worst first.
    pub const ALL: [Class; 4] = [Class::Wire, Class::Source, Class::Warning, Class::Information];

    /// Whether a change of this class is breaking.
    pub fn is_breaking(self) -> bool {
        matches!(self, Class::Wire | Class::Source)
    }

    /// The class as JSON has it.
    pub fn word(self) -> &'static str {
        match self {
            Class::Wire => "wire",
            Class::Source => "source",
            Class::Warning => "warning",
            Class::Information => "information",
        }
    }

    /// The class as a heading.
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
    /// What such a change does.
    pub class: Class,
    /// Whether source that compiled may no longer compile. Of class [`Class::Wire`] some do and some do not.
    pub breaks_source: bool,
    /// The version that has to follow, from 1.0 on.
    pub bump: Bump,
    /// What changed, in one line.
    pub meaning: &'static str,
    /// Why it is judged so.
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

/// What a rule's changes do: its class, whether source breaks, and the version that follows, in a word.
#[derive(Clone, Copy)]
enum Effect {
    Wire,
    WireAndSource,
    Source,
    Warning,
    /// A warning about something that can be used now.
    WarningOfFeature,
    /// Something that can be used now.
    Feature,
    Note,
}

/// All rules, sorted by id.
pub fn rules() -> Vec<&'static Rule> {
    let tables = [ANSWERS, ENDPOINTS, FACTS, REQUESTS, TYPES];
    let mut rules = tables.concat();
    rules.sort_by_key(|rule| rule.id);
    rules
}
