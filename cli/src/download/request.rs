//! Requests for the files of an endpoint.

use larkspur::ByteRange;
use larkspur::dynamic::{Object, Request, Value};
use larkspur::endpoint::EndpointInfo;
use larkspur::wire::FieldInfo;

/// Which fields the requests for an endpoint have.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    endpoint: &'static EndpointInfo,
    /// The range last.
    fields: &'static [FieldInfo],
}

impl Shape {
    /// Requests with these fields, and with a range. Fields have to outlive every request; as a run of this program
    /// makes one shape, they live as long as the program.
    pub(super) fn new(endpoint: &'static EndpointInfo, mut fields: Vec<FieldInfo>) -> Self {
        fields.push(FieldInfo::header("Range"));
        Self {
            endpoint,
            fields: fields.leak(),
        }
    }

    /// Names of the path parameters of an endpoint, in their order.
    pub(super) fn path_parameters(endpoint: &'static EndpointInfo) -> impl Iterator<Item = &'static str> {
        endpoint.path.split('/').filter_map(|segment| segment.strip_prefix(':'))
    }

    /// The endpoint.
    pub(super) fn endpoint(&self) -> &'static EndpointInfo {
        self.endpoint
    }

    /// What a request can be given, in order.
    pub(super) fn fields(&self) -> &'static [FieldInfo] {
        self.fields.split_last().map_or(&[], |(_, others)| others)
    }

    /// A request for the file that these values of [`Shape::fields`] name, or for a part of it.
    pub(super) fn request(&self, values: Vec<Option<String>>, range: Option<ByteRange>) -> Request {
        let values = values.into_iter().map(|value| value.map(Value::Text));
        let object = Object::from_values(self.fields, values.chain([range.map(Value::Range)]));
        Request::new(self.endpoint, object)
    }
}
