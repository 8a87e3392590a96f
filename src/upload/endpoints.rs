//! The endpoints of a multipart upload, as constant data from the spec, and the requests for its steps.

use serde_json::{Map, Value};

use crate::endpoint::{EndpointInfo, Request};
use crate::wire::{Decode, Encode, FieldInfo, Fields, FieldsMut, Unknown};

/// A request whose file can be uploaded in parts if it is too large for one call. Implemented by generated code for
/// [`Client::upload`](crate::Client::upload).
pub trait InParts: Request {
    /// The response to the complete file, in one call or in parts.
    type Response: Decode + FieldsMut + Send;

    /// Returns the endpoints for the parts.
    fn parts(&self) -> &'static Parts;
}

/// The endpoints of a multipart upload.
///
/// Generated code creates it with [`Parts::new`]. Fields of `prepare` have the values of the fields of the request with the same
/// keys, those of `part` and `finish` the values of the response to `prepare`.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Parts {
    /// Starts the upload and returns the size of a part.
    pub prepare: Step,
    /// Uploads a part.
    pub part: Step,
    /// Completes the upload.
    pub finish: Step,
    /// The response field of `prepare` with the size of a part in bytes.
    pub block_size: &'static str,
    /// The response field of `prepare` with the number of parts.
    pub block_count: &'static str,
    /// The field of `part` with the index of the part, starting at 0.
    pub number: &'static str,
    /// The field of `part` with its bytes.
    pub file: &'static str,
    /// Error codes of an unknown or expired upload, which is restarted.
    pub restart: &'static [i64],
}

impl Parts {
    /// Creates an upload with the usual field names.
    pub const fn new(prepare: Step, part: Step, finish: Step) -> Self {
        Self {
            prepare,
            part,
            finish,
            block_size: "block_size",
            block_count: "block_num",
            number: "seq",
            file: "file",
            restart: &[],
        }
    }

    /// Sets [`Parts::block_size`].
    pub const fn block_size(mut self, field: &'static str) -> Self {
        self.block_size = field;
        self
    }

    /// Sets [`Parts::block_count`].
    pub const fn block_count(mut self, field: &'static str) -> Self {
        self.block_count = field;
        self
    }

    /// Sets [`Parts::number`].
    pub const fn number(mut self, field: &'static str) -> Self {
        self.number = field;
        self
    }

    /// Sets [`Parts::file`].
    pub const fn file(mut self, field: &'static str) -> Self {
        self.file = field;
        self
    }

    /// Sets [`Parts::restart`].
    pub const fn restart(mut self, codes: &'static [i64]) -> Self {
        self.restart = codes;
        self
    }
}

/// An endpoint of an upload, with its fields.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Step {
    /// The endpoint.
    pub endpoint: &'static EndpointInfo,
    /// The fields, in the order of the spec.
    pub fields: &'static [FieldInfo],
}

impl Step {
    /// Creates a step.
    pub const fn new(endpoint: &'static EndpointInfo, fields: &'static [FieldInfo]) -> Self {
        Self { endpoint, fields }
    }
}

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
