//! The parts of a form.

use std::convert::Infallible;

use futures_util::stream;
use hyper::header::CONTENT_TYPE;
use larkspur_codegen::model::{Api, Field, Place, Type};
use multer::Multipart;
use serde_json::{Map, Value};

use super::{Checker, Sent, Taken, text};
use crate::call::Call;

/// The fields and the files of the form.
pub(super) async fn fields(api: &Api, call: &Call<'_>, checker: &mut Checker<'_>) -> Taken {
    let content_type = call.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(boundary) = content_type.and_then(|text| multer::parse_boundary(text).ok()) else {
        checker.report(
            "Content-Type",
            content_type.unwrap_or_default(),
            "must be multipart/form-data with a boundary",
        );
        return Taken::fields(Map::new());
    };
    let whole = stream::iter([Ok::<_, Infallible>(call.body.clone())]);
    let mut form = Multipart::new(whole, boundary);
    match read(api, call, &mut form).await {
        Ok(taken) => taken,
        Err(error) => {
            checker.report("body", "", format!("is no form: {error}"));
            Taken::fields(Map::new())
        }
    }
}

async fn read(api: &Api, call: &Call<'_>, form: &mut Multipart<'_>) -> multer::Result<Taken> {
    let mut taken = Taken::fields(Map::new());
    while let Some(part) = form.next_field().await? {
        let Some(name) = part.name().map(str::to_owned) else {
            continue;
        };
        let file_name = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await?;
        if let Some(field) = body_field(call, &name) {
            let value = match field.ty {
                Type::File => {
                    taken.files.push(Sent {
                        field: name.clone(),
                        name: file_name,
                        bytes: bytes.clone(),
                    });
                    Some(Value::from(bytes.len()))
                }
                _ => text::value(api, field, &[&String::from_utf8_lossy(&bytes)]),
            };
            add(&mut taken.body, name, value);
        }
    }
    Ok(taken)
}

/// Adds a value. Parts of one name are the elements of a list.
fn add(fields: &mut Map<String, Value>, name: String, value: Option<Value>) {
    match (fields.get_mut(&name), value) {
        (Some(Value::Array(elements)), Some(Value::Array(more))) => elements.extend(more),
        (_, Some(value)) => {
            fields.insert(name, value);
        }
        (_, None) => {}
    }
}

fn body_field<'a>(call: &Call<'a>, name: &str) -> Option<&'a Field> {
    let mut fields = call.endpoint.fields.iter();
    fields.find(|field| field.place == Place::Body && field.key == name)
}
