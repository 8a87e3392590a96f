//! Responses: their content, pagination, polling, and uploads in parts.

use std::cmp::Ordering;

use super::comparison::{At, Comparison, Direction, Pair, Subject, from_to, list, or_none, quoted};
use super::fields::reach;
use super::rule_table::*;
use crate::model::{Binary, Endpoint, Feed, FeedSource, Pagination, Poll, Response, ResponseHeader, Upload};

pub(super) fn compare_responses(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    before: &Endpoint,
    after: &Endpoint,
) {
    let at = At::New(after.origin_of("response"));
    match (&before.response, &after.response) {
        (Response::Empty, Response::Empty) => {}
        (Response::Empty, Response::Json { .. }) => {
            comparison.report(&RESPONSE_BODY_ADDED, subject, at, "nothing → fields");
        }
        (Response::Json { ty: old, flat: was }, Response::Json { ty: new, flat: is }) => {
            if was != is {
                let message = if *is {
                    "`data` → top level"
                } else {
                    "top level → `data`"
                };
                let at = At::New(after.origin_of("envelope"));
                comparison.report(&ENVELOPE_CHANGED, subject, at, message);
            }
            if before.oauth != after.oauth {
                let message = if after.oauth {
                    "`msg` → OAuth"
                } else {
                    "OAuth → `msg`"
                };
                let at = At::New(after.origin_of("envelope"));
                comparison.report(&FAILURE_FORM_CHANGED, subject, at, message);
            }
            let pair = Pair {
                old: *old,
                new: *new,
                direction: Direction::Response,
            };
            reach(comparison, &subject.part(' ', "response"), at, pair);
        }
        (Response::Binary(old), Response::Binary(new)) => compare_downloads(comparison, subject, at, old, new),
        (old, new) => {
            let message = format!("{} → {}", response_kind(old), response_kind(new));
            comparison.report(&RESPONSE_KIND_CHANGED, subject, at, message);
        }
    }
}

fn response_kind(response: &Response) -> &'static str {
    match response {
        Response::Empty => "nothing",
        Response::Json { .. } => "fields",
        Response::Binary(_) => "bytes",
    }
}

fn compare_downloads(comparison: &mut Comparison<'_>, subject: &Subject, at: At, old: &Binary, new: &Binary) {
    match (old.ranges, new.ranges) {
        (true, false) => comparison.report(&RANGES_REMOVED, subject, at, "ranges no longer supported"),
        (false, true) => comparison.report(&RANGES_ADDED, subject, at, "ranges supported"),
        _ => {}
    }
    compare_size(comparison, subject, at, old.max_bytes, new.max_bytes);
    for header in &old.headers {
        let now = find_header(&new.headers, header);
        compare_response_header(comparison, subject, at, Some(header), now);
    }
    for header in new
        .headers
        .iter()
        .filter(|header| find_header(&old.headers, header).is_none())
    {
        compare_response_header(comparison, subject, at, None, Some(header));
    }
}

/// Without a maximum size, a download is unlimited.
fn compare_size(comparison: &mut Comparison<'_>, subject: &Subject, at: At, old: Option<u64>, new: Option<u64>) {
    let rule = match new.unwrap_or(u64::MAX).cmp(&old.unwrap_or(u64::MAX)) {
        Ordering::Equal => return,
        Ordering::Less => &DOWNLOAD_SIZE_LOWERED,
        Ordering::Greater => &DOWNLOAD_SIZE_RAISED,
    };
    let message = format!("max_bytes {} → {}", or_none(old), or_none(new));
    comparison.report(rule, subject, at, message);
}

fn find_header<'a>(headers: &'a [ResponseHeader], like: &ResponseHeader) -> Option<&'a ResponseHeader> {
    headers.iter().find(|header| header.name == like.name)
}

fn compare_response_header(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    at: At,
    old: Option<&ResponseHeader>,
    new: Option<&ResponseHeader>,
) {
    let Some(any) = new.or(old) else { return };
    let subject = subject.part(' ', &format!("download.headers.{}", any.name));
    let (rule, message) = match (old, new) {
        (Some(_), None) => (&RESPONSE_HEADER_REMOVED, "removed".to_owned()),
        (Some(old), Some(new)) if old.needs != new.needs => match &new.needs {
            Some(needs) => (&RESPONSE_HEADER_REMOVED, format!("requires {}", quoted(needs))),
            None => (&RESPONSE_HEADER_ADDED, "always present".to_owned()),
        },
        (Some(old), Some(new)) if old.doc != new.doc => (&DOCS_CHANGED, "doc".to_owned()),
        (Some(_), Some(_)) => return,
        (None, _) => (&RESPONSE_HEADER_ADDED, "added".to_owned()),
    };
    comparison.report(rule, &subject, at, message);
}

pub(super) fn compare_pagination(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    before: &Endpoint,
    after: &Endpoint,
) {
    let at = At::New(after.origin_of("pagination"));
    match (&before.pagination, &after.pagination) {
        (None, Some(new)) => comparison.report(&PAGINATION_ADDED, subject, at, describe_pagination(new)),
        (Some(old), None) => comparison.report(&PAGINATION_REMOVED, subject, at, describe_pagination(old)),
        (Some(old), Some(new)) if old != new => {
            let message = format!("{} → {}", describe_pagination(old), describe_pagination(new));
            // The generated code does not use the name of the size.
            let follows = |pages: &Pagination| [&pages.token, &pages.next, &pages.more, &pages.items].map(Clone::clone);
            let rule = if follows(old) == follows(new) {
                &DOCS_CHANGED
            } else {
                &PAGINATION_CHANGED
            };
            comparison.report(rule, subject, at, message);
        }
        _ => {}
    }
}

fn describe_pagination(pagination: &Pagination) -> String {
    let Pagination {
        token,
        next,
        more,
        items,
        size,
    } = pagination;
    let keys = [("token", token), ("next", next), ("more", more), ("items", items)];
    let size = size.as_ref().map(|size| ("size", size));
    let words = keys.into_iter().chain(size);
    words
        .map(|(word, key)| format!("{word} {}", quoted(key)))
        .collect::<Vec<_>>()
        .join(", ")
}

pub(super) fn compare_poll(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
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
    let (was, is) = (feed_list(old), feed_list(new));
    if was != is {
        let message = format!("{} → {}", list(was), list(is));
        comparison.report(&POLL_CHANGED, subject, At::New(new.origin), message);
    }
    let (was, is) = (describe_state(old), describe_state(new));
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

/// Returns the feeds as `field = source.field`, sorted.
fn feed_list(poll: &Poll) -> Vec<String> {
    let mut feeds: Vec<String> = poll.feeds.iter().map(describe_feed).collect();
    feeds.sort();
    feeds
}

fn describe_feed(feed: &Feed) -> String {
    let source = match feed.source {
        FeedSource::Response => "response",
        FeedSource::Request => "request",
    };
    format!("{} = {source}.{}", feed.field, feed.from)
}

/// Returns the path of the state and its values.
fn describe_state(poll: &Poll) -> String {
    let values = |values: &[serde_json::Value]| {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        values.join(", ")
    };
    let state = &poll.state;
    let (done, failed) = (values(&state.done), values(&state.failed));
    format!("{}: done {done}; failed {failed}", state.path.join("."))
}

pub(super) fn compare_upload(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    match (&before.upload, &after.upload) {
        (None, Some(new)) => {
            comparison.report(
                &UPLOAD_ADDED,
                subject,
                At::New(new.origin),
                quoted(&new.prepare.endpoint),
            );
        }
        (Some(old), None) => {
            comparison.report(
                &UPLOAD_REMOVED,
                subject,
                At::Old(old.origin),
                quoted(&old.prepare.endpoint),
            );
        }
        (Some(old), Some(new)) if describe_upload(old) != describe_upload(new) => {
            let message = format!("{} → {}", list(describe_upload(old)), list(describe_upload(new)));
            comparison.report(&UPLOAD_CHANGED, subject, At::New(new.origin), message);
        }
        _ => {}
    }
}

fn describe_upload(upload: &Upload) -> Vec<String> {
    let steps = upload.steps().map(|(key, step)| format!("{key}: {}", step.endpoint));
    let fields = [&upload.block_size, &upload.block_count, &upload.number];
    let codes = upload.restart.iter().map(|code| format!("restart: {code}"));
    steps.into_iter().chain(fields.map(Clone::clone)).chain(codes).collect()
}
