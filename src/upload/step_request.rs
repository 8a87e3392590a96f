//! Requests for the steps of an upload, with values from the request and from the response to `prepare`.

use serde_json::{Map, Value};

use super::endpoints::Step;
use crate::endpoint::{EndpointInfo, Request};
use crate::wire::{Decode, Encode, FieldInfo, Fields, FieldsMut, Unknown};

/// An absent value.
static ABSENT: Option<i64> = None;

/// A request for one of the endpoints of an upload.
pub(super) struct StepRequest<'v> {
    step: &'static Step,
    /// The values of the fields, if any.
    values: Vec<Option<FieldValue<'v>>>,
}

/// The value of a field.
pub(super) enum FieldValue<'v> {
    Owned(Box<dyn Encode>),
    Borrowed(&'v dyn Encode),
}

impl<'v> FieldValue<'v> {
    pub(super) fn owned(value: impl Encode + 'static) -> Self {
        Self::Owned(Box::new(value))
    }
}

impl<'v> StepRequest<'v> {
    /// Creates a request with the values that `value_of` returns.
    pub(super) fn new(step: &'static Step, value_of: impl FnMut(&'static FieldInfo) -> Option<FieldValue<'v>>) -> Self {
        Self {
            step,
            values: step.fields.iter().map(value_of).collect(),
        }
    }
}

impl Fields for StepRequest<'_> {
    fn fields(&self) -> &'static [FieldInfo] {
        self.step.fields
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        Some(match self.values.get(index)? {
            Some(FieldValue::Owned(value)) => &**value,
            Some(FieldValue::Borrowed(value)) => *value,
            None => &ABSENT,
        })
    }
}

impl Request for StepRequest<'_> {
    fn endpoint(&self) -> &'static EndpointInfo {
        self.step.endpoint
    }
}

/// The response to `prepare`, of any structure.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct PrepareResponse(Unknown);

impl PrepareResponse {
    /// Returns the number of a field, encoded as a number or a string.
    pub(super) fn number(&self, key: &str) -> Option<i64> {
        match self.0.get(key)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Returns the value of a field for another request.
    pub(super) fn value_for(&self, key: &str) -> Option<FieldValue<'static>> {
        Some(match self.0.get(key)? {
            Value::Null => return None,
            Value::String(text) => FieldValue::owned(text.clone()),
            Value::Bool(value) => FieldValue::owned(*value),
            value => match value.as_i64() {
                Some(number) => FieldValue::owned(number),
                None => FieldValue::owned(value.clone()),
            },
        })
    }

    pub(super) fn to_json(&self) -> Value {
        let entries = self.0.iter().map(|(key, value)| (key.to_owned(), value.clone()));
        Value::Object(entries.collect::<Map<_, _>>())
    }

    pub(super) fn from_json(value: &Value) -> Option<Self> {
        let mut response = Self::default();
        for (key, value) in value.as_object()? {
            response.0.insert(key.clone(), value.clone());
        }
        Some(response)
    }
}

impl Fields for PrepareResponse {
    fn fields(&self) -> &'static [FieldInfo] {
        &[]
    }

    fn value(&self, _: usize) -> Option<&dyn Encode> {
        None
    }

    fn unknown(&self) -> Option<&Unknown> {
        Some(&self.0)
    }
}

impl FieldsMut for PrepareResponse {
    fn value_mut(&mut self, _: usize) -> Option<&mut dyn Decode> {
        None
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        &mut self.0
    }
}
