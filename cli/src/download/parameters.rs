//! What an endpoint can be given, as the spec has it.

use larkspur::endpoint::EndpointInfo;
use larkspur::wire::FieldInfo;
use larkspur_codegen::model::{self, Place};

use super::request::Shape;
use crate::known;
use crate::stop::Stop;

/// The shape of requests with all that the spec lets a caller set.
pub(crate) fn shape(endpoint: &'static EndpointInfo) -> Result<Shape, Stop> {
    let api = known::around(endpoint.id)?;
    let described = api.endpoint(endpoint.id);
    let described = described.ok_or_else(|| Stop::unable(format!("the spec does not have {}", endpoint.id)))?;
    let mut fields: Vec<_> = Shape::path_parameters(endpoint).map(FieldInfo::path).collect();
    for field in &described.fields {
        fields.extend(other_than_path(endpoint, field)?);
    }
    Ok(Shape::new(endpoint, fields))
}

fn other_than_path(endpoint: &EndpointInfo, field: &model::Field) -> Result<Option<FieldInfo>, Stop> {
    let key: &'static str = field.key.clone().leak();
    let known = match field.place {
        Place::Path => return Ok(None),
        Place::Query => FieldInfo::query(key),
        Place::Header => FieldInfo::header(key),
        Place::Body if field.required => {
            return Err(Stop::unable(format!(
                "{} wants `{key}` in a body, which this command does not send: use the library",
                endpoint.id
            )));
        }
        Place::Body => return Ok(None),
    };
    Ok(Some(if field.required { known.required() } else { known }))
}
