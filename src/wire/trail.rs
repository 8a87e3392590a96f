//! Where in an answer a value did not fit.

use std::cell::{Cell, RefCell};
use std::fmt;

/// The way from the root of a JSON text to the value at fault, gathered only once there is a fault:
/// each level on the way out adds the key or the index at which it stood.
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

/// What did not fit, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// `data.items[3].size`; empty where the text as a whole is at fault.
    pub path: String,
    /// What is wrong, without the value.
    pub problem: String,
}

impl Trail {
    pub(crate) fn key(&self, key: &str) {
        self.steps.borrow_mut().push(Step::Key(key.to_owned()));
    }

    pub(super) fn index(&self, index: usize) {
        self.steps.borrow_mut().push(Step::Index(index));
    }

    /// Notes what was expected and what came instead: kinds of values, never values.
    pub(super) fn mismatch(&self, expected: &'static str, found: &'static str) {
        self.mismatch.set(Some((expected, found)));
    }

    /// The path of the fault.
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

    /// The fault that ended decoding with this error.
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
