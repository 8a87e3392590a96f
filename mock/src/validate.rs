//! Request validation against the spec: fixed headers, parameters, JSON bodies and multipart forms.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use hyper::header::CONTENT_TYPE;
use larkspur_codegen::model::{Api, Body, Bounds, Field, FileAttribute, Place, Type, TypeId, TypeKind};
use larkspur_codegen::pattern;
use multer::Multipart;
use serde_json::{Map, Number, Value};

use crate::call::{Call, has_fixed_header, is_lenient_content_type, missing_fixed_field};
use crate::response::{ErrorResponse, Violation};

/// Maximum number of characters of an invalid value in an error response, so that it stays shorter than the request.
const MAX_EXCERPT_CHARS: usize = 64;

/// The body of a valid call.
#[derive(Debug)]
pub(crate) struct Payload {
    /// The fields. That of a file holds its size.
    pub(crate) body: Map<String, Value>,
    pub(crate) files: Vec<UploadedFile>,
}

impl Payload {
    fn without_files(body: Map<String, Value>) -> Self {
        Self {
            body,
            files: Vec::new(),
        }
    }
}

/// A file of a multipart form.
#[derive(Debug, Clone)]
pub(crate) struct UploadedFile {
    /// The field that holds it.
    pub(crate) field: String,
    /// The file name of the form part.
    pub(crate) name: Option<String>,
    pub(crate) bytes: Bytes,
}

/// Validates fixed headers, path, query, headers and body, and returns the body.
pub(crate) async fn validate_call(api: &Api, call: &Call<'_>) -> Result<Payload, ErrorResponse> {
    let mut checker = Checker::new(api);
    check_fixed_headers(call, &mut checker);
    for field in call.endpoint.fields.iter().filter(|field| field.place != Place::Body) {
        let given = parse_texts(api, field, &call.texts(field.place, &field.key));
        checker.check_field(field, given.as_ref(), &field.key);
    }
    let payload = match call.endpoint.body {
        Body::None => Payload::without_files(Map::new()),
        Body::Json => Payload::without_files(read_json(call, &mut checker)),
        Body::Multipart => read_multipart(api, call, &mut checker).await,
    };
    check_files(call, &payload)?;
    if let Some(fixed) = missing_fixed_field(call.endpoint, &call.query, &payload.body) {
        let given = match fixed.place {
            Place::Query => call.texts(Place::Query, &fixed.key).join(", "),
            _ => payload.body.get(&fixed.key).map(Value::to_string).unwrap_or_default(),
        };
        checker.report(&fixed.key, given, format!("must be {}", fixed.value));
    }
    checker.check_fields(
        call.endpoint.fields.iter().filter(|field| field.place == Place::Body),
        &payload.body,
        "",
    );
    if checker.violations.is_empty() {
        return Ok(payload);
    }
    Err(ErrorResponse::invalid_fields(call.endpoint, checker.violations))
}

fn check_fixed_headers(call: &Call<'_>, checker: &mut Checker<'_>) {
    let json = call.endpoint.body == Body::Json;
    for fixed in call.endpoint.fixed_headers.iter().filter(|fixed| fixed.required) {
        // Of the platform's own clients, that for Node.js sends no charset, and that for Python no Content-Type.
        let accepted = json && is_lenient_content_type(call.headers, fixed);
        if !accepted && !has_fixed_header(call.headers, fixed) {
            let given = call.texts(Place::Header, &fixed.name).join(", ");
            checker.report(&fixed.name, given, format!("must be {}", fixed.value));
        }
    }
}

fn read_json(call: &Call<'_>, checker: &mut Checker<'_>) -> Map<String, Value> {
    if call.body.is_empty() {
        return Map::new();
    }
    match serde_json::from_slice(call.body) {
        Ok(Value::Object(fields)) => return fields,
        Ok(_) => checker.report("body", "", "must be a JSON object"),
        Err(error) => checker.report("body", "", format!("invalid JSON: {error}")),
    }
    Map::new()
}

async fn read_multipart(api: &Api, call: &Call<'_>, checker: &mut Checker<'_>) -> Payload {
    let content_type = call.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(boundary) = content_type.and_then(|text| multer::parse_boundary(text).ok()) else {
        checker.report(
            "Content-Type",
            content_type.unwrap_or_default(),
            "must be multipart/form-data with a boundary",
        );
        return Payload::without_files(Map::new());
    };
    let whole = stream::iter([Ok::<_, Infallible>(call.body.clone())]);
    let mut form = Multipart::new(whole, boundary);
    match read_parts(api, call, &mut form).await {
        Ok(payload) => payload,
        Err(error) => {
            checker.report("body", "", format!("invalid form: {error}"));
            Payload::without_files(Map::new())
        }
    }
}

async fn read_parts(api: &Api, call: &Call<'_>, form: &mut Multipart<'_>) -> multer::Result<Payload> {
    let mut payload = Payload::without_files(Map::new());
    while let Some(part) = form.next_field().await? {
        let Some(name) = part.name().map(str::to_owned) else {
            continue;
        };
        let file_name = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await?;
        let mut fields = call.endpoint.fields.iter();
        let Some(field) = fields.find(|field| field.place == Place::Body && field.key == name) else {
            continue;
        };
        let value = match field.ty {
            Type::File => {
                payload.files.push(UploadedFile {
                    field: name.clone(),
                    name: file_name,
                    bytes: bytes.clone(),
                });
                Some(Value::from(bytes.len()))
            }
            _ => parse_texts(api, field, &[&String::from_utf8_lossy(&bytes)]),
        };
        add_value(&mut payload.body, name, value);
    }
    Ok(payload)
}

/// Adds the value of a form part. Parts with the same name are the elements of a list.
fn add_value(fields: &mut Map<String, Value>, name: String, value: Option<Value>) {
    match (fields.get_mut(&name), value) {
        (Some(Value::Array(elements)), Some(Value::Array(more))) => elements.extend(more),
        (_, Some(value)) => {
            fields.insert(name, value);
        }
        (_, None) => {}
    }
}

/// Checks the size of each file, and what other fields claim about it, against errors that the endpoint documents.
fn check_files(call: &Call<'_>, payload: &Payload) -> Result<(), ErrorResponse> {
    for file in &payload.files {
        let field = call.endpoint.fields.iter().find(|field| field.key == file.field);
        if let Some(field) = field {
            check_file_size(call, &field.bounds, file.bytes.len() as u64)?;
        }
    }
    match payload.files.as_slice() {
        [file] => check_file_metadata(call, &payload.body, file),
        _ => Ok(()),
    }
}

/// An undocumented size error is left to the check of the field.
fn check_file_size(call: &Call<'_>, bounds: &Bounds, size: u64) -> Result<(), ErrorResponse> {
    let documented = |words: &[&str]| ErrorResponse::documented(call.endpoint, words).map_or(Ok(()), Err);
    if bounds.min_bytes.is_some_and(|min| size < min) && size == 0 {
        documented(&["size", "0"])?;
    }
    if bounds.max_bytes.is_some_and(|max| size > max) {
        documented(&["size", "exceed"])?;
        documented(&["size", "limit"])?;
    }
    Ok(())
}

fn check_file_metadata(call: &Call<'_>, body: &Map<String, Value>, file: &UploadedFile) -> Result<(), ErrorResponse> {
    for field in call.endpoint.fields.iter().filter(|field| field.place == Place::Body) {
        let (Some(fact), Some(given)) = (field.of_file, body.get(&field.key)) else {
            continue;
        };
        let given = match given {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let (actual, words): (String, &[&str]) = match fact {
            // Callers may choose any name.
            FileAttribute::Name => continue,
            FileAttribute::Size => (file.bytes.len().to_string(), &["actual size"]),
            FileAttribute::Adler32 => (adler2::adler32_slice(&file.bytes).to_string(), &["checksum"]),
        };
        if given != actual {
            let documented = ErrorResponse::documented(call.endpoint, words);
            return Err(documented.unwrap_or_else(|| {
                let description = format!("does not match the {} of the file, {actual}", fact.as_str());
                ErrorResponse::invalid_field(call.endpoint, &field.key, given, description)
            }));
        }
    }
    Ok(())
}

/// Parses the texts of a field in path, query, headers or a form.
///
/// A text that does not parse stays a string, which the type check refuses. A required field with only empty texts
/// counts as absent, and an empty text is never an element of a list.
fn parse_texts(api: &Api, field: &Field, texts: &[&str]) -> Option<Value> {
    if field.required && texts.iter().all(|text| text.is_empty()) {
        return None;
    }
    let text = texts.first()?;
    Some(match &field.ty {
        Type::List(element) => texts.iter().map(|text| parse_element(api, element, text)).collect(),
        ty => parse_scalar(api, ty, text),
    })
}

/// Parses an element of a list. An empty text becomes null, which no type accepts.
fn parse_element(api: &Api, element: &Type, text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    parse_scalar(api, element, text)
}

fn parse_scalar(api: &Api, ty: &Type, text: &str) -> Value {
    let parsed = match ty {
        Type::Int => text.parse().ok().map(|number: i64| Value::from(number)),
        Type::Float => text.parse().ok().and_then(Number::from_f64).map(Value::Number),
        Type::Bool => text.parse().ok().map(Value::Bool),
        Type::Named(id) => match api.type_def(*id).kind {
            TypeKind::StringEnum(_) => None,
            TypeKind::IntEnum(_) => text.parse().ok().map(|number: i64| Value::from(number)),
            TypeKind::Object(_) => serde_json::from_str(text).ok(),
        },
        Type::List(_) | Type::Map(_) | Type::Any => serde_json::from_str(text).ok(),
        Type::String | Type::File => None,
    };
    parsed.unwrap_or_else(|| Value::from(text))
}

/// Collects the violations of a call.
struct Checker<'a> {
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

    /// Checks the fields of the object at `path`.
    fn check_fields<'f>(
        &mut self,
        fields: impl IntoIterator<Item = &'f Field>,
        object: &Map<String, Value>,
        path: &str,
    ) {
        for field in fields {
            let path = join_path(path, &field.key);
            self.check_field(field, object.get(&field.key), &path);
        }
    }

    fn check_field(&mut self, field: &Field, given: Option<&Value>, path: &str) {
        match given.filter(|value| !value.is_null()) {
            Some(value) => self.check_value(field, value, path),
            None if field.required => self.report(path, "", format!("{} is required", field.key)),
            None => {}
        }
    }

    fn check_value(&mut self, field: &Field, value: &Value, path: &str) {
        let before = self.violations.len();
        self.check_type(&field.ty, value, path);
        if self.violations.len() == before {
            for description in broken_bounds(&field.bounds, value) {
                self.report(path, excerpt(value), description);
            }
            if let (Some(pattern), Some(text)) = (&field.pattern, value.as_str())
                && !pattern::matches(pattern, text)
            {
                self.report(path, excerpt(value), format!("must match {pattern}"));
            }
            if let Some(time) = field.time.filter(|time| !time.accepts(value)) {
                self.report(
                    path,
                    excerpt(value),
                    format!("must be a timestamp in {}", time.describe()),
                );
            }
        }
        if field.secret {
            for violation in self.violations.iter_mut().skip(before) {
                violation.value = "***".to_owned();
            }
        }
    }

    fn check_type(&mut self, ty: &Type, value: &Value, path: &str) {
        let expected = match ty {
            Type::Any | Type::File => return,
            Type::String if value.is_string() => return,
            Type::Int if value.is_i64() => return,
            Type::Float if value.is_number() => return,
            Type::Bool if value.is_boolean() => return,
            Type::String => "a string",
            Type::Int => "an integer",
            Type::Float => "a number",
            Type::Bool => "true or false",
            Type::List(element) => return self.check_list(element, value, path),
            Type::Map(element) => return self.check_map(element, value, path),
            Type::Named(id) => return self.check_named(*id, value, path),
        };
        self.report(path, excerpt(value), format!("must be {expected}"));
    }

    fn check_list(&mut self, element: &Type, value: &Value, path: &str) {
        let Some(elements) = value.as_array() else {
            return self.report(path, excerpt(value), "must be a list");
        };
        for (index, value) in elements.iter().enumerate() {
            self.check_type(element, value, &format!("{path}[{index}]"));
        }
    }

    fn check_map(&mut self, element: &Type, value: &Value, path: &str) {
        let Some(entries) = value.as_object() else {
            return self.report(path, excerpt(value), "must be an object");
        };
        for (key, value) in entries {
            self.check_type(element, value, &join_path(path, key));
        }
    }

    fn check_named(&mut self, id: TypeId, value: &Value, path: &str) {
        let api = self.api;
        match &api.type_def(id).kind {
            TypeKind::Object(fields) => match value.as_object() {
                Some(object) => self.check_fields(fields, object, path),
                None => self.report(path, excerpt(value), "must be an object"),
            },
            TypeKind::StringEnum(variants) => {
                let is_variant = variants.iter().any(|variant| value.as_str() == Some(&variant.value));
                let values = variants.iter().map(|variant| variant.value.clone());
                self.check_enum(is_variant, values, value, path);
            }
            TypeKind::IntEnum(variants) => {
                let is_variant = value
                    .as_i64()
                    .is_some_and(|value| api.type_def(id).accepts_integer(value));
                let values = variants.iter().map(|variant| variant.value.to_string());
                self.check_enum(is_variant, values, value, path);
            }
        }
    }

    fn check_enum(&mut self, is_variant: bool, values: impl Iterator<Item = String>, given: &Value, path: &str) {
        if !is_variant {
            let values: Vec<_> = values.collect();
            self.report(path, excerpt(given), format!("must be one of: {}", values.join(", ")));
        }
    }
}

/// Joins `a` and `b` to `a.b`.
fn join_path(path: &str, key: &str) -> String {
    if path.is_empty() {
        return key.to_owned();
    }
    format!("{path}.{key}")
}

/// Returns a description of each bound that a value violates.
fn broken_bounds(bounds: &Bounds, value: &Value) -> Vec<String> {
    let number = value.as_f64();
    let characters = value.as_str().map(|text| text.chars().count() as u64);
    let items = value
        .as_array()
        .map(Vec::len)
        .or_else(|| value.as_object().map(Map::len))
        .map(|items| items as u64);
    // The value of a file is its size, and only files have these bounds.
    let bytes = value.as_u64();
    let checks = [
        below(number, bounds.min, "must be at least", ""),
        above(number, bounds.max, "must be at most", ""),
        below(characters, bounds.min_length, "must have at least", " characters"),
        above(characters, bounds.max_length, "must have at most", " characters"),
        below(items, bounds.min_items, "must have at least", " items"),
        above(items, bounds.max_items, "must have at most", " items"),
        below(bytes, bounds.min_bytes, "must have at least", " bytes"),
        above(bytes, bounds.max_bytes, "must have at most", " bytes"),
    ];
    checks.into_iter().flatten().collect()
}

fn below<T: PartialOrd + ToString>(value: Option<T>, min: Option<T>, rule: &str, unit: &str) -> Option<String> {
    let (value, min) = (value?, min?);
    (value < min).then(|| format!("{rule} {}{unit}", min.to_string()))
}

fn above<T: PartialOrd + ToString>(value: Option<T>, max: Option<T>, rule: &str, unit: &str) -> Option<String> {
    let (value, max) = (value?, max?);
    (value > max).then(|| format!("{rule} {}{unit}", max.to_string()))
}

/// Returns the beginning of a value.
fn excerpt(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.chars().take(MAX_EXCERPT_CHARS).collect()
}
