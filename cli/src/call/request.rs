//! Requests from `--param` and `--json`.

use std::path::Path;
use std::str::FromStr;

use larkspur::dynamic::{DynamicRequest, Object, Value};
use larkspur::error::Violation;
use larkspur::wire::{self, FieldInfo};
use larkspur::{ByteRange, Client, UploadSource};
use larkspur_codegen::model::{Api, Body, Endpoint, Field, Place, Response, Type, TypeKind};
use serde_json::{Map, Number, Value as Json};

use super::typed_value::{Converter, INVALID, unknown_field};
use crate::endpoints::{endpoint_info, field_infos};

/// A value of `--param`: `name=text`, `name:=JSON`, or `name=@path` for a file.
#[derive(Clone)]
pub(super) struct Parameter {
    name: String,
    value: ParameterValue,
}

#[derive(Clone)]
enum ParameterValue {
    /// Text to parse by the field's type.
    Text(String),
    /// JSON, parsed only when the field is known: an error message must not show a secret.
    Json(String),
}

impl ParameterValue {
    /// Returns the value for a field whose type is unknown.
    fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => Json::from(text.as_str()),
            Self::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| Json::from(text.as_str())),
        }
    }
}

impl FromStr for Parameter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE or NAME:=JSON")?;
        let (name, value) = match name.strip_suffix(':') {
            Some(name) => (name, ParameterValue::Json(value.to_owned())),
            None => (name, ParameterValue::Text(value.to_owned())),
        };
        if name.is_empty() {
            return Err("missing name before `=`");
        }
        Ok(Self {
            name: name.to_owned(),
            value,
        })
    }
}

/// Parses text as a value of a type. Text that does not parse stays a string, which the type check refuses.
fn parse_text(api: &Api, ty: &Type, text: &str) -> Json {
    let parsed = match ty {
        Type::Int => text.parse().ok().map(|number: i64| Json::from(number)),
        Type::Float => text.parse().ok().and_then(Number::from_f64).map(Json::Number),
        Type::Bool => text.parse().ok().map(Json::Bool),
        Type::Named(id) => match api.type_def(*id).kind {
            TypeKind::StringEnum(_) => None,
            TypeKind::IntEnum(_) => text.parse().ok().map(|number: i64| Json::from(number)),
            TypeKind::Object(_) => serde_json::from_str(text).ok(),
        },
        Type::List(_) | Type::Map(_) => serde_json::from_str(text).ok(),
        Type::String | Type::Any | Type::File => None,
    };
    parsed.unwrap_or_else(|| Json::from(text))
}

/// The inputs of a request.
pub(super) struct Inputs<'i> {
    pub parameters: &'i [Parameter],
    /// Fields of the body.
    pub body: Option<Map<String, Json>>,
    pub range: Option<ByteRange>,
    /// Whether values and names that the spec does not have are sent.
    pub allow_undocumented: bool,
}

/// A request, and what is sent with it.
#[derive(Debug)]
pub(super) struct Built {
    pub request: DynamicRequest,
    /// Names that the spec does not have, with their values.
    extra: Vec<(String, Json)>,
    /// Whether these are fields of a body; otherwise they are parameters of the query.
    in_body: bool,
}

impl Built {
    /// Returns a view of a client that sends the names that the spec does not have.
    pub(super) fn with_extra(&self, client: Client) -> Client {
        self.extra.iter().fold(client, |client, (name, value)| match value {
            value if self.in_body => client.extra_body(name, value.clone()),
            Json::String(text) => client.extra_query(name, text),
            value => client.extra_query(name, value.to_string()),
        })
    }
}

/// Builds a request, or returns all violations: those that the endpoint's request type would not allow, and those that the
/// client finds in any request.
pub(super) fn build_request(api: &Api, endpoint: &Endpoint, inputs: Inputs<'_>) -> Result<Built, Vec<Violation>> {
    let allow_undocumented = inputs.allow_undocumented;
    let mut builder = RequestBuilder {
        api,
        endpoint,
        converter: Converter::new(api, allow_undocumented),
        extra: allow_undocumented.then(Vec::new),
    };
    let object = builder.build_object(inputs);
    let request = DynamicRequest::new(endpoint_info(endpoint), object);
    let mut violations = builder.converter.into_violations();
    if !allow_undocumented {
        violations.extend(wire::validate(&request));
    }
    if violations.is_empty() {
        Ok(Built {
            request,
            extra: builder.extra.unwrap_or_default(),
            in_body: endpoint.body != Body::None,
        })
    } else {
        Err(violations)
    }
}

struct RequestBuilder<'a> {
    api: &'a Api,
    endpoint: &'a Endpoint,
    converter: Converter<'a>,
    /// Names that the spec does not have; `None` if they are refused.
    extra: Option<Vec<(String, Json)>>,
}

impl RequestBuilder<'_> {
    fn build_object(&mut self, inputs: Inputs<'_>) -> Object {
        let endpoint = self.endpoint;
        let mut body = self.check_body(inputs.body);
        let parameters = self.group_by_field(inputs.parameters);
        let mut values: Vec<_> = endpoint
            .fields
            .iter()
            .zip(parameters)
            .map(|(field, parameters)| {
                let from_body = (field.place == Place::Body).then(|| body.remove(&field.key)).flatten();
                match parameters.as_slice() {
                    [] => self.converter.convert_field(field, from_body?, &field.key),
                    parameters => self.convert_parameters(field, parameters),
                }
            })
            .collect();
        for (key, value) in body {
            match &mut self.extra {
                Some(extra) => extra.push((key, value)),
                None => self.report_unknown_body_field(&key),
            }
        }
        let mut fields = field_infos(&endpoint.fields);
        if let Some(range) = inputs.range {
            fields = [fields, &[FieldInfo::header("Range")]].concat().leak();
            values.push(self.check_range(range));
        }
        Object::from_values(fields, values)
    }

    fn check_body(&mut self, body: Option<Map<String, Json>>) -> Map<String, Json> {
        if body.is_some() && self.endpoint.body == Body::None && self.extra.is_none() {
            let problem = "sets a body, but the endpoint takes no body";
            self.report("--json", "body", problem, "use --param");
            return Map::new();
        }
        body.unwrap_or_default()
    }

    fn report_unknown_body_field(&mut self, key: &str) {
        let fields = &self.endpoint.fields;
        if fields.iter().any(|field| field.key == key) {
            return self.report(key, "place", "is in --json but not a body field", "set it with --param");
        }
        let body_fields = fields.iter().filter(|field| field.place == Place::Body);
        self.converter
            .report(unknown_field(key, key, body_fields.map(|field| field.key.as_str())));
    }

    /// Groups parameters by the index of their field.
    fn group_by_field<'p>(&mut self, parameters: &'p [Parameter]) -> Vec<Vec<&'p ParameterValue>> {
        let mut grouped = vec![Vec::new(); self.endpoint.fields.len()];
        for parameter in parameters {
            let is_known = |field: &Field| parameter.name == field.key || parameter.name == field.rust;
            match &mut self.extra {
                Some(extra) if !self.endpoint.fields.iter().any(is_known) => {
                    extra.push((parameter.name.clone(), parameter.value.to_json()));
                }
                _ => {
                    if let Some(index) = self.find_field(&parameter.name) {
                        grouped[index].push(&parameter.value);
                    }
                }
            }
        }
        grouped
    }

    /// Returns the index of the field with this wire name, or with this Rust name if two fields share the wire name.
    fn find_field(&mut self, name: &str) -> Option<usize> {
        let fields = &self.endpoint.fields;
        let all = || fields.iter().enumerate();
        let mut same_key = all().filter(|(_, field)| field.key == name);
        match (same_key.next(), same_key.next()) {
            (Some((index, _)), None) => return Some(index),
            (None, _) => {}
            (Some((_, first)), Some((_, second))) => {
                let problem = format!(
                    "is ambiguous: it names the fields `{}` and `{}`",
                    first.rust, second.rust
                );
                self.report(name, "ambiguous", &problem, "use one of these names");
                return None;
            }
        }
        let found = all().find(|(_, field)| field.rust == name).map(|(index, _)| index);
        if found.is_none() {
            let violation = unknown_field(name, name, fields.iter().map(|field| field.key.as_str()));
            self.converter.report(violation);
        }
        found
    }

    fn convert_parameters(&mut self, field: &Field, values: &[&ParameterValue]) -> Option<Value> {
        let json = match (values, &field.ty) {
            ([ParameterValue::Text(text)], Type::File) => return Some(self.convert_file(field, text)),
            ([ParameterValue::Json(text)], _) => self.parse_json(field, text),
            (_, Type::List(element)) => values
                .iter()
                .map(|value| self.parse_element(field, element, value))
                .collect(),
            ([ParameterValue::Text(text)], ty) => Some(parse_text(self.api, ty, text)),
            _ => {
                let problem = format!("is set {} times, but not a list", values.len());
                self.report(&field.key, "repeated", &problem, "set it once");
                None
            }
        };
        match json {
            Some(json) => self.converter.convert_field(field, json, &field.key),
            None => Some(INVALID),
        }
    }

    fn parse_element(&mut self, field: &Field, element: &Type, value: &ParameterValue) -> Option<Json> {
        match value {
            ParameterValue::Text(text) => Some(parse_text(self.api, element, text)),
            ParameterValue::Json(text) => self.parse_json(field, text),
        }
    }

    fn parse_json(&mut self, field: &Field, text: &str) -> Option<Json> {
        let parsed = serde_json::from_str(text);
        if let Err(error) = &parsed {
            let problem = format!("is set with := but not valid JSON ({error})");
            self.report(
                &field.key,
                "json",
                &problem,
                "set text with `=`, or as a JSON string in quotes",
            );
        }
        parsed.ok()
    }

    fn convert_file(&mut self, field: &Field, text: &str) -> Value {
        let Some(path) = text.strip_prefix('@') else {
            self.report(&field.key, "file", "is a file", "set its path with --param NAME=@PATH");
            return INVALID;
        };
        match open_upload(Path::new(path)) {
            Ok(upload) => Value::File(upload),
            Err(error) => {
                let problem = format!("cannot be read from {path} ({error})");
                self.report(&field.key, "file", &problem, "set the path of a readable file");
                INVALID
            }
        }
    }

    fn check_range(&mut self, range: ByteRange) -> Option<Value> {
        match &self.endpoint.response {
            Response::Binary(binary) if binary.ranges => Some(range.into()),
            _ => {
                let problem = "is not supported by this endpoint";
                self.report("--range", "range", problem, "remove it");
                None
            }
        }
    }

    fn report(&mut self, field: &str, rule: &'static str, problem: &str, fix: &'static str) {
        self.converter.report(Violation::new(field, rule, problem, fix));
    }
}

/// Returns the upload of a file, which is read while it is sent. Opens it first, so that an error is reported with all other
/// violations.
fn open_upload(path: &Path) -> std::io::Result<UploadSource> {
    let file = std::fs::File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    Ok(UploadSource::path(path))
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use larkspur::drive::v1::media::BatchGetTmpDownloadUrl;
    use larkspur::endpoint::Request as _;
    use larkspur::{Client, RetryPolicy, im, wire};
    use larkspur_codegen::model::{Api, Body, Endpoint, Field, Place, Response, Type, TypeKind};
    use larkspur_mock::Mock;
    use serde_json::{Map, Value as Json, json};

    use super::{Inputs, Parameter, build_request};

    type Outcome = Result<(), Box<dyn Error>>;

    fn api() -> Result<Api, Box<dyn Error>> {
        Ok(larkspur_codegen::load(&larkspur_mock::embedded_spec())?)
    }

    fn parameters(texts: &[&str]) -> Result<Vec<Parameter>, Box<dyn Error>> {
        let all: Result<Vec<Parameter>, _> = texts.iter().map(|text| text.parse()).collect();
        Ok(all?)
    }

    fn inputs(parameters: &[Parameter], body: Option<Map<String, Json>>) -> Inputs<'_> {
        Inputs {
            parameters,
            body,
            range: None,
            allow_undocumented: false,
        }
    }

    #[test]
    fn finds_same_violations_as_request_types() -> Outcome {
        let api = api()?;
        let found = |id: &str, texts: &[&str]| -> Result<_, Box<dyn Error>> {
            let endpoint = api.endpoint(id).ok_or("no endpoint")?;
            let parameters = parameters(texts)?;
            Ok(build_request(&api, endpoint, inputs(&parameters, None))
                .err()
                .unwrap_or_default())
        };
        let typed = BatchGetTmpDownloadUrl::new(["1", "", "3", "4", "5", "6\n"]);
        let tokens = "file_tokens:=[\"1\",\"\",\"3\",\"4\",\"5\",\"6\\n\"]";
        let id = "drive.v1.media.batch_get_tmp_download_url";
        assert_eq!(found(id, &[tokens])?, wire::validate(&typed));

        let kind = im::v1::message::ListContainerIdType::Chat;
        let typed = im::v1::message::List::new(kind, "").page_size(0);
        let texts = ["container_id_type=chat", "container_id=", "page_size=0"];
        assert_eq!(found("im.v1.message.list", &texts)?, wire::validate(&typed));
        Ok(())
    }

    /// Calls each endpoint of the spec with all its fields. The mock server, which validates independently, finds no violation.
    #[tokio::test(flavor = "multi_thread")]
    async fn builds_valid_requests_for_all_endpoints() -> Outcome {
        let api = api()?;
        let mock = Mock::builder().rate_limits(false).start().await?;
        let anonymous = Client::builder().base_url(mock.base_url()).retries(RetryPolicy::none());
        let authenticated = anonymous
            .clone()
            .app(mock.app_id(), mock.app_secret())
            .user_token(mock.user_token());
        let (anonymous, authenticated) = (anonymous.build()?, authenticated.build()?);
        let file = tempfile::NamedTempFile::new()?;
        // The largest minimum size of all endpoints.
        std::fs::write(file.path(), [b'x'; 4096])?;
        let upload = format!("@{}", file.path().display());
        let mut invalid = Vec::new();
        for (_, endpoint) in api.endpoints() {
            let (parameters, body) = all_inputs(&api, endpoint, &upload)?;
            let request = build_request(&api, endpoint, inputs(&parameters, body))
                .map_err(|violations| format!("{}: {violations:?}", endpoint.id))?
                .request;
            let client = if request.endpoint().tokens.is_empty() {
                &anonymous
            } else {
                &authenticated
            };
            let result = match endpoint.response {
                Response::Binary(_) => client.fetch(&request).await.map(|_| ()),
                _ => client.call_json(&request).await.map(|_| ()),
            };
            if let Err(error) = result {
                // Some endpoints need values that they have issued, such as an authorization code.
                let fields = error.api_error().map(|answer| &answer.field_violations);
                invalid.extend((!fields.is_some_and(Vec::is_empty)).then(|| error.to_string()));
            }
        }
        assert_eq!(invalid, Vec::<String>::new());
        Ok(())
    }

    /// Parameters and a body.
    type AllInputs = (Vec<Parameter>, Option<Map<String, Json>>);

    /// Returns inputs that set every field.
    fn all_inputs(api: &Api, endpoint: &Endpoint, upload: &str) -> Result<AllInputs, String> {
        let mut body = Map::new();
        let mut parameters = Vec::new();
        let pagination = endpoint.pagination.as_ref();
        // Only the platform issues page tokens.
        let is_token = |field: &&Field| pagination.is_some_and(|pagination| pagination.token == field.key);
        let is_size = |field: &Field| pagination.is_some_and(|pagination| pagination.size.as_ref() == Some(&field.key));
        // The client fills in fields that describe a file.
        let is_set = |field: &&Field| !is_token(field) && field.of_file.is_none();
        for field in endpoint.fields.iter().filter(is_set) {
            let value = if is_size(field) {
                value_of_type(api, &field.ty, field, 0)
            } else {
                example(api, field, 0)
            };
            let text = match (&field.ty, field.place) {
                (Type::File, _) => format!("{}={upload}", field.rust),
                (_, Place::Body) if endpoint.body == Body::Json => {
                    body.insert(field.key.clone(), value);
                    continue;
                }
                _ => format!("{}:={value}", field.rust),
            };
            parameters.push(text.parse()?);
        }
        Ok((parameters, (endpoint.body == Body::Json).then_some(body)))
    }

    /// Returns a value that the spec allows.
    fn example(api: &Api, field: &Field, depth: usize) -> Json {
        match &field.example {
            Some(example) => example.clone(),
            None => value_of_type(api, &field.ty, field, depth),
        }
    }

    fn value_of_type(api: &Api, ty: &Type, field: &Field, depth: usize) -> Json {
        let bounds = &field.bounds;
        match ty {
            Type::String => "x".repeat(bounds.min_length.unwrap_or(1) as usize).into(),
            Type::Int => (bounds.min.unwrap_or(1.0) as i64).into(),
            Type::Float => bounds.min.unwrap_or(1.0).into(),
            Type::Bool => true.into(),
            Type::Any => json!({"any": 1}),
            Type::File => Json::Null,
            Type::List(inner) => {
                let elements = 0..bounds.min_items.unwrap_or(1);
                elements.map(|_| value_of_type(api, inner, field, depth)).collect()
            }
            Type::Map(inner) => json!({"key": value_of_type(api, inner, field, depth)}),
            Type::Named(id) => match &api.type_def(*id).kind {
                TypeKind::StringEnum(variants) => variants[0].value.clone().into(),
                TypeKind::IntEnum(variants) => variants[0].value.into(),
                TypeKind::Object(fields) => {
                    // Optional fields of recursive types end at this depth.
                    let inner = fields.iter().filter(|inner| inner.required || depth < 3);
                    let entries = inner.map(|inner| (inner.key.clone(), example(api, inner, depth + 1)));
                    Json::Object(entries.collect())
                }
            },
        }
    }
}
