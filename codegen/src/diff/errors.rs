//! Documented failures.

use super::comparison::{At, Comparison, Subject};
use super::quoted::{from_to, quoted};
use super::rules::*;
use crate::model::{Endpoint, ErrorEntry};

pub(super) fn compare(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    for old in &before.errors {
        let subject = part(subject, old);
        match find(&after.errors, old) {
            Some(new) => entry(comparison, &subject, old, new),
            None => comparison.report(&ERROR_REMOVED, &subject, At::Old(old.origin), said(old)),
        }
    }
    for new in after.errors.iter().filter(|new| find(&before.errors, new).is_none()) {
        added(comparison, &part(subject, new), new, &before.errors);
    }
}

/// A code tells a failure apart; without one, the status does.
fn find<'a>(entries: &'a [ErrorEntry], like: &ErrorEntry) -> Option<&'a ErrorEntry> {
    let same = |entry: &&ErrorEntry| match (entry.code, like.code) {
        (None, None) => entry.http == like.http,
        (one, other) => one == other,
    };
    entries.iter().find(same)
}

fn part(subject: &Subject, entry: &ErrorEntry) -> Subject {
    match entry.code {
        Some(code) => subject.part(' ', &format!("errors.{code}")),
        None => subject.part(' ', &format!("errors.HTTP {}", entry.http)),
    }
}

fn said(entry: &ErrorEntry) -> String {
    let words = entry.msg.as_ref().or(entry.doc.as_ref());
    quoted(words.unwrap_or(&entry.rust))
}

fn added(comparison: &mut Comparison<'_>, subject: &Subject, new: &ErrorEntry, known: &[ErrorEntry]) {
    let at = At::New(new.origin);
    let status = known.iter().find(|old| old.code.is_none() && old.http == new.http);
    match status {
        Some(status) if new.code.is_some() => {
            let message = format!("HTTP {}: {}", new.http, from_to(&status.rust, &new.rust));
            comparison.report(&ERROR_HIDES_STATUS, subject, at, message);
        }
        _ => comparison.report(&ERROR_ADDED, subject, at, said(new)),
    }
}

fn entry(comparison: &mut Comparison<'_>, subject: &Subject, old: &ErrorEntry, new: &ErrorEntry) {
    let at = At::New(new.origin);
    if old.rust != new.rust {
        comparison.report(&ERROR_RENAMED, subject, at, from_to(&old.rust, &new.rust));
    }
    if old.http != new.http {
        comparison.report(&ERROR_STATUS_CHANGED, subject, at, from_to(old.http, new.http));
    }
    if old.retry != new.retry {
        let message = if new.retry {
            "trying again may help"
        } else {
            "trying again does not help"
        };
        comparison.report(&ERROR_RETRY_CHANGED, subject, at, message);
    }
    if (&old.msg, &old.doc) != (&new.msg, &new.doc) {
        comparison.report(&DOCS_CHANGED, subject, at, "msg or doc");
    }
}
