//! Headers that are sent as they stand, and how the body travels.

use super::comparison::{At, Comparison, Subject};
use super::quoted::or_none;
use super::rules::*;
use crate::model::{Body, Endpoint, FixedHeader};

pub(super) fn compare(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let at = At::New(after.origin);
    for new in &after.fixed_headers {
        let old = find(&before.fixed_headers, &new.name);
        header(comparison, subject, at, old, Some(new));
    }
    for old in &before.fixed_headers {
        if find(&after.fixed_headers, &old.name).is_none() {
            header(comparison, subject, at, Some(old), None);
        }
    }
    // From no body or to none is a matter of the fields, which are compared on their own.
    if let (Body::Json, Body::Multipart) | (Body::Multipart, Body::Json) = (before.body, after.body) {
        let message = format!("{} → {}", body(before.body), body(after.body));
        comparison.report(&BODY_KIND_CHANGED, subject, at, message);
    }
}

fn find<'a>(headers: &'a [FixedHeader], name: &str) -> Option<&'a FixedHeader> {
    headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))
}

fn header(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    at: At,
    old: Option<&FixedHeader>,
    new: Option<&FixedHeader>,
) {
    let Some(any) = new.or(old) else { return };
    let subject = subject.part(' ', &format!("headers.{}", any.name));
    let values = (old.map(|old| &old.value), new.map(|new| &new.value));
    if values.0 == values.1 {
        // It is sent in either case, so that whether it has to be is a matter of documentation.
        if old != new {
            comparison.report(&DOCS_CHANGED, &subject, at, "doc or required");
        }
        return;
    }
    let needed = new.is_some_and(|new| new.required);
    let rule = if needed {
        &REQUIRED_HEADER_CHANGED
    } else {
        &FIXED_HEADER_CHANGED
    };
    let message = format!("{} → {}", or_none(values.0), or_none(values.1));
    comparison.report(rule, &subject, at, message);
}

fn body(body: Body) -> &'static str {
    match body {
        Body::None => "no body",
        Body::Json => "JSON",
        Body::Multipart => "multipart",
    }
}
