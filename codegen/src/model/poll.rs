//! Tasks: what asks for the outcome of something that an endpoint only started.

use serde::Serialize;

use super::Origin;

/// How the outcome of a task is asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Poll {
    /// Id of the endpoint that tells how far the task is.
    pub endpoint: String,
    /// What its request is made of; all that it requires is there.
    pub feeds: Vec<Feed>,
    /// How its answer tells the outcome.
    pub state: PollState,
    /// Where the endpoint is named.
    #[serde(skip)]
    pub origin: Origin,
}

/// One field of the poll's request, and where its value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Feed {
    /// Wire name of the field of the poll's path or query.
    pub field: String,
    /// Whose field gives the value.
    pub source: FeedSource,
    /// Wire name of the field that gives it.
    pub from: String,
    /// Where this is said.
    #[serde(skip)]
    pub origin: Origin,
}

/// Whose field gives a value to the poll's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum FeedSource {
    /// The answer to the request that started the task.
    Response,
    /// The request that started the task.
    Request,
}

/// How the poll's answer tells the outcome of the task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PollState {
    /// Wire names from the answer to the field that tells it, through objects.
    pub path: Vec<String>,
    /// Its values once the task is done.
    #[serde(serialize_with = "super::as_json")]
    pub done: Vec<serde_json::Value>,
    /// Its values once the task has failed.
    #[serde(serialize_with = "super::as_json")]
    pub failed: Vec<serde_json::Value>,
    /// Wire names from the answer to the field that tells why it failed; empty where none does.
    pub reason: Vec<String>,
    /// Where this is said.
    #[serde(skip)]
    pub origin: Origin,
}
