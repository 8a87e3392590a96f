//! Pages.

use super::comparison::{At, Comparison, Subject};
use super::quoted::quoted;
use super::rules::*;
use crate::model::{Endpoint, Pagination};

pub(super) fn compare(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    let at = At::New(after.origin);
    match (&before.pagination, &after.pagination) {
        (None, Some(new)) => comparison.report(&PAGINATION_ADDED, subject, at, described(new)),
        (Some(old), None) => comparison.report(&PAGINATION_REMOVED, subject, at, described(old)),
        (Some(old), Some(new)) if old != new => {
            let message = format!("{} → {}", described(old), described(new));
            // Nothing is made of the name of the size.
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

fn described(pagination: &Pagination) -> String {
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
