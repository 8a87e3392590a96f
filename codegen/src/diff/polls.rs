//! How the outcome of a task is asked for.

use super::comparison::{At, Comparison, Subject};
use super::quoted::{from_to, list, quoted};
use super::rules::*;
use crate::model::{Endpoint, Feed, FeedSource, Poll};

pub(super) fn compare(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let (old, new) = match (&before.poll, &after.poll) {
        (None, None) => return,
        (None, Some(new)) => {
            return comparison.report(&POLL_ADDED, subject, At::New(new.origin), quoted(&new.endpoint));
        }
        (Some(old), None) => {
            return comparison.report(&POLL_REMOVED, subject, At::Old(old.origin), quoted(&old.endpoint));
        }
        (Some(old), Some(new)) => (old, new),
    };
    if old.endpoint != new.endpoint {
        let message = from_to(&old.endpoint, &new.endpoint);
        comparison.report(&POLL_ENDPOINT_CHANGED, subject, At::New(new.origin), message);
    }
    let (was, is) = (feeds(old), feeds(new));
    if was != is {
        let message = format!("{} → {}", list(was), list(is));
        comparison.report(&POLL_CHANGED, subject, At::New(new.origin), message);
    }
    let (was, is) = (state(old), state(new));
    if was != is {
        let message = format!("{} → {}", quoted(was), quoted(is));
        comparison.report(&POLL_CHANGED, subject, At::New(new.state.origin), message);
    }
    let (was, is) = (&old.state.reason, &new.state.reason);
    if was != is {
        let message = from_to(was.join("."), is.join("."));
        comparison.report(&POLL_REASON_CHANGED, subject, At::New(new.state.origin), message);
    }
}

/// What is fed, each as `field = source.field`, in an order that does not depend on the file.
fn feeds(poll: &Poll) -> Vec<String> {
    let mut feeds: Vec<String> = poll.feeds.iter().map(feed).collect();
    feeds.sort();
    feeds
}

fn feed(feed: &Feed) -> String {
    let source = match feed.source {
        FeedSource::Response => "response",
        FeedSource::Request => "request",
    };
    format!("{} = {source}.{}", feed.field, feed.from)
}

/// Where the outcome stands and which values it has.
fn state(poll: &Poll) -> String {
    let values = |values: &[serde_json::Value]| {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        values.join(", ")
    };
    let state = &poll.state;
    let (done, failed) = (values(&state.done), values(&state.failed));
    format!("{}: done {done}; failed {failed}", state.path.join("."))
}
