//! Error codes of project versions, and the documented errors of endpoints.

use std::collections::HashMap;

use super::comparison::{At, Comparison, Subject, from_to, quoted};
use super::rule_table::*;
use crate::model::{Api, Endpoint, ErrorCode, ErrorEntry};

/// Compares the definitions of error codes. A change of a definition is reported once, not at each endpoint.
pub(super) fn compare_error_codes(comparison: &mut Comparison<'_>) {
    let (before, after) = (definitions(comparison.old), definitions(comparison.new));
    for (key, old) in &before {
        match after.get(key) {
            Some(new) => compare_definition(comparison, &code_subject(*key), old, new),
            None => {
                let (subject, at) = (code_subject(*key), At::Old(old.origin));
                comparison.report(
                    &ERROR_CODE_REMOVED,
                    &subject,
                    at,
                    describe(&old.msg, &old.doc, &old.rust),
                );
            }
        }
    }
    for (key, new) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        let (subject, at) = (code_subject(*key), At::New(new.origin));
        comparison.report(&ERROR_CODE_ADDED, &subject, at, describe(&new.msg, &new.doc, &new.rust));
    }
}

/// Project, version, code.
type Key<'a> = (&'a str, &'a str, i64);

fn definitions(api: &Api) -> HashMap<Key<'_>, &ErrorCode> {
    let codes = api.modules.iter().flat_map(|module| {
        let key = |error: &ErrorCode| (module.project.as_str(), module.version.as_str(), error.code);
        module.errors.iter().map(move |error| (key(error), error))
    });
    codes.collect()
}

fn code_subject((project, version, code): Key<'_>) -> Subject {
    Subject::endpoint(format!("{project}.{version}.errors")).part(' ', &code.to_string())
}

fn compare_definition(comparison: &mut Comparison<'_>, subject: &Subject, old: &ErrorCode, new: &ErrorCode) {
    let at = At::New(new.origin);
    if old.rust != new.rust {
        comparison.report(&ERROR_RENAMED, subject, at, from_to(&old.rust, &new.rust));
    }
    let (was, is) = (Properties::of_code(old), Properties::of_code(new));
    compare_properties(comparison, subject, at, was, is);
}

/// Compares the documented errors of an endpoint.
pub(super) fn compare_errors(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    for old in &before.errors {
        let subject = error_subject(subject, old);
        match find_error(&after.errors, old) {
            // Both are their definitions, which are compared on their own.
            Some(new) if !old.differs && !new.differs => {}
            Some(new) => {
                let (was, is) = (Properties::of_entry(old), Properties::of_entry(new));
                compare_properties(comparison, &subject, At::New(new.origin), was, is);
            }
            None => comparison.report(&ERROR_REMOVED, &subject, At::Old(old.origin), describe_entry(old)),
        }
    }
    let is_new = |new: &&ErrorEntry| find_error(&before.errors, new).is_none();
    for new in after.errors.iter().filter(is_new) {
        let subject = error_subject(subject, new);
        comparison.report(&ERROR_ADDED, &subject, At::New(new.origin), describe_entry(new));
    }
}

/// The code identifies an error, or else its status.
fn find_error<'a>(entries: &'a [ErrorEntry], like: &ErrorEntry) -> Option<&'a ErrorEntry> {
    let same = |entry: &&ErrorEntry| match (entry.code, like.code) {
        (None, None) => entry.http == like.http,
        (one, other) => one == other,
    };
    entries.iter().find(same)
}

fn error_subject(subject: &Subject, entry: &ErrorEntry) -> Subject {
    match entry.code {
        Some(code) => subject.part(' ', &format!("errors.{code}")),
        None => subject.part(' ', &format!("errors.HTTP {}", entry.http)),
    }
}

fn describe_entry(entry: &ErrorEntry) -> String {
    let otherwise = format!("HTTP {}", entry.http);
    describe(&entry.msg, &entry.doc, entry.rust.as_deref().unwrap_or(&otherwise))
}

fn describe(msg: &Option<String>, doc: &Option<String>, otherwise: &str) -> String {
    let words = msg.as_deref().or(doc.as_deref());
    quoted(words.unwrap_or(otherwise))
}

/// What a definition and an entry have in common.
struct Properties<'a> {
    http: u16,
    retry: bool,
    texts: (&'a Option<String>, &'a Option<String>),
}

impl<'a> Properties<'a> {
    fn of_code(code: &'a ErrorCode) -> Self {
        Self {
            http: code.http,
            retry: code.retry,
            texts: (&code.msg, &code.doc),
        }
    }

    fn of_entry(entry: &'a ErrorEntry) -> Self {
        Self {
            http: entry.http,
            retry: entry.retry,
            texts: (&entry.msg, &entry.doc),
        }
    }
}

fn compare_properties(
    comparison: &mut Comparison<'_>,
    subject: &Subject,
    at: At,
    old: Properties<'_>,
    new: Properties<'_>,
) {
    if old.http != new.http {
        comparison.report(&ERROR_STATUS_CHANGED, subject, at, from_to(old.http, new.http));
    }
    if old.retry != new.retry {
        let message = if new.retry { "retryable" } else { "not retryable" };
        comparison.report(&ERROR_RETRY_CHANGED, subject, at, message);
    }
    if old.texts != new.texts {
        comparison.report(&DOCS_CHANGED, subject, at, "msg or doc");
    }
}
