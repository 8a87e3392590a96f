//! What comes back: fields, bytes or nothing.

use std::cmp::Ordering;

use super::comparison::{At, Comparison, Direction, Pair, Subject};
use super::quoted::{or_none, quoted};
use super::rules::*;
use super::types;
use crate::model::{Binary, Endpoint, Response, ResponseHeader};

pub(super) fn compare(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let at = At::New(after.origin);
    match (&before.response, &after.response) {
        (Response::Empty, Response::Empty) => {}
        (Response::Empty, Response::Json { .. }) => {
            comparison.report(&RESPONSE_BODY_ADDED, subject, at, "nothing → fields");
        }
        (Response::Json { ty: old, flat: was }, Response::Json { ty: new, flat: is }) => {
            if was != is {
                let message = if *is {
                    "`data` → beside `code`"
                } else {
                    "beside `code` → `data`"
                };
                comparison.report(&ENVELOPE_CHANGED, subject, at, message);
            }
            if before.oauth != after.oauth {
                let message = if after.oauth { "as OAuth has it" } else { "`msg`" };
                comparison.report(&FAILURE_FORM_CHANGED, subject, at, message);
            }
            let pair = Pair {
                old: *old,
                new: *new,
                direction: Direction::Response,
            };
            types::reach(comparison, &subject.part(' ', "response"), at, pair);
        }
        (Response::Binary(old), Response::Binary(new)) => binary(comparison, subject, at, old, new),
        (old, new) => {
            let message = format!("{} → {}", kind(old), kind(new));
            comparison.report(&RESPONSE_KIND_CHANGED, subject, at, message);
        }
    }
}

fn kind(response: &Response) -> &'static str {
    match response {
        Response::Empty => "nothing",
        Response::Json { .. } => "fields",
        Response::Binary(_) => "bytes",
    }
}

fn binary(comparison: &mut Comparison<'_>, subject: &Subject, at: At, old: &Binary, new: &Binary) {
    match (old.ranges, new.ranges) {
        (true, false) => comparison.report(&RANGES_REMOVED, subject, at, "ranges are no longer honoured"),
        (false, true) => comparison.report(&RANGES_ADDED, subject, at, "ranges are honoured"),
        _ => {}
    }
    size(comparison, subject, at, old.max_bytes, new.max_bytes);
    for header in &old.headers {
        let now = find(&new.headers, header);
        response_header(comparison, subject, at, Some(header), now);
    }
    for header in new.headers.iter().filter(|header| find(&old.headers, header).is_none()) {
        response_header(comparison, subject, at, None, Some(header));
    }
}

/// Without a largest size there is room for every one.
fn size(comparison: &mut Comparison<'_>, subject: &Subject, at: At, old: Option<u64>, new: Option<u64>) {
    let rule = match new.unwrap_or(u64::MAX).cmp(&old.unwrap_or(u64::MAX)) {
        Ordering::Equal => return,
        Ordering::Less => &DOWNLOAD_SIZE_LOWERED,
        Ordering::Greater => &DOWNLOAD_SIZE_RAISED,
    };
    let message = format!("{} → {} bytes at most", or_none(old), or_none(new));
    comparison.report(rule, subject, at, message);
}

fn find<'a>(headers: &'a [ResponseHeader], like: &ResponseHeader) -> Option<&'a ResponseHeader> {
    headers.iter().find(|header| header.name == like.name)
}

fn response_header(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    at: At,
    old: Option<&ResponseHeader>,
    new: Option<&ResponseHeader>,
) {
    let Some(any) = new.or(old) else { return };
    let subject = subject.part(' ', &format!("download.headers.{}", any.name));
    let (rule, message) = match (old, new) {
        (Some(_), None) => (&RESPONSE_HEADER_REMOVED, "gone".to_owned()),
        (Some(old), Some(new)) if old.needs != new.needs => match &new.needs {
            Some(needs) => (&RESPONSE_HEADER_REMOVED, format!("needs {}", quoted(needs))),
            None => (&RESPONSE_HEADER_ADDED, "comes without conditions".to_owned()),
        },
        (Some(old), Some(new)) if old.doc != new.doc => (&DOCS_CHANGED, "doc".to_owned()),
        (Some(_), Some(_)) => return,
        (None, _) => (&RESPONSE_HEADER_ADDED, "new".to_owned()),
    };
    comparison.report(rule, &subject, at, message);
}
