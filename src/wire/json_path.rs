//! The path of a value that cannot be decoded.

use std::cell::{Cell, RefCell};
use std::fmt;

/// Methods of a `Visitor` with a `trail` that accepts objects only. The defaults of serde would put the value into their
/// message.
macro_rules! refuse_all_but_objects {
    ($($visit:ident($($type:ty)?) = $found:literal),+ $(,)?) => {
        $(fn $visit<E: serde::de::Error>(self $(, _: $type)?) -> Result<Self::Value, E> {
            Err(self.trail.mismatch("an object", $found))
        })+

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
            Err(self.trail.mismatch("an object", "a list"))
        }
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

/// The path from the root of a JSON text to an invalid value. It is built only after an error, while each level returns.
#[derive(Default)]
pub(crate) struct Trail {
    /// From the innermost outwards.
    steps: RefCell<Vec<Step>>,
    mismatch: Cell<Option<(&'static str, &'static str)>>,
}

enum Step {
    Key(String),
    Index(usize),
}

/// A decoding failure and its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// `data.items[3].size`; empty for the text as a whole.
    pub path: String,
    /// The problem, without the value.
    pub problem: String,
}

impl Trail {
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

    /// Returns the path of the failure.
    pub(crate) fn path(&self) -> String {
        let mut path = String::new();
        for step in self.steps.borrow().iter().rev() {
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

    /// Returns the failure for an error.
    pub(crate) fn failure(&self, error: &impl fmt::Display) -> Failure {
        let problem = match self.mismatch.get() {
            Some((expected, found)) => format!("expected {expected}, found {found}"),
            None => error.to_string(),
        };
        Failure {
            path: self.path(),
            problem,
        }
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
