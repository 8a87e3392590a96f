//! Whether a call carries what the spec asks for.

mod multipart;
mod sent;
mod text;
mod value;

use larkspur_codegen::model::{Api, Body, Field, Place};
use serde_json::{Map, Value};

use crate::call::Call;
use crate::header;
use crate::refusal::{Refusal, Violation};

pub(crate) use sent::Sent;

/// What came in the body of a call that is as it should be.
#[derive(Debug)]
pub(crate) struct Taken {
    /// The fields of the body; of a file its size.
    pub(crate) body: Map<String, Value>,
    pub(crate) files: Vec<Sent>,
}

/// Checks the whole call: fixed headers, path, query, headers, body. Gives what came in the body.
pub(crate) async fn check(api: &Api, call: &Call<'_>) -> Result<Taken, Refusal> {
    let mut checker = Checker::new(api);
    fixed_headers(call, &mut checker);
    for field in call.endpoint.fields.iter().filter(|field| field.place != Place::Body) {
        let given = text::value(api, field, &call.texts(field.place, &field.key));
        checker.field(field, given.as_ref(), &field.key);
    }
    let taken = match call.endpoint.body {
        Body::None => Taken::fields(Map::new()),
        Body::Json => Taken::fields(json(call, &mut checker)),
        Body::Multipart => multipart::fields(api, call, &mut checker).await,
    };
    sent::check(call, &taken.body, &taken.files)?;
    checker.fields(
        call.endpoint.fields.iter().filter(|field| field.place == Place::Body),
        &taken.body,
        "",
    );
    if checker.violations.is_empty() {
        return Ok(taken);
    }
    Err(Refusal::fields(call.endpoint, checker.violations))
}

impl Taken {
    fn fields(body: Map<String, Value>) -> Self {
        Self {
            body,
            files: Vec::new(),
        }
    }
}

/// What was found wrong so far.
pub(crate) struct Checker<'a> {
    api: &'a Api,
    violations: Vec<Violation>,
}

impl<'a> Checker<'a> {
    fn new(api: &'a Api) -> Self {
        Self {
            api,
            violations: Vec::new(),
        }
    }

    fn report(&mut self, field: impl Into<String>, value: impl Into<String>, description: impl Into<String>) {
        self.violations.push(Violation {
            field: field.into(),
            value: value.into(),
            description: description.into(),
        });
    }

    /// Checks the fields of an object that stands at `place`.
    fn fields<'f>(&mut self, fields: impl IntoIterator<Item = &'f Field>, object: &Map<String, Value>, place: &str) {
        for field in fields {
            let place = join(place, &field.key);
            self.field(field, object.get(&field.key), &place);
        }
    }

    fn field(&mut self, field: &Field, given: Option<&Value>, place: &str) {
        match given.filter(|value| !value.is_null()) {
            Some(value) => value::check(self, field, value, place),
            None if field.required => self.report(place, "", format!("{} is required", field.key)),
            None => {}
        }
    }
}

/// `a` and `b` are `a.b`.
fn join(place: &str, key: &str) -> String {
    if place.is_empty() {
        return key.to_owned();
    }
    format!("{place}.{key}")
}

fn fixed_headers(call: &Call<'_>, checker: &mut Checker<'_>) {
    let json = call.endpoint.body == Body::Json;
    for fixed in call.endpoint.fixed_headers.iter().filter(|fixed| fixed.required) {
        // The platform's own clients send no charset beside a body (Node.js), or no Content-Type (Python).
        let suits = json && header::suits_a_body(call.headers, fixed);
        if !suits && !header::carries(call.headers, fixed) {
            let given = call.texts(Place::Header, &fixed.name).join(", ");
            checker.report(&fixed.name, given, format!("must be {}", fixed.value));
        }
    }
}

fn json(call: &Call<'_>, checker: &mut Checker<'_>) -> Map<String, Value> {
    if call.body.is_empty() {
        return Map::new();
    }
    match serde_json::from_slice(call.body) {
        Ok(Value::Object(fields)) => return fields,
        Ok(_) => checker.report("body", "", "must be a JSON object"),
        Err(error) => checker.report("body", "", format!("is no JSON: {error}")),
    }
    Map::new()
}
