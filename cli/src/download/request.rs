//! A request for an endpoint that is known only at run time.

use larkspur::ByteRange;
use larkspur::endpoint::{Endpoint, Request};
use larkspur::wire::{Encode, Field, Fields};

/// Which fields the requests for an endpoint have.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    endpoint: &'static Endpoint,
    /// The range last.
    fields: &'static [Field],
}

impl Shape {
    /// Requests with these fields, and with a range. Fields have to outlive every request; as a run of this program
    /// makes one shape, they live as long as the program.
    pub(super) fn new(endpoint: &'static Endpoint, mut fields: Vec<Field>) -> Self {
        fields.push(Field::header("Range"));
        Self {
            endpoint,
            fields: fields.leak(),
        }
    }

    /// Names of the path parameters of an endpoint, in their order.
    pub(super) fn path_parameters(endpoint: &'static Endpoint) -> impl Iterator<Item = &'static str> {
        endpoint.path.split('/').filter_map(|segment| segment.strip_prefix(':'))
    }

    /// The endpoint.
    pub(super) fn endpoint(&self) -> &'static Endpoint {
        self.endpoint
    }

    /// What a request can be given, in order.
    pub(super) fn fields(&self) -> &'static [Field] {
        self.fields.split_last().map_or(&[], |(_, others)| others)
    }
}

/// A file that is wanted.
pub(super) struct Wanted {
    shape: Shape,
    values: Vec<Option<String>>,
    range: Option<ByteRange>,
}

impl Wanted {
    /// The file that these values of [`Shape::fields`] name.
    pub(super) fn new(shape: Shape, values: Vec<Option<String>>) -> Self {
        Self {
            shape,
            values,
            range: None,
        }
    }

    /// Only this part of it.
    pub(super) fn range(mut self, range: Option<ByteRange>) -> Self {
        self.range = range;
        self
    }
}

impl Fields for Wanted {
    fn fields(&self) -> &'static [Field] {
        self.shape.fields
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        let values = self.values.iter().map(|value| value as &dyn Encode);
        values.chain([&self.range as &dyn Encode]).nth(index)
    }
}

impl Request for Wanted {
    fn endpoint(&self) -> &'static Endpoint {
        self.shape.endpoint
    }
}
