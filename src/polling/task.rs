//! How an answer tells of a task: facts of the spec as constant data.

use std::fmt;

use crate::wire::{Fields, View};

/// How an answer tells how far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Task {
    /// Keys that lead through objects to the state.
    pub state: &'static [&'static str],
    /// The states of a task that is done.
    pub done: &'static [State],
    /// The states of one that has failed, each with what it means; `""` where the spec does not say. In every other
    /// state, the task is under way.
    pub failed: &'static [(State, &'static str)],
    /// Keys that lead to the platform's reason for a failure; empty where there is none.
    pub reason: &'static [&'static str],
}

/// How far a task is, as the platform says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum State {
    Int(i64),
    Text(&'static str),
    Bool(bool),
}

/// What an answer says of a task.
pub(super) enum Told {
    Done,
    /// With the state as it came; `None` where none came.
    UnderWay(Option<String>),
    Failed {
        state: State,
        meaning: &'static str,
        reason: Option<String>,
    },
}

impl Task {
    /// A task whose state is found so, and is one of these once the task is done.
    pub const fn new(state: &'static [&'static str], done: &'static [State]) -> Self {
        Self {
            state,
            done,
            failed: &[],
            reason: &[],
        }
    }

    /// Sets [`Task::failed`].
    pub const fn failed(mut self, failed: &'static [(State, &'static str)]) -> Self {
        self.failed = failed;
        self
    }

    /// Sets [`Task::reason`].
    pub const fn reason(mut self, reason: &'static [&'static str]) -> Self {
        self.reason = reason;
        self
    }

    /// What this answer says of the task.
    pub(super) fn told(&self, answer: &dyn Fields) -> Told {
        let view = find(answer, self.state);
        let is = |state: &State| view.as_ref().is_some_and(|view| state.is(view));
        if self.done.iter().any(is) {
            return Told::Done;
        }
        match self.failed.iter().find(|(state, _)| is(state)) {
            Some((state, meaning)) => Told::Failed {
                state: *state,
                meaning,
                reason: find(answer, self.reason).and_then(|view| text(&view)),
            },
            None => Told::UnderWay(view.and_then(|view| text(&view))),
        }
    }
}

impl State {
    fn is(&self, view: &View<'_>) -> bool {
        match (self, view) {
            (Self::Int(state), View::Int(value)) => state == value,
            (Self::Text(state), View::Str(value)) => state == value,
            (Self::Bool(state), View::Bool(value)) => state == value,
            _ => false,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
            Self::Bool(value) => value.fmt(f),
        }
    }
}

/// What is found at the end of these keys.
fn find<'a>(object: &'a dyn Fields, path: &[&str]) -> Option<View<'a>> {
    let (key, rest) = path.split_first()?;
    let index = object.fields().iter().position(|field| field.key == *key)?;
    match (object.value(index)?.view(), rest) {
        (View::Absent, _) => None,
        (view, []) => Some(view),
        (View::Object(inner), rest) => find(inner, rest),
        _ => None,
    }
}

/// A scalar as text; `None` for all else, for what is empty, and for a secret.
fn text(view: &View<'_>) -> Option<String> {
    match view {
        View::Bool(value) => Some(value.to_string()),
        View::Int(value) => Some(value.to_string()),
        View::Float(value) => Some(value.to_string()),
        View::Str(value) if !value.is_empty() => Some((*value).to_owned()),
        _ => None,
    }
}
