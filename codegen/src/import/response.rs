//! What comes back.

use serde_json::Value;

use super::field::{self, Field, Place};
use super::note::{Notes, shown};
use super::page::Document;
use super::rows::Parameter;
use super::titles;
use super::types::{self, Type};

/// The answer of an endpoint.
#[derive(Debug, Clone, Default)]
pub(super) struct Response {
    pub form: Form,
    pub fields: Vec<Field>,
}

impl Response {
    /// What of an example is in the fields.
    pub fn inside(&self, example: &Value) -> Value {
        if self.form == Form::Envelope {
            return example.get("data").cloned().unwrap_or_default();
        }
        let mut flat = example.clone();
        if let Some(object) = flat.as_object_mut() {
            object.retain(|key, _| !matches!(key.as_str(), "code" | "msg" | "error" | "error_description"));
        }
        flat
    }
}

/// How it is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Form {
    /// `code`, `msg`, and the fields in `data`.
    #[default]
    Envelope,
    /// The fields stand beside `code` and `msg`.
    Flat,
    /// The same as OAuth has it.
    OAuth,
    /// A file.
    Binary,
}

/// Reads the table of the answer; the page may show one.
pub(super) fn read(
    parameters: Vec<Parameter<'_>>,
    page: &Document<'_>,
    example: Option<&Value>,
    notes: &mut Notes,
) -> Response {
    if parameters.is_empty() {
        let form = if speaks_of_a_file(page) {
            Form::Binary
        } else {
            Form::Envelope
        };
        return Response {
            form,
            fields: Vec::new(),
        };
    }
    let has = |key: &str| parameters.iter().any(|parameter| parameter.key == key);
    let oauth = has("error") && has("error_description") && !has("msg");
    let (mut inner, mut beside) = (None, Vec::new());
    for parameter in parameters {
        match parameter.key.as_str() {
            "code" | "msg" => {}
            "error" | "error_description" if oauth => {}
            "data" if inner.is_none() => inner = Some(parameter),
            _ => beside.push(parameter),
        }
    }
    let Some(data) = inner else {
        let form = match (oauth, beside.is_empty()) {
            (true, _) => Form::OAuth,
            (false, true) => Form::Envelope,
            (false, false) if in_data(&beside, example) => Form::Envelope,
            (false, false) => Form::Flat,
        };
        let fields = field::read(&beside, Place::Response, notes);
        return Response { form, fields };
    };
    wrapped(data, beside, notes)
}

fn wrapped<'t>(data: Parameter<'t>, mut beside: Vec<Parameter<'t>>, notes: &mut Notes) -> Response {
    let plain = matches!(
        types::read(&data.ty, Vec::new()),
        Ok(Type::List(_) | Type::Map(_)) | Err(Type::List(_))
    );
    if plain || !beside.is_empty() {
        // `data` is a field like the others then: flat fields can be lists.
        for other in &beside {
            notes.add(
                other.line,
                format!(
                    "{} stands beside `data`; the answer was taken as flat",
                    shown(&other.key)
                ),
            );
        }
        beside.insert(0, data);
        return Response {
            form: Form::Flat,
            fields: field::read(&beside, Place::Response, notes),
        };
    }
    Response {
        form: Form::Envelope,
        fields: field::read(&data.inside, Place::Response, notes),
    }
}

/// Whether the example has the parameters in its `data`: some tables leave out what is around them.
fn in_data(parameters: &[Parameter<'_>], example: Option<&Value>) -> bool {
    let Some(example) = example.and_then(Value::as_object) else {
        return false;
    };
    let data = example.get("data").and_then(Value::as_object);
    let inside = |parameter: &Parameter<'_>| data.is_some_and(|data| data.contains_key(&parameter.key));
    let outside = |parameter: &Parameter<'_>| example.contains_key(&parameter.key);
    parameters.iter().any(inside) && !parameters.iter().any(outside)
}

/// Whether the words of the answer's sections name a file.
fn speaks_of_a_file(page: &Document<'_>) -> bool {
    const WORDS: &[&str] = &["二进制", "文件流", "octet-stream", "binary"];
    let known = [titles::RESPONSE, titles::RESPONSE_BODY, titles::RESPONSE_HEADERS];
    let sections = known.iter().filter_map(|titles| page.section(titles));
    let mut lines = sections.flat_map(|section| &section.lines);
    lines.any(|line| WORDS.iter().any(|word| line.text.to_lowercase().contains(word)))
}
