//! Whether a request is idempotent.

use crate::endpoint::{EndpointInfo, Method, Request};
use crate::wire::{Encode, FieldInfo, Fields, Location, View};

/// Whether a request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// The request is idempotent.
    Safe,
    /// Only if the first request was certainly not processed.
    Unprocessed {
        /// The field for an idempotency key, if the endpoint has one.
        key: Option<&'static str>,
    },
    /// Never: its body can be read only once.
    Never,
}

impl Repeat {
    pub(crate) fn classify(request: &dyn Request) -> Self {
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
            _ if is_idempotent(endpoint) => Self::Safe,
            Some(key) if carries(key) => Self::Safe,
            key => Self::Unprocessed { key },
        }
    }
}

fn is_idempotent(endpoint: &EndpointInfo) -> bool {
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
