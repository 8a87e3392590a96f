//! Polling of a long-running operation.

use super::reader::Reader;
use super::value::{Entries, integer_of};
use crate::characters::quote;
use crate::model::{Feed, FeedSource, Poll, PollState, Response};
use crate::yaml::{Node, Value};
use crate::{finding, format, names};

impl Reader<'_> {
    /// Reads `poll:`. What it names is looked for once all endpoints are known.
    pub(super) fn poll(&mut self, entries: &Entries<'_>, response: Option<&Response>) -> Option<Poll> {
        let node = entries.get("poll")?;
        if !matches!(response?, Response::Json { .. }) {
            let message = "`poll:` goes with a response that has fields";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("poll"), message);
            return None;
        }
        self.inside("poll", |reader| {
            let entries = reader.entries(node, format::POLL.names)?;
            let endpoint = reader.needed(&entries, "endpoint", Self::endpoint_id);
            let mut feeds = reader.list(&entries, "from_response", |reader, node| {
                reader.feeds(node, FeedSource::Response)
            });
            feeds.extend(reader.list(&entries, "from_request", |reader, node| {
                reader.feeds(node, FeedSource::Request)
            }));
            reader.fed_once(&feeds);
            let state = reader.poll_state(&entries);
            Some(Poll {
                endpoint: endpoint?,
                feeds,
                state: state?,
                origin: entries.get("endpoint")?.origin,
            })
        })
    }

    pub(super) fn endpoint_id(&mut self, node: &Node) -> Option<String> {
        let expected = "an id: project.version.resource.method";
        self.pattern(node, finding::ENDPOINT_ID, expected, names::is_endpoint_id)
    }

    /// Reads `{ field of the poll: field that gives the value }`.
    fn feeds(&mut self, node: &Node, source: FeedSource) -> Option<Vec<Feed>> {
        let entries = self.mapping(node)?;
        let feed = |(key, node): &(crate::yaml::Key, Node)| {
            Some(Feed {
                field: key.text.clone(),
                source,
                from: self.inside(&key.text, |reader| reader.text(node))?,
                origin: key.origin,
            })
        };
        Some(entries.iter().filter_map(feed).collect())
    }

    fn fed_once(&mut self, feeds: &[Feed]) {
        for (index, feed) in feeds.iter().enumerate() {
            if feeds[..index].iter().any(|other| other.field == feed.field) {
                let message = format!("the response and the request both give {}", quote(&feed.field));
                self.report(finding::POLL_FIELD, feed.origin, message);
            }
        }
    }

    fn poll_state(&mut self, entries: &Entries<'_>) -> Option<PollState> {
        let path = self.needed(entries, "state", Self::text);
        let done = self.needed(entries, "done", Self::state_values);
        let failed = self.list(entries, "failed", Self::state_values);
        let reason = self.optional(entries, "reason", Self::text);
        let keys = |path: String| path.split('.').map(str::to_owned).collect();
        Some(PollState {
            path: keys(path?),
            done: done?,
            failed,
            reason: reason.map(keys).unwrap_or_default(),
            origin: entries.get("state")?.origin,
        })
    }

    fn state_values(&mut self, node: &Node) -> Option<Vec<serde_json::Value>> {
        let values = self.each(node, Self::state_value)?;
        if values.is_empty() {
            self.report(finding::EMPTY_VALUE, node.origin, "there is no value in the list");
        }
        Some(values)
    }

    /// A scalar: what looks like a number or a bool is one.
    fn state_value(&mut self, node: &Node) -> Option<serde_json::Value> {
        if let Some(number) = integer_of(&node.value) {
            return Some(number.into());
        }
        match &node.value {
            Value::Literal(text) if text == "true" || text == "false" => Some((text == "true").into()),
            _ => self.text(node).map(Into::into),
        }
    }
}
