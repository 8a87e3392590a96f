//! Whether a request may be sent again.

use crate::endpoint::{EndpointInfo, Method, Request};
use crate::wire::{Encode, FieldInfo, Fields, Location, View};

/// Whether a request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// To the same effect, however often.
    Safe,
    /// Only where the first one surely was not processed; the second might do it twice.
    Unprocessed {
        /// The field that would make it safe, where the endpoint has one.
        key: Option<&'static str>,
    },
    /// Not at all: what it sends can be read once.
    Never,
}

impl Repeat {
    pub(crate) fn of(request: &dyn Request) -> Self {
        let endpoint = request.endpoint();
        let fields: &dyn Fields = request;
        if has(
            fields,
            |_, value| matches!(value, View::File(upload) if !upload.is_repeatable()),
        ) {
            return Self::Never;
        }
        let carries = |key| has(fields, |field, value| is_key(field, key) && is_text(value));
        match endpoint.idempotency {
            _ if changes_nothing(endpoint) => Self::Safe,
            Some(key) if carries(key) => Self::Safe,
            key => Self::Unprocessed { key },
        }
    }
}

fn changes_nothing(endpoint: &EndpointInfo) -> bool {
    endpoint.repeatable || matches!(endpoint.method, Method::Get)
}

fn is_key(field: &FieldInfo, key: &str) -> bool {
    field.key == key && matches!(field.location, Location::Query | Location::Body)
}

fn is_text(value: &View<'_>) -> bool {
    matches!(value, View::Str(text) if !text.is_empty())
}

fn has(fields: &dyn Fields, is_it: impl Fn(&'static FieldInfo, &View<'_>) -> bool) -> bool {
    let mut found = false;
    fields.each(&mut |field, value: &dyn Encode| found |= is_it(field, &value.view()));
    found
}
