//! Answers with a content of a test's own, for the calls that it means.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::call::Call;
use crate::failure::Failure;
use crate::progress::sent;

/// What an endpoint is to answer, and to which of its calls.
///
/// ```
/// use larkspur_mock::{Failure, Reply};
/// use serde_json::json;
///
/// let first = Reply::data(json!({ "items": [{ "block_id": "1" }], "has_more": true, "page_token": "2" }))
///     .when("document_id", "doxcn1");
/// let second = Reply::data(json!({ "items": [{ "block_id": "2" }], "has_more": false }))
///     .when("document_id", "doxcn1")
///     .when("page_token", "2");
/// let refused = Reply::failure(Failure::status(400)).when("file_token", "boxcn1").without("extra");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    content: Content,
    when: Vec<(String, String)>,
    without: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Data(Map<String, Value>),
    Failure(Failure),
}

impl Reply {
    /// These fields, as they stand in `data`, or beside `code` where the spec says so. Anything but an object is as good as
    /// one without fields.
    ///
    /// Where the endpoint tells how far a task is, the mock writes that state into them; the reason for a failure is theirs, where they have one.
    pub fn data(data: Value) -> Self {
        let data = match data {
            Value::Object(data) => data,
            _ => Map::new(),
        };
        Self::of(Content::Data(data))
    }

    /// This failure, as often as it is met: [`Failure::times`] has no effect here.
    pub fn failure(failure: Failure) -> Self {
        Self::of(Content::Failure(failure))
    }

    fn of(content: Content) -> Self {
        Self {
            content,
            when: Vec::new(),
            without: Vec::new(),
        }
    }

    /// Only to calls that have this value in this field of path, query, headers or body. Called several times, all have to fit.
    pub fn when(mut self, field: impl Into<String>, value: impl Into<String>) -> Self {
        self.when.push((field.into(), value.into()));
        self
    }

    /// Only to calls that leave this field out, or have an empty text in it.
    pub fn without(mut self, field: impl Into<String>) -> Self {
        self.without.push(field.into());
        self
    }

    fn fits(&self, call: &Call<'_>, body: &Map<String, Value>) -> bool {
        let given = |field: &str| sent(call, body, field);
        let has = |(field, value): &(String, String)| given(field).as_ref() == Some(value);
        let lacks = |field: &String| given(field).is_none_or(|value| value.is_empty());
        self.when.iter().all(has) && self.without.iter().all(lacks)
    }
}

/// Replies of a test, by endpoint.
#[derive(Debug, Default)]
pub(crate) struct Replies(HashMap<String, Vec<Reply>>);

impl Replies {
    /// These replies, of which later ones go before earlier ones.
    pub(crate) fn new(replies: impl IntoIterator<Item = (String, Reply)>) -> Self {
        let mut all = Self::default();
        replies
            .into_iter()
            .for_each(|(endpoint, reply)| all.put(&endpoint, reply));
        all
    }

    /// Adds a reply, which goes before those that are there.
    pub(crate) fn put(&mut self, endpoint: &str, reply: Reply) {
        self.0.entry(endpoint.to_owned()).or_default().push(reply);
    }

    /// What a call is to be answered: by the last of those that fit it.
    pub(crate) fn find(&self, call: &Call<'_>, body: &Map<String, Value>) -> Option<Content> {
        let mut replies = self.0.get(&call.endpoint.id)?.iter().rev();
        replies
            .find(|reply| reply.fits(call, body))
            .map(|reply| reply.content.clone())
    }
}
