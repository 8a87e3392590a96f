//! Requests for the files of an endpoint.

use larkspur::ByteRange;
use larkspur::dynamic::{DynamicRequest, Object, Value};
use larkspur::endpoint::EndpointInfo;
use larkspur::wire::FieldInfo;
use larkspur_codegen::command::output::Stop;
use larkspur_codegen::model::{Field, Place};

use crate::endpoints::FileEndpoint;

/// The fields of the requests for an endpoint.
#[derive(Clone, Copy)]
pub(crate) struct RequestShape {
    endpoint: &'static EndpointInfo,
    /// The range is the last one.
    fields: &'static [FieldInfo],
}

impl RequestShape {
    /// Creates the shape of requests with path parameters, these query parameters and a range.
    pub(super) fn with_query<'k>(endpoint: &'static EndpointInfo, query: impl Iterator<Item = &'k str>) -> Self {
        let path = Self::path_parameters(endpoint).map(FieldInfo::path);
        let query = query.map(|key| FieldInfo::query(key.to_owned().leak()));
        Self::new(endpoint, path.chain(query).collect())
    }

    /// Creates the shape of requests with all parameters of the spec and a range.
    pub(crate) fn with_all_parameters(endpoint: &FileEndpoint) -> Result<Self, Stop> {
        let mut fields: Vec<_> = Self::path_parameters(endpoint.info).map(FieldInfo::path).collect();
        for field in &endpoint.fields {
            fields.extend(parameter_info(endpoint.info, field)?);
        }
        Ok(Self::new(endpoint.info, fields))
    }

    /// The fields are leaked, as they must outlive all requests. A run of the program creates one shape.
    fn new(endpoint: &'static EndpointInfo, mut fields: Vec<FieldInfo>) -> Self {
        fields.push(FieldInfo::header("Range"));
        Self {
            endpoint,
            fields: fields.leak(),
        }
    }

    /// Returns the names of the path parameters of an endpoint, in order.
    pub(super) fn path_parameters(endpoint: &'static EndpointInfo) -> impl Iterator<Item = &'static str> {
        endpoint.path.split('/').filter_map(|segment| segment.strip_prefix(':'))
    }

    /// Returns the endpoint.
    pub(super) fn endpoint(&self) -> &'static EndpointInfo {
        self.endpoint
    }

    /// Returns the fields without the range, in order.
    pub(super) fn fields(&self) -> &'static [FieldInfo] {
        self.fields.split_last().map_or(&[], |(_, others)| others)
    }

    /// Creates a request with these values of [`RequestShape::fields`].
    pub(super) fn request(&self, values: Vec<Option<String>>, range: Option<ByteRange>) -> DynamicRequest {
        let values = values.into_iter().map(|value| value.map(Value::Text));
        let object = Object::from_values(self.fields, values.chain([range.map(Value::Range)]));
        DynamicRequest::new(self.endpoint, object)
    }
}

/// Returns a query or header parameter. Path parameters and optional body fields are skipped.
fn parameter_info(endpoint: &EndpointInfo, field: &Field) -> Result<Option<FieldInfo>, Stop> {
    let key: &'static str = field.key.clone().leak();
    let info = match field.place {
        Place::Path => return Ok(None),
        Place::Query => FieldInfo::query(key),
        Place::Header => FieldInfo::header(key),
        Place::Body if field.required => {
            return Err(Stop::unable(format!(
                "{} requires `{key}` in the request body, which `download` does not send: use `larkspur call`",
                endpoint.id
            )));
        }
        Place::Body => return Ok(None),
    };
    Ok(Some(if field.required { info.required() } else { info }))
}
