//! What the SDK knows of an upload in parts: facts of the spec as constant data.

use crate::endpoint::{EndpointInfo, Request};
use crate::wire::{Decode, FieldInfo, FieldsMut};

/// A request that sends a file, and whose endpoint has others beside it that take a larger one in parts. Generated;
/// [`Client::upload`](crate::Client::upload) sends it.
pub trait InParts: Request {
    /// What the platform answers once it has the file, in one call or in parts.
    type Response: Decode + FieldsMut + Send;

    /// The endpoints that take the parts.
    fn parts(&self) -> &'static Parts;
}

/// How a file is sent in parts.
///
/// Generated code builds it with [`Parts::new`] and the methods that follow; the fields are for reading. A field of `prepare`
/// has the value of the request's field of the same key; one of `part` and `finish` that of the answer to `prepare`.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Parts {
    /// Begins the upload and says how large a part is.
    pub prepare: Step,
    /// Takes a part.
    pub part: Step,
    /// Makes a file of the parts.
    pub finish: Step,
    /// Field of the answer to `prepare` that says how many bytes a part has.
    pub block_size: &'static str,
    /// Field of the answer to `prepare` that says how many parts there are.
    pub block_count: &'static str,
    /// FieldInfo of `part` that says which part it is, counted from 0.
    pub number: &'static str,
    /// FieldInfo of `part` that has its bytes.
    pub file: &'static str,
    /// Codes of a platform that no longer knows the upload.
    pub restart: &'static [i64],
}

impl Parts {
    /// An upload over these endpoints, with the names of fields that they usually have.
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

/// An endpoint that takes part in an upload, with its fields.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Step {
    /// The facts of the endpoint.
    pub endpoint: &'static EndpointInfo,
    /// What the spec says of its fields, in its order.
    pub fields: &'static [FieldInfo],
}

impl Step {
    /// This endpoint, with these fields.
    pub const fn new(endpoint: &'static EndpointInfo, fields: &'static [FieldInfo]) -> Self {
        Self { endpoint, fields }
    }
}
