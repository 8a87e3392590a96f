//! Tasks under way: started by one endpoint, asked for at another, as `poll` in the spec relates the two.

use std::collections::{HashMap, VecDeque};

use larkspur_codegen::model::{Api, FeedSource, Place, Poll, PollState, Response, Type, TypeId, TypeKind};
use serde_json::{Map, Value};

use crate::call::Call;
use crate::task::{Task, TaskError, Wanted};

/// More tasks are not remembered; the oldest goes.
const MOST: usize = 10_000;

/// Why a task fails.
const REASON: &str = "this task was to fail";

/// What tells a task from others: the endpoint that is asked, and the values that it is asked with.
type Key = (String, Vec<(String, Option<String>)>);

/// A task that has been started.
#[derive(Debug, Clone)]
struct Started {
    /// Answers that are still to say that it is under way.
    polls: u32,
    fails: bool,
}

/// All tasks.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// What is said of the tasks that an endpoint tells of, by its id.
    told: HashMap<String, Vec<Poll>>,
    wanted: Wanted,
    started: HashMap<Key, Started>,
    order: VecDeque<Key>,
    /// How many tasks there have been.
    count: u64,
    /// How many answers say that a task is under way, where a test does not.
    polls: u32,
}

impl Progress {
    /// For the endpoints of this spec.
    pub(crate) fn new(api: &Api, polls: u32) -> Self {
        let mut told: HashMap<String, Vec<Poll>> = HashMap::new();
        for poll in api.endpoints().filter_map(|(_, endpoint)| endpoint.poll.as_ref()) {
            told.entry(poll.endpoint.clone()).or_default().push(poll.clone());
        }
        Self {
            told,
            polls,
            ..Self::default()
        }
    }

    /// Says what becomes of the next task that an endpoint starts.
    pub(crate) fn want(&mut self, api: &Api, endpoint: &str, task: Task) -> Result<(), TaskError> {
        let id = || endpoint.to_owned();
        let found = api.endpoint(endpoint).ok_or_else(|| TaskError::UnknownEndpoint(id()))?;
        let poll = found.poll.as_ref().ok_or_else(|| TaskError::NoTask(id()))?;
        if task.fails && poll.state.failed.is_empty() {
            return Err(TaskError::NoFailure(id()));
        }
        self.wanted.push(endpoint, task);
        Ok(())
    }

    /// Begins a task where the call starts one; what of the answer leads to it becomes its own.
    pub(crate) fn start(&mut self, call: &Call<'_>, body: &Map<String, Value>, answer: &mut Map<String, Value>) {
        let Some(poll) = &call.endpoint.poll else { return };
        self.count += 1;
        for feed in poll.feeds.iter().filter(|feed| feed.source == FeedSource::Response) {
            if let Some(value) = answer.get_mut(&feed.from) {
                number(value, self.count);
            }
        }
        let given = |source, from: &str| match source {
            FeedSource::Response => answer.get(from).and_then(text),
            FeedSource::Request => sent(call, body, from),
        };
        let key = key(poll, |field| {
            let feed = poll.feeds.iter().find(|feed| feed.field == field)?;
            given(feed.source, &feed.from)
        });
        let task = self.wanted.next(&call.endpoint.id);
        let started = Started {
            polls: task.polls.unwrap_or(self.polls),
            fails: task.fails,
        };
        if self.started.insert(key.clone(), started).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.started.remove(&oldest);
        }
    }

    /// Tells how far the task is that the call asks for, if it asks for any. One that was never started here is done.
    /// Where the content of the answer is a test's `own` and has a reason for a failure, that one is told.
    pub(crate) fn tell(&mut self, api: &Api, call: &Call<'_>, own: bool, answer: &mut Map<String, Value>) {
        let Some(polls) = self.told.get(&call.endpoint.id) else {
            return;
        };
        let asked = |poll: &Poll| key(poll, |field| sent(call, &Map::new(), field));
        let known = polls.iter().find(|poll| self.started.contains_key(&asked(poll)));
        let Some(poll) = known.or(polls.first()) else { return };
        let PollState {
            path,
            done,
            failed,
            reason,
            ..
        } = &poll.state;
        let value = match self.started.get_mut(&asked(poll)) {
            Some(task) if task.polls > 0 => {
                task.polls -= 1;
                Some(under_way(api, &call.endpoint.response, &poll.state))
            }
            Some(task) if task.fails => {
                if !own || at(answer, reason).is_none() {
                    put(answer, reason, REASON.into());
                }
                failed.first().cloned()
            }
            _ => done.first().cloned(),
        };
        if let Some(value) = value {
            put(answer, path, value);
        }
    }
}

/// The key of a task of `poll`, whose values `of` knows by the field of the endpoint that is asked.
fn key(poll: &Poll, of: impl Fn(&str) -> Option<String>) -> Key {
    let fields = poll.feeds.iter().map(|feed| (feed.field.clone(), of(&feed.field)));
    let mut fields: Vec<_> = fields.collect();
    fields.sort();
    (poll.endpoint.clone(), fields)
}

/// What came for a field of the request, wherever it travels.
pub(crate) fn sent(call: &Call<'_>, body: &Map<String, Value>, key: &str) -> Option<String> {
    let outside = [Place::Path, Place::Query, Place::Header];
    let outside = outside
        .into_iter()
        .find_map(|place| call.texts(place, key).first().copied());
    outside.map(str::to_owned).or_else(|| body.get(key).and_then(text))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Makes a value that names a task another one than that of any other task.
fn number(value: &mut Value, count: u64) {
    match value {
        Value::String(text) => text.push_str(&format!("-{count}")),
        Value::Number(number) => *number = count.into(),
        _ => {}
    }
}

/// A value of the state that is neither that of a task that is done nor that of one that has failed.
fn under_way(api: &Api, response: &Response, state: &PollState) -> Value {
    let taken = |value: &Value| state.done.contains(value) || state.failed.contains(value);
    let listed = match state_type(api, response, &state.path) {
        Some(Type::Named(id)) => values(api, id),
        Some(Type::Bool) => vec![Value::from(false), Value::from(true)],
        _ => Vec::new(),
    };
    // A state that nothing lists is one that the platform has added: under way as well.
    let others = match state.done.first() {
        Some(Value::Number(_)) => (0..=taken_values(state)).map(Value::from).collect::<Vec<_>>(),
        _ => (0..=taken_values(state))
            .map(|number| Value::from(format!("under_way_{number}")))
            .collect(),
    };
    let mut free = listed.into_iter().chain(others).filter(|value| !taken(value));
    free.next().unwrap_or(Value::Null)
}

/// One more candidate than this is always free.
fn taken_values(state: &PollState) -> usize {
    state.done.len() + state.failed.len()
}

fn values(api: &Api, id: TypeId) -> Vec<Value> {
    match &api.type_def(id).kind {
        TypeKind::Object(_) => Vec::new(),
        TypeKind::StringEnum(variants) => variants.iter().map(|variant| variant.value.as_str().into()).collect(),
        TypeKind::IntEnum(variants) => variants.iter().map(|variant| variant.value.into()).collect(),
    }
}

/// The type of the field at the end of `path`, through objects.
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

/// The value at the end of a path through objects.
fn at<'a>(object: &'a Map<String, Value>, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let value = object.get(first)?;
    match rest {
        [] => Some(value),
        rest => at(value.as_object()?, rest),
    }
}

/// Puts a value at the end of a path through objects.
fn put(object: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => {
            object.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let inner = object.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}
