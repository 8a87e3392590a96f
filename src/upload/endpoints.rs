//! The endpoints of a multipart upload, as constant data from the spec.

use crate::endpoint::{EndpointInfo, Request};
use crate::wire::{Decode, FieldInfo, FieldsMut};

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
