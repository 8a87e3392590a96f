//! Long-running tasks: one endpoint starts a task, another reports its state, as `poll` in the spec relates them.

use std::collections::{HashMap, VecDeque};

use larkspur_codegen::model::{Api, FeedSource, Poll, PollState, Response, Type, TypeId, TypeKind};
use serde_json::{Map, Value};

use crate::call::{Call, scalar_text};

/// Maximum number of remembered tasks. The oldest is dropped first.
const MAX_TASKS: usize = 10_000;

/// The reason that a failed task reports.
const FAILURE_REASON: &str = "the test made this task fail";

/// The outcome of a task that a call starts, as the polling endpoint reports it.
///
/// ```
/// use larkspur_mock::Task;
///
/// let immediate = Task::done().after(0);   // the first response reports it as done
/// let slow = Task::done().after(5);        // five responses report it as pending
/// let refused = Task::failed();            // fails with the first failure value of the spec
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    fails: bool,
    polls: Option<u32>,
}

impl Task {
    /// Creates a task that succeeds.
    pub fn done() -> Self {
        Self {
            fails: false,
            polls: None,
        }
    }

    /// Creates a task that fails.
    pub fn failed() -> Self {
        Self {
            fails: true,
            polls: None,
        }
    }

    /// Sets how many responses report the task as pending, in place of the default of the mock server.
    pub fn after(self, polls: u32) -> Self {
        Self {
            polls: Some(polls),
            ..self
        }
    }
}

/// An error for a task that cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The spec has no such endpoint.
    #[error("unknown endpoint `{0}`")]
    UnknownEndpoint(String),
    /// The endpoint starts no task: its spec entry has no `poll`.
    #[error("`{0}` does not start a task: its spec entry has no `poll`")]
    NoTask(String),
    /// The spec documents no state of a failed task.
    #[error("a task of `{0}` cannot fail: `poll` in its spec entry has no `failed`")]
    NoFailure(String),
}

/// Identifies a task: the polling endpoint, and the values of the fields that refer to the task.
type TaskKey = (String, Vec<(String, Option<String>)>);

#[derive(Debug, Clone)]
struct RunningTask {
    /// Responses left that report the task as pending.
    pending_polls: u32,
    fails: bool,
}

/// All tasks of a mock server.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    /// The `poll` entries by the id of the polling endpoint.
    polls: HashMap<String, Vec<Poll>>,
    /// Outcomes set by a test, by the id of the endpoint that starts the task.
    queued: HashMap<String, VecDeque<Task>>,
    running: HashMap<TaskKey, RunningTask>,
    order: VecDeque<TaskKey>,
    /// Number of tasks started so far.
    count: u64,
    default_polls: u32,
}

impl Tasks {
    /// Creates the tasks for the endpoints of this spec.
    pub(crate) fn new(api: &Api, default_polls: u32) -> Self {
        let mut polls: HashMap<String, Vec<Poll>> = HashMap::new();
        for poll in api.endpoints().filter_map(|(_, endpoint)| endpoint.poll.as_ref()) {
            polls.entry(poll.endpoint.clone()).or_default().push(poll.clone());
        }
        Self {
            polls,
            default_polls,
            ..Self::default()
        }
    }

    /// Queues the outcome of the next task of an endpoint.
    pub(crate) fn enqueue(&mut self, api: &Api, endpoint: &str, task: Task) -> Result<(), TaskError> {
        let id = || endpoint.to_owned();
        let found = api.endpoint(endpoint).ok_or_else(|| TaskError::UnknownEndpoint(id()))?;
        let poll = found.poll.as_ref().ok_or_else(|| TaskError::NoTask(id()))?;
        if task.fails && poll.state.failed.is_empty() {
            return Err(TaskError::NoFailure(id()));
        }
        self.queued.entry(id()).or_default().push_back(task);
        Ok(())
    }

    fn next_queued(&mut self, endpoint: &str) -> Task {
        let next = self.queued.get_mut(endpoint).and_then(VecDeque::pop_front);
        next.unwrap_or_else(Task::done)
    }

    /// Starts a task if the call does, and makes the values in the response that refer to it unique.
    pub(crate) fn start(&mut self, call: &Call<'_>, body: &Map<String, Value>, data: &mut Map<String, Value>) {
        let Some(poll) = &call.endpoint.poll else { return };
        self.count += 1;
        for feed in poll.feeds.iter().filter(|feed| feed.source == FeedSource::Response) {
            if let Some(value) = data.get_mut(&feed.from) {
                append_number(value, self.count);
            }
        }
        let key = task_key(poll, |field| {
            let feed = poll.feeds.iter().find(|feed| feed.field == field)?;
            match feed.source {
                FeedSource::Response => data.get(&feed.from).and_then(scalar_text),
                FeedSource::Request => call.field_text(body, &feed.from),
            }
        });
        let task = self.next_queued(&call.endpoint.id);
        let running = RunningTask {
            pending_polls: task.polls.unwrap_or(self.default_polls),
            fails: task.fails,
        };
        if self.running.insert(key.clone(), running).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > MAX_TASKS
            && let Some(oldest) = self.order.pop_front()
        {
            self.running.remove(&oldest);
        }
    }

    /// Writes the state of the requested task into a response. An unknown task counts as done.
    ///
    /// A stub response keeps its own failure reason.
    pub(crate) fn write_state(&mut self, api: &Api, call: &Call<'_>, is_stub: bool, data: &mut Map<String, Value>) {
        let Some(polls) = self.polls.get(&call.endpoint.id) else {
            return;
        };
        let requested = |poll: &Poll| task_key(poll, |field| call.field_text(&Map::new(), field));
        let running = polls.iter().find(|poll| self.running.contains_key(&requested(poll)));
        let Some(poll) = running.or(polls.first()) else { return };
        let PollState {
            path,
            done,
            failed,
            reason,
            ..
        } = &poll.state;
        let value = match self.running.get_mut(&requested(poll)) {
            Some(task) if task.pending_polls > 0 => {
                task.pending_polls -= 1;
                Some(pending_value(api, &call.endpoint.response, &poll.state))
            }
            Some(task) if task.fails => {
                if !is_stub || value_at(data, reason).is_none() {
                    set_value_at(data, reason, FAILURE_REASON.into());
                }
                failed.first().cloned()
            }
            _ => done.first().cloned(),
        };
        if let Some(value) = value {
            set_value_at(data, path, value);
        }
    }
}

/// Returns the key of a task, with the value of each field of the polling endpoint that refers to the task.
fn task_key(poll: &Poll, value: impl Fn(&str) -> Option<String>) -> TaskKey {
    let fields = poll.feeds.iter().map(|feed| (feed.field.clone(), value(&feed.field)));
    let mut fields: Vec<_> = fields.collect();
    fields.sort();
    (poll.endpoint.clone(), fields)
}

fn append_number(value: &mut Value, count: u64) {
    match value {
        Value::String(text) => text.push_str(&format!("-{count}")),
        Value::Number(number) => *number = count.into(),
        _ => {}
    }
}

/// Returns a state that means neither done nor failed.
fn pending_value(api: &Api, response: &Response, state: &PollState) -> Value {
    let is_final = |value: &Value| state.done.contains(value) || state.failed.contains(value);
    let documented = match state_type(api, response, &state.path) {
        Some(Type::Named(id)) => enum_values(api, id),
        Some(Type::Bool) => vec![Value::from(false), Value::from(true)],
        _ => Vec::new(),
    };
    // One more candidate than there are final values, so that at least one is free. Clients treat an undocumented
    // state as pending.
    let final_count = state.done.len() + state.failed.len();
    let undocumented = match state.done.first() {
        Some(Value::Number(_)) => (0..=final_count).map(Value::from).collect::<Vec<_>>(),
        _ => (0..=final_count)
            .map(|number| Value::from(format!("pending_{number}")))
            .collect(),
    };
    let mut candidates = documented.into_iter().chain(undocumented);
    candidates.find(|value| !is_final(value)).unwrap_or(Value::Null)
}

fn enum_values(api: &Api, id: TypeId) -> Vec<Value> {
    match &api.type_def(id).kind {
        TypeKind::Object(_) => Vec::new(),
        TypeKind::StringEnum(variants) => variants.iter().map(|variant| variant.value.as_str().into()).collect(),
        TypeKind::IntEnum(variants) => variants.iter().map(|variant| variant.value.into()).collect(),
    }
}

/// Returns the type of the field at the end of a path through objects.
fn state_type(api: &Api, response: &Response, path: &[String]) -> Option<Type> {
    let Response::Json { ty, .. } = response else {
        return None;
    };
    let mut found = Type::Named(*ty);
    for part in path {
        let TypeKind::Object(fields) = &api.type_def(found.named()?).kind else {
            return None;
        };
        found = fields.iter().find(|field| field.key == *part)?.ty.clone();
    }
    Some(found)
}

/// Returns the value at the end of a path through objects.
fn value_at<'a>(object: &'a Map<String, Value>, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let value = object.get(first)?;
    match rest {
        [] => Some(value),
        rest => value_at(value.as_object()?, rest),
    }
}

/// Sets the value at the end of a path through objects, which it creates.
fn set_value_at(object: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => {
            object.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let inner = object.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                set_value_at(inner, rest, value);
            }
        }
    }
}
