//! The request: what `--param` and `--json` say, as the endpoint's fields.

use std::path::Path;

use larkspur::dynamic::{Object, Request, Value};
use larkspur::error::Violation;
use larkspur::wire::{self, FieldInfo as Facts};
use larkspur::{ByteRange, UploadSource};
use larkspur_codegen::model::{Api, Body, Endpoint, Field, Place, Response, Type};
use serde_json::{Map, Value as Json};

use super::parameter::{Given, Parameter, read};
use super::typed::{Typing, unknown};
use crate::facts;

/// In place of a value that is wrong, so that it is not found missing on top.
pub(super) const WRONG: Value = Value::Any(Json::Null);

/// What the caller gave.
pub(super) struct Wanted<'w> {
    pub parameters: &'w [Parameter],
    /// The fields of the body.
    pub body: Option<Map<String, Json>>,
    pub range: Option<ByteRange>,
    /// Whether enums may have values that the spec does not know.
    pub allow_unknown: bool,
}

/// Puts a request together.
struct Assembly<'a> {
    api: &'a Api,
    endpoint: &'a Endpoint,
    typing: Typing<'a>,
}

/// The request, or all that is wrong with it: what a request type of the SDK would not take, and what the client checks
/// of every request.
pub(super) fn assemble(api: &Api, endpoint: &Endpoint, wanted: Wanted<'_>) -> Result<Request, Vec<Violation>> {
    let mut assembly = Assembly {
        api,
        endpoint,
        typing: Typing::new(api, wanted.allow_unknown),
    };
    let object = assembly.object(wanted);
    let request = Request::new(facts::endpoint(endpoint), object);
    let mut violations = assembly.typing.into_violations();
    violations.extend(wire::check(&request));
    if violations.is_empty() {
        Ok(request)
    } else {
        Err(violations)
    }
}

impl Assembly<'_> {
    fn object(&mut self, wanted: Wanted<'_>) -> Object {
        let endpoint = self.endpoint;
        let mut body = self.body(wanted.body);
        let given = self.by_field(wanted.parameters);
        let mut values: Vec<_> = endpoint
            .fields
            .iter()
            .zip(given)
            .map(|(field, given)| {
                let of_body = (field.place == Place::Body).then(|| body.remove(&field.key)).flatten();
                match given.as_slice() {
                    [] => self.typing.field(field, of_body?, &field.key),
                    given => self.value(field, given),
                }
            })
            .collect();
        body.keys().for_each(|key| self.not_of_the_body(key));
        let mut fields = facts::fields(&endpoint.fields);
        if let Some(range) = wanted.range {
            fields = [fields, &[Facts::header("Range")]].concat().leak();
            values.push(self.range(range));
        }
        Object::from_values(fields, values)
    }

    /// What the body holds, where the endpoint has one.
    fn body(&mut self, body: Option<Map<String, Json>>) -> Map<String, Json> {
        if body.is_some() && self.endpoint.body == Body::None {
            let problem = "gives a body, and this endpoint has none";
            self.report("--json", "body", problem, "use --param");
            return Map::new();
        }
        body.unwrap_or_default()
    }

    fn not_of_the_body(&mut self, key: &str) {
        let fields = &self.endpoint.fields;
        if fields.iter().any(|field| field.key == key) {
            return self.report(
                key,
                "place",
                "stands in --json and is no field of the body",
                "give it with --param",
            );
        }
        let of_body = fields.iter().filter(|field| field.place == Place::Body);
        self.typing
            .report(unknown(key, key, of_body.map(|field| field.key.as_str())));
    }

    /// What was given to each field, by its index.
    fn by_field<'p>(&mut self, parameters: &'p [Parameter]) -> Vec<Vec<&'p Given>> {
        let mut given = vec![Vec::new(); self.endpoint.fields.len()];
        for parameter in parameters {
            if let Some(index) = self.position(&parameter.name) {
                given[index].push(&parameter.given);
            }
        }
        given
    }

    /// The field of this name: as the platform spells it or, where two are spelt alike, as Rust does.
    fn position(&mut self, name: &str) -> Option<usize> {
        let fields = &self.endpoint.fields;
        let all = || fields.iter().enumerate();
        let mut spelt = all().filter(|(_, field)| field.key == name);
        match (spelt.next(), spelt.next()) {
            (Some((index, _)), None) => return Some(index),
            (None, _) => {}
            (Some((_, one)), Some((_, other))) => {
                let problem = format!("is the name of two fields, `{}` and `{}`", one.rust, other.rust);
                self.report(name, "ambiguous", &problem, "give one of these names");
                return None;
            }
        }
        let found = all().find(|(_, field)| field.rust == name).map(|(index, _)| index);
        if found.is_none() {
            let violation = unknown(name, name, fields.iter().map(|field| field.key.as_str()));
            self.typing.report(violation);
        }
        found
    }

    fn value(&mut self, field: &Field, given: &[&Given]) -> Option<Value> {
        let json = match (given, &field.ty) {
            ([Given::Text(text)], Type::File) => return Some(self.file(field, text)),
            ([Given::Json(text)], _) => self.json(field, text),
            (_, Type::List(element)) => given.iter().map(|one| self.element(field, element, one)).collect(),
            ([Given::Text(text)], ty) => Some(read(self.api, ty, text)),
            _ => {
                let problem = format!("is given {} times and is no list", given.len());
                self.report(&field.key, "repeated", &problem, "give it once");
                None
            }
        };
        match json {
            Some(json) => self.typing.field(field, json, &field.key),
            None => Some(WRONG),
        }
    }

    fn element(&mut self, field: &Field, element: &Type, given: &Given) -> Option<Json> {
        match given {
            Given::Text(text) => Some(read(self.api, element, text)),
            Given::Json(text) => self.json(field, text),
        }
    }

    fn json(&mut self, field: &Field, text: &str) -> Option<Json> {
        let parsed = serde_json::from_str(text);
        if let Err(error) = &parsed {
            let problem = format!("is given with := and is no JSON ({error})");
            self.report(
                &field.key,
                "json",
                &problem,
                "write text with = alone, or as JSON in quotes",
            );
        }
        parsed.ok()
    }

    fn file(&mut self, field: &Field, text: &str) -> Value {
        let Some(path) = text.strip_prefix('@') else {
            self.report(
                &field.key,
                "file",
                "is a file",
                "give its path behind an @: --param NAME=@PATH",
            );
            return WRONG;
        };
        match upload(Path::new(path)) {
            Ok(upload) => Value::File(upload),
            Err(error) => {
                let problem = format!("is the file {path}, which cannot be read ({error})");
                self.report(&field.key, "file", &problem, "give the path of a file");
                WRONG
            }
        }
    }

    fn range(&mut self, range: ByteRange) -> Option<Value> {
        match &self.endpoint.response {
            Response::Binary(binary) if binary.ranges => Some(range.into()),
            _ => {
                let problem = "asks for a part, and this endpoint gives none";
                self.report("--range", "range", problem, "leave it out");
                None
            }
        }
    }

    fn report(&mut self, field: &str, rule: &'static str, problem: &str, way_out: &'static str) {
        self.typing.report(Violation::new(field, rule, problem, way_out));
    }
}

/// The file to send, which is read as it goes out. What cannot be opened is told with all else that is wrong, before
/// anything is sent.
fn upload(path: &Path) -> std::io::Result<UploadSource> {
    let file = std::fs::File::open(path)?;
    match file.metadata()?.is_dir() {
        true => Err(std::io::ErrorKind::IsADirectory.into()),
        false => Ok(UploadSource::path(path)),
    }
}
