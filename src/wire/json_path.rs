//! Values that do not fit their type: the path of each, and what becomes of it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;

use super::Value;

/// Methods of a `Visitor` with a `trail` that accepts objects only. The defaults of serde would put the value into their
/// message.
macro_rules! refuse_all_but_objects {
    ($($visit:ident($($type:ty)?) = $found:literal),+ $(,)?) => {
        $(fn $visit<E: serde::de::Error>(self $(, _: $type)?) -> Result<Self::Value, E> {
            Err(self.trail.mismatch("an object", $found))
        })+
    };
    () => {
        refuse_all_but_objects!(
            visit_bool(bool) = "a boolean",
            visit_i64(i64) = "a number",
            visit_u64(u64) = "a number",
            visit_f64(f64) = "a number",
            visit_str(&str) = "a string",
        );
    };
}
pub(crate) use refuse_all_but_objects;

/// Maximum number of values without effect on the rest of a response. Each is retained, so their number bounds the memory.
const MAX_MISMATCHES: usize = 10_000;
/// Maximum number of warnings for one response.
const MAX_WARNINGS: usize = 20;

/// What was decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decoded {
    /// Nothing: null, or an empty list in place of an object.
    Absent,
    /// A value.
    Present,
    /// A value without some that are in the text.
    Incomplete,
    /// A value that does not fit the type; it is parked at the trail.
    Mismatch,
}

/// What a decoder notes about values that do not fit their types. Paths are built from the inside outwards while each level
/// returns, so that a response without such values pays nothing.
#[derive(Default)]
pub(crate) struct Trail {
    /// Whether every such value is an error.
    strict: bool,
    /// The path of an error, from the innermost step outwards.
    steps: RefCell<Vec<Step>>,
    mismatch: Cell<Option<(&'static str, &'static str)>>,
    /// The value that was just read, until its owner takes it.
    parked: RefCell<Option<Mismatch>>,
    /// The values that their owners went without.
    absorbed: RefCell<Vec<Mismatch>>,
    count: Cell<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// A value that does not fit its type.
#[derive(Debug)]
pub(crate) struct Mismatch {
    /// From the innermost outwards.
    steps: Vec<Step>,
    /// Number of steps within the value, to the reason why it does not fit.
    inner: usize,
    expected: &'static str,
    found: &'static str,
    /// The value, until an object stores it.
    raw: Option<Value>,
}

/// A decoding failure and its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// `data.items[3].size`; empty for the text as a whole.
    pub path: String,
    /// The problem, without the value.
    pub problem: String,
}

impl Mismatch {
    /// Creates the mismatch of a required key that is missing.
    pub(super) fn missing(key: &str) -> Self {
        Self {
            steps: vec![Step::Key(key.to_owned())],
            inner: 0,
            expected: "a value",
            found: "nothing",
            raw: None,
        }
    }

    /// Adds the key of the value in its object, and returns the value.
    pub(super) fn at_key(&mut self, key: &str) -> Option<Value> {
        self.steps.push(Step::Key(key.to_owned()));
        self.raw.take()
    }
}

impl Trail {
    /// Creates a trail; `strict` makes every value that does not fit its type an error.
    pub(crate) fn new(strict: bool) -> Self {
        Self {
            strict,
            ..Self::default()
        }
    }

    /// Returns whether a value that does not fit its type is an error.
    pub(super) fn is_strict(&self) -> bool {
        self.strict || self.count.get() >= MAX_MISMATCHES
    }

    pub(crate) fn key(&self, key: &str) {
        self.steps.borrow_mut().push(Step::Key(key.to_owned()));
    }

    pub(super) fn index(&self, index: usize) {
        self.steps.borrow_mut().push(Step::Index(index));
    }

    /// Records the expected and the found type, never the value.
    pub(crate) fn mismatch<E: serde::de::Error>(&self, expected: &'static str, found: &'static str) -> E {
        self.mismatch.set(Some((expected, found)));
        E::custom(format_args!("expected {expected}, found {found}"))
    }

    /// Leaves a value that does not fit to its owner.
    pub(super) fn park(&self, expected: &'static str, found: &'static str, raw: Value) -> Decoded {
        let reason = Mismatch {
            steps: Vec::new(),
            inner: 0,
            expected,
            found,
            raw: None,
        };
        self.park_as(reason, raw)
    }

    /// Leaves an object to its owner that does not fit for this reason.
    pub(super) fn park_as(&self, mut reason: Mismatch, raw: Value) -> Decoded {
        reason.raw = Some(raw);
        reason.inner = reason.steps.len();
        *self.parked.borrow_mut() = Some(reason);
        Decoded::Mismatch
    }

    /// Takes the value that was just read.
    pub(super) fn take_parked(&self) -> Option<Mismatch> {
        self.parked.borrow_mut().take()
    }

    /// Makes the value that was just read an error.
    pub(crate) fn raise<E: serde::de::Error>(&self) -> E {
        match self.take_parked() {
            Some(mismatch) => {
                self.steps.borrow_mut().extend(mismatch.steps);
                self.mismatch(mismatch.expected, mismatch.found)
            }
            None => E::custom("a value does not fit its type"),
        }
    }

    /// Returns the number of values that their owners went without.
    #[inline]
    pub(super) fn count(&self) -> usize {
        self.count.get()
    }

    /// Notes that the owner goes without this value.
    pub(super) fn absorb(&self, mismatch: Mismatch) {
        let mut absorbed = self.absorbed.borrow_mut();
        absorbed.push(mismatch);
        self.count.set(absorbed.len());
    }

    /// Notes that a list or map goes without the value that was just read; its object stores it.
    pub(super) fn absorb_parked(&self, step: Step) {
        if let Some(mut mismatch) = self.take_parked() {
            mismatch.steps.push(step);
            self.absorb(mismatch);
        }
    }

    /// Adds a step to the paths of the values from this one on.
    pub(super) fn extend(&self, from: usize, step: &Step) {
        for mismatch in self.absorbed.borrow_mut().iter_mut().skip(from) {
            mismatch.steps.push(step.clone());
        }
    }

    /// Adds a key to the paths of all values.
    pub(crate) fn extend_all(&self, key: &str) {
        self.extend(0, &Step::Key(key.to_owned()));
    }

    /// Takes what lists and maps went without, from this value on, with their paths from the outside inwards.
    pub(super) fn take_elements(&self, from: usize) -> Vec<(Vec<Step>, Value)> {
        let mut absorbed = self.absorbed.borrow_mut();
        let elements = absorbed.iter_mut().skip(from).filter_map(|mismatch| {
            let raw = mismatch.raw.take()?;
            let steps = mismatch.steps.iter().skip(mismatch.inner);
            Some((steps.rev().cloned().collect(), raw))
        });
        elements.collect()
    }

    /// Forgets the values from this one on, which are part of one that does not fit.
    pub(crate) fn truncate(&self, from: usize) {
        let mut absorbed = self.absorbed.borrow_mut();
        absorbed.truncate(from);
        self.count.set(absorbed.len());
    }

    /// Returns all values that their owners went without.
    pub(crate) fn into_mismatches(self) -> Vec<Mismatch> {
        self.absorbed.into_inner()
    }

    /// Returns the failure for an error.
    pub(crate) fn failure(&self, error: &impl fmt::Display) -> Failure {
        let problem = match self.mismatch.get() {
            Some((expected, found)) => format!("expected {expected}, found {found}"),
            None => error.to_string(),
        };
        Failure {
            path: path(self.steps.borrow().iter().rev()),
            problem,
        }
    }
}

/// Returns a path in text: `items[3].size`.
pub(super) fn path<'a>(steps: impl Iterator<Item = &'a Step>) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Key(key) if path.is_empty() => path.push_str(key),
            Step::Key(key) => {
                path.push('.');
                path.push_str(key);
            }
            Step::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

/// Logs a warning for each place with values that do not fit: elements of a list are one place. `clean` removes secrets from
/// keys, which may be data.
pub(crate) fn warn(endpoint: Option<&str>, mismatches: &[Mismatch], clean: impl Fn(&str) -> String) {
    let mut places: BTreeMap<String, (&Mismatch, usize)> = BTreeMap::new();
    for mismatch in mismatches {
        let keys = mismatch.steps.iter().rev().filter(|step| matches!(step, Step::Key(_)));
        let place = path(keys);
        if places.len() < MAX_WARNINGS || places.contains_key(&place) {
            places.entry(place).or_insert((mismatch, 0)).1 += 1;
        }
    }
    for (mismatch, count) in places.into_values() {
        let path = clean(&path(mismatch.steps.iter().rev()));
        let Mismatch { expected, found, .. } = mismatch;
        tracing::warn!(
            endpoint,
            path,
            expected,
            found,
            count,
            "a value of the response does not fit its type and is left out; its raw value is among the unknown fields"
        );
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.problem)
        } else {
            write!(f, "`{}`: {}", self.path, self.problem)
        }
    }
}
