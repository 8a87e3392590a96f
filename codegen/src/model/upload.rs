//! Uploads in parts: what sends a file that is too large for one call.

use serde::Serialize;

use super::Origin;

/// How a file is sent in parts. A field of `prepare` has the value of the request's field of the same key; a field of `part`
/// and `finish` that of the answer to `prepare`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Upload {
    /// The endpoint that begins the upload and says how large a part is.
    pub prepare: Step,
    /// The endpoint that takes a part.
    pub part: Step,
    /// The endpoint that makes a file of the parts; it answers as the endpoint does that takes the whole.
    pub finish: Step,
    /// Wire name of the field of the answer to `prepare` that says how many bytes a part has.
    pub block_size: String,
    /// Wire name of the field of the answer to `prepare` that says how many parts there are.
    pub block_count: String,
    /// Wire name of the field of `part` that says which part it is, counted from 0.
    pub number: String,
    /// Codes of a platform that no longer knows the upload.
    pub restart: Vec<i64>,
    /// Where this is said.
    #[serde(skip)]
    pub origin: Origin,
}

impl Upload {
    /// The steps in their order, each with its key in a spec.
    pub fn steps(&self) -> [(&'static str, &Step); 3] {
        [
            ("prepare", &self.prepare),
            ("part", &self.part),
            ("finish", &self.finish),
        ]
    }
}

/// One of the endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its id.
    pub endpoint: String,
    /// Where it is named.
    #[serde(skip)]
    pub origin: Origin,
}
