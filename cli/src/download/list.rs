//! The list of files to download, one token per line or JSON lines, and the requests for them.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::io::Read as _;
use std::path::Path;

use larkspur::ByteRange;
use larkspur::documents::Media;
use larkspur::download::file_name;
use larkspur::dynamic::{DynamicRequest, Object, Value};
use larkspur::endpoint::EndpointInfo;
use larkspur::wire::{FieldInfo, Location};
use larkspur_codegen::command::output::Stop;
use larkspur_codegen::model::{Field, Place};
use ring::digest::{Context, SHA256};
use serde_json::{Map, Value as Json};

use crate::endpoints::FileEndpoint;

/// Maximum number of invalid lines in an error message.
const MAX_PROBLEMS: usize = 20;

/// Identifies a file across runs: a digest of host, endpoint and parameters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ItemId(String);

impl ItemId {
    /// Length of the truncated digest in bytes, long enough for the files of a directory.
    const BYTES: usize = 16;

    /// Creates the id of a request with these values.
    fn new(base_url: &str, shape: RequestShape, values: &[Option<String>]) -> Self {
        let mut text = format!("{base_url}\n{}\n", shape.endpoint().id);
        for (field, value) in shape.fields().iter().zip(values) {
            if let Some(value) = value {
                // The length prefix makes the encoding unambiguous.
                let _ = writeln!(text, "{}={}:{value}", field.key, value.len());
            }
        }
        let mut context = Context::new(&SHA256);
        context.update(text.as_bytes());
        let digest = context.finish();
        let truncated = digest.as_ref().iter().take(Self::BYTES);
        Self(truncated.map(|byte| format!("{byte:02x}")).collect())
    }

    /// Parses the id of a journal.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_valid = text.len() == 2 * Self::BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_valid.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file to download.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub id: ItemId,
    /// Token of the file, for messages.
    pub token: String,
    /// Values of the fields of the request.
    pub values: Vec<Option<String>>,
    /// The sanitized name from the list.
    pub name: Option<String>,
    /// Line number in the list.
    pub line: usize,
    /// The media of a document, whose request has fallbacks.
    pub media: Option<Media>,
}

/// The content of a line.
#[derive(Default)]
pub(crate) struct Line {
    pub token: Option<String>,
    /// The name to save the file under.
    pub name: Option<String>,
    /// Parameters of the endpoint by name.
    pub parameters: Map<String, Json>,
}

impl Line {
    /// Parses a line that is trimmed and not empty.
    fn parse(line: &str) -> Result<Self, String> {
        if line.starts_with('{') {
            Self::parse_json(line)
        } else {
            Self::parse_token(line)
        }
    }

    fn parse_token(line: &str) -> Result<Self, String> {
        if line.contains(char::is_whitespace) {
            return Err(
                "the token contains white space: use one token per line, or JSON such as {\"token\": \"...\"}"
                    .to_owned(),
            );
        }
        Ok(Self {
            token: Some(line.to_owned()),
            ..Self::default()
        })
    }

    fn parse_json(line: &str) -> Result<Self, String> {
        let mut parameters: Map<String, Json> =
            serde_json::from_str(line).map_err(|error| format!("invalid JSON object: {error}"))?;
        let mut take = |key: &str| match parameters.remove(key) {
            None => Ok(None),
            Some(value) => scalar_text(key, &value),
        };
        let (token, name) = (take("token")?, take("name")?);
        Ok(Self {
            token,
            name,
            parameters,
        })
    }
}

/// Returns the text of a scalar, or `None` for null.
fn scalar_text(key: &str, value: &Json) -> Result<Option<String>, String> {
    match value {
        Json::Null => Ok(None),
        Json::String(text) => Ok(Some(text.clone())),
        Json::Number(number) => Ok(Some(number.to_string())),
        Json::Bool(value) => Ok(Some(value.to_string())),
        Json::Array(_) | Json::Object(_) => Err(format!("`{key}` is a list or an object: use a string")),
    }
}

/// The settings that all lines of a list share.
pub(crate) struct Listing<'a> {
    pub shape: RequestShape,
    pub base_url: &'a str,
    /// Default query parameters of lines that do not set them.
    pub query: &'a [(String, String)],
    /// Parameters that may change between runs and do not identify the file.
    pub volatile: &'a [&'a str],
}

impl Listing<'_> {
    /// Reads a list, or standard input for `-`, without duplicates. Fails if any line is invalid.
    pub(super) fn read(&self, path: &Path) -> Result<Vec<Item>, Stop> {
        let is_stdin = path.as_os_str() == "-";
        let name = if is_stdin {
            "standard input".to_owned()
        } else {
            path.display().to_string()
        };
        let mut bytes = Vec::new();
        let read = if is_stdin {
            std::io::stdin().read_to_end(&mut bytes).map(|_| ())
        } else {
            std::fs::read(path).map(|content| bytes = content)
        };
        read.map_err(|error| Stop::unable(format!("cannot read {name}: {error}")))?;
        self.check_query()?;
        self.parse_items(&bytes, &name)
    }

    fn check_query(&self) -> Result<(), Stop> {
        for (key, _) in self.query {
            if self.position(key).is_none() {
                return Err(Stop::unable(format!("--query: {}", self.unknown_parameter(key))));
            }
        }
        Ok(())
    }

    fn parse_items(&self, bytes: &[u8], name: &str) -> Result<Vec<Item>, Stop> {
        let mut items: Vec<Item> = Vec::new();
        let mut positions: HashMap<ItemId, usize> = HashMap::new();
        let mut problems = Vec::new();
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let number = index + 1;
            let item = match self.parse_item(line, number) {
                Ok(None) => continue,
                Ok(Some(item)) => item,
                Err(problem) => {
                    problems.push(format!("{name}:{number}: {problem}"));
                    continue;
                }
            };
            match positions.get(&item.id).and_then(|first| items.get(*first)) {
                None => {
                    positions.insert(item.id.clone(), items.len());
                    items.push(item);
                }
                Some(first) if first.name == item.name => {}
                Some(first) => problems.push(format!(
                    "{name}:{number}: the file of line {} is repeated with another name: remove one of the lines",
                    first.line
                )),
            }
        }
        if problems.is_empty() {
            Ok(items)
        } else {
            Err(invalid_lines(problems))
        }
    }

    /// Returns the item of a line, or `None` for empty lines and comments.
    fn parse_item(&self, line: &[u8], number: usize) -> Result<Option<Item>, String> {
        let line = str::from_utf8(line).map_err(|_| "invalid UTF-8".to_owned())?;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        let line = Line::parse(line)?;
        let name = line.name.as_deref().map(sanitize_name).transpose()?;
        self.create_item(&line, name, number).map(Some)
    }

    /// Creates an item. Without a name, which must be sanitized, the platform names the file.
    pub(crate) fn create_item(&self, line: &Line, name: Option<String>, number: usize) -> Result<Item, String> {
        let values = self.field_values(line)?;
        let token = self.display_token(&values, number);
        let mut identity = values.clone();
        for position in self.volatile.iter().filter_map(|key| self.position(key)) {
            if let Some(value) = identity.get_mut(position) {
                *value = None;
            }
        }
        Ok(Item {
            id: ItemId::new(self.base_url, self.shape, &identity),
            token,
            values,
            name,
            line: number,
            media: None,
        })
    }

    fn field_values(&self, line: &Line) -> Result<Vec<Option<String>>, String> {
        let mut values = vec![None; self.shape.fields().len()];
        for (key, value) in self.query {
            self.set_value(&mut values, key, value.clone())?;
        }
        for (key, value) in &line.parameters {
            if let Some(text) = scalar_text(key, value)? {
                self.set_value(&mut values, key, text)?;
            }
        }
        let token_key = self.token_key();
        if let Some(token) = &line.token {
            let Some(key) = token_key else {
                return Err(format!(
                    "{} has no parameter `token`: use the names of its parameters",
                    self.shape.endpoint().id
                ));
            };
            if line.parameters.contains_key(key) {
                return Err(format!("both `token` and `{key}` are set: remove one of them"));
            }
            self.set_value(&mut values, key, token.clone())?;
        }
        let missing = |(field, value): (&FieldInfo, &Option<String>)| {
            let is_set = value.as_ref().is_some_and(|value| !value.is_empty());
            (field.required && !is_set).then_some(field.key)
        };
        match self.shape.fields().iter().zip(&values).find_map(missing) {
            None => Ok(values),
            Some(key) if token_key == Some(key) => Err(format!("missing `{key}`: set it as `token`")),
            Some(key) => Err(format!(
                "missing `{key}`: set it in a JSON line, such as {{\"token\": \"...\", \"{key}\": \"...\"}}"
            )),
        }
    }

    fn set_value(&self, values: &mut [Option<String>], key: &str, value: String) -> Result<(), String> {
        if value.chars().any(char::is_control) {
            return Err(format!("`{key}` contains a control character"));
        }
        let position = self.position(key).ok_or_else(|| self.unknown_parameter(key))?;
        if let Some(place) = values.get_mut(position) {
            *place = Some(value);
        }
        Ok(())
    }

    fn position(&self, key: &str) -> Option<usize> {
        self.shape.fields().iter().position(|field| field.key == key)
    }

    fn unknown_parameter(&self, key: &str) -> String {
        let keys: Vec<_> = self.shape.fields().iter().map(|field| field.key).collect();
        let keys = keys.join(", ");
        let id = self.shape.endpoint().id;
        format!("{id} has no parameter {key:?}: use token, name, {keys}")
    }

    /// Returns the field that `token` sets: the last path parameter, as in all endpoints of the platform.
    fn token_key(&self) -> Option<&'static str> {
        let mut fields = self.shape.fields().iter().rev();
        let field = fields.find(|field| field.location == Location::Path)?;
        Some(field.key)
    }

    fn display_token(&self, values: &[Option<String>], number: usize) -> String {
        let position = self.token_key().and_then(|key| self.position(key));
        let value = position.and_then(|position| values.get(position)?.clone());
        value.unwrap_or_else(|| format!("line {number}"))
    }
}

fn sanitize_name(name: &str) -> Result<String, String> {
    file_name::sanitize(name).ok_or_else(|| "`name` is not a valid file name: remove or change it".to_owned())
}

fn invalid_lines(mut problems: Vec<String>) -> Stop {
    let hidden = problems.len().saturating_sub(MAX_PROBLEMS);
    problems.truncate(MAX_PROBLEMS);
    if hidden > 0 {
        problems.push(format!("and {hidden} more lines"));
    }
    Stop::unable(problems.join("\n"))
}

/// The fields of the requests for an endpoint.
#[derive(Clone, Copy)]
pub(crate) struct RequestShape {
    endpoint: &'static EndpointInfo,
    /// The range is the last one.
    fields: &'static [FieldInfo],
}

impl RequestShape {
    /// Creates the shape of requests with path parameters, these query parameters and a range.
    pub(crate) fn with_query<'k>(endpoint: &'static EndpointInfo, query: impl Iterator<Item = &'k str>) -> Self {
        let path = Self::path_parameters(endpoint).map(FieldInfo::path);
        let query = query.map(|key| FieldInfo::query(key.to_owned().leak()));
        Self::new(endpoint, path.chain(query).collect())
    }

    /// Creates the shape of requests with all parameters of the spec and a range.
    pub(super) fn with_all_parameters(endpoint: &FileEndpoint) -> Result<Self, Stop> {
        let mut fields: Vec<_> = Self::path_parameters(endpoint.info).map(FieldInfo::path).collect();
        for field in &endpoint.fields {
            fields.extend(parameter_info(endpoint.info, field)?);
        }
        Ok(Self::new(endpoint.info, fields))
    }

    /// The fields are leaked, as they must outlive all requests. A run of the program creates few shapes.
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
