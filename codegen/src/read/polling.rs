//! Reads `poll:`, which declares how to poll a long-running operation.

use super::reader::Reader;
use super::value::{Entries, parse_integer};
use crate::characters::quote;
use crate::model::{Feed, FeedSource, Poll, PollState, Response};
use crate::yaml::{Node, Value};
use crate::{finding, format, names};

impl Reader<'_> {
    /// Reads `poll:`. The names in it are resolved after all endpoints have been read.
    pub(super) fn read_poll(&mut self, entries: &Entries<'_>, response: Option<&Response>) -> Option<Poll> {
        let node = entries.get("poll")?;
        if !matches!(response?, Response::Json { .. }) {
            let message = "`poll:` requires a response with fields";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("poll"), message);
            return None;
        }
        self.at_key("poll", |reader| {
            let entries = reader.expect_known_keys(node, format::POLL.names)?;
            let endpoint = reader.read_required_key(&entries, "endpoint", Self::read_endpoint_id);
            let mut feeds = reader.read_list(&entries, "from_response", |reader, node| {
                reader.read_feeds(node, FeedSource::Response)
            });
            feeds.extend(reader.read_list(&entries, "from_request", |reader, node| {
                reader.read_feeds(node, FeedSource::Request)
            }));
            reader.check_fed_once(&feeds);
            let state = reader.read_poll_state(&entries);
            Some(Poll {
                endpoint: endpoint?,
                feeds,
                state: state?,
                origin: entries.get("endpoint")?.origin,
            })
        })
    }

    pub(super) fn read_endpoint_id(&mut self, node: &Node) -> Option<String> {
        let expected = "an endpoint id: project.version.resource.method";
        self.read_pattern(node, finding::ENDPOINT_ID, expected, names::is_endpoint_id)
    }

    /// Reads `{ field of the poll request: field with its value }`.
    fn read_feeds(&mut self, node: &Node, source: FeedSource) -> Option<Vec<Feed>> {
        let entries = self.expect_mapping(node)?;
        let feed = |(key, node): &(crate::yaml::Key, Node)| {
            Some(Feed {
                field: key.text.clone(),
                source,
                from: self.at_key(&key.text, |reader| reader.read_text(node))?,
                origin: key.origin,
            })
        };
        Some(entries.iter().filter_map(feed).collect())
    }

    fn check_fed_once(&mut self, feeds: &[Feed]) {
        for (index, feed) in feeds.iter().enumerate() {
            if feeds[..index].iter().any(|other| other.field == feed.field) {
                let message = format!("{} is set from both the response and the request", quote(&feed.field));
                self.report(finding::POLL_FIELD, feed.origin, message);
            }
        }
    }

    fn read_poll_state(&mut self, entries: &Entries<'_>) -> Option<PollState> {
        let path = self.read_required_key(entries, "state", Self::read_text);
        let done = self.read_required_key(entries, "done", Self::read_state_values);
        let failed = self.read_list(entries, "failed", Self::read_state_values);
        let reason = self.read_optional(entries, "reason", Self::read_text);
        let keys = |path: String| path.split('.').map(str::to_owned).collect();
        Some(PollState {
            path: keys(path?),
            done: done?,
            failed,
            reason: reason.map(keys).unwrap_or_default(),
            origin: entries.get("state")?.origin,
        })
    }

    fn read_state_values(&mut self, node: &Node) -> Option<Vec<serde_json::Value>> {
        let values = self.read_each(node, Self::read_state_value)?;
        if values.is_empty() {
            self.report(finding::EMPTY_VALUE, node.origin, "the list is empty");
        }
        Some(values)
    }

    /// Reads a scalar; an unquoted number or bool keeps its type.
    fn read_state_value(&mut self, node: &Node) -> Option<serde_json::Value> {
        if let Some(number) = parse_integer(&node.value) {
            return Some(number.into());
        }
        match &node.value {
            Value::Literal(text) if text == "true" || text == "false" => Some((text == "true").into()),
            _ => self.read_text(node).map(Into::into),
        }
    }
}
