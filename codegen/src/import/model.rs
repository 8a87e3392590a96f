//! The data that an import passes from page to spec: endpoints with their fields and types, and the notes for a person.

use std::fmt;

use serde_json::Value as Json;

use crate::model::TimeFormat;

/// An endpoint as its page documents it.
pub(super) struct Endpoint {
    /// The name of the page.
    pub page: String,
    /// 1-based line of the URL on the page.
    pub line: u32,
    /// `drive.v1.file.copy`.
    pub id: String,
    pub overview: Overview,
    /// The address of the page.
    pub docs: Option<String>,
    /// The date of the last edit, as `YYYY-MM-DD`.
    pub updated: Option<String>,
    pub deprecated: Option<Deprecation>,
    pub headers: Headers,
    pub path: Vec<Field>,
    pub query: Vec<Field>,
    /// Query parameters of the URL that the page does not list: their values are constant.
    pub fixed_query: Vec<(String, String)>,
    pub body: Vec<Field>,
    pub response: Response,
    /// Set for binary responses only.
    pub download: Option<Download>,
    pub errors: Vec<DocumentedError>,
}

impl Endpoint {
    /// Returns the spec file and the key of the entry in it.
    pub fn file_and_key(&self) -> (String, &str) {
        let (module, name) = self.id.rsplit_once('.').unwrap_or((&self.id, ""));
        let mut parts = module.splitn(3, '.');
        let mut part = || parts.next().unwrap_or_default();
        (format!("spec/{}/{}/{}.yaml", part(), part(), part()), name)
    }

    /// Returns the fields of the request, by their place.
    pub fn request_fields_mut(&mut self) -> [&mut Vec<Field>; 4] {
        [
            &mut self.path,
            &mut self.query,
            &mut self.headers.fields,
            &mut self.body,
        ]
    }

    /// Returns the id, the page and the counts for the report.
    pub fn report(&self) -> ImportedEndpoint {
        let mut counts = Counts {
            limits: self.overview.limits.len(),
            errors: self.errors.len(),
            ..Counts::default()
        };
        let headers = &self.headers.fields;
        for fields in [&self.path, &self.query, headers, &self.body, &self.response.fields] {
            counts.add(fields);
        }
        ImportedEndpoint {
            page: self.page.clone(),
            id: self.id.clone(),
            counts,
        }
    }
}

/// The table at the top of a page: address, method, rate limits, apps and scopes.
#[derive(Default)]
pub(super) struct Overview {
    pub method: String,
    /// `www`; `None` for the default host.
    pub host: Option<&'static str>,
    /// `/open-apis/drive/v1/files`.
    pub path: String,
    /// The query of the URL, decoded.
    pub query: Vec<(String, String)>,
    /// 1-based line of the URL.
    pub line: u32,
    /// `5/second`, `special`.
    pub limits: Vec<String>,
    pub apps: Vec<&'static str>,
    /// `None` where the page does not document scopes; empty where it documents that no scope is required.
    pub scopes: Option<Vec<String>>,
    pub field_scopes: Vec<String>,
}

/// A deprecation warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deprecation {
    /// The id of the endpoint that replaces this one.
    pub successor: Option<String>,
}

/// The headers of a request.
#[derive(Default)]
pub(super) struct Headers {
    /// `None` where the page has no table of headers.
    pub tokens: Option<Vec<&'static str>>,
    pub fixed: Vec<FixedHeader>,
    pub fields: Vec<Field>,
    /// Whether the Content-Type is `multipart/form-data`.
    pub multipart: bool,
}

/// A header with a constant value.
pub(super) struct FixedHeader {
    pub name: String,
    pub value: String,
    pub required: bool,
}

/// The response of an endpoint.
#[derive(Debug, Clone, Default)]
pub(super) struct Response {
    pub form: ResponseForm,
    pub fields: Vec<Field>,
}

/// How a response is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ResponseForm {
    /// `code`, `msg`, and the fields inside `data`.
    #[default]
    Envelope,
    /// The fields are siblings of `code` and `msg`.
    Flat,
    /// The fields are siblings of `error` and `error_description`.
    OAuth,
    /// A file.
    Binary,
}

/// The properties of a binary response.
#[derive(Debug, Default)]
pub(super) struct Download {
    /// Whether the endpoint supports range requests.
    pub ranges: bool,
    /// `100 MB`.
    pub max_bytes: Option<String>,
    /// Names of response headers in lower case.
    pub headers: Vec<String>,
}

/// A documented error response.
#[derive(Debug, Clone)]
pub(super) struct DocumentedError {
    pub http: u16,
    pub code: Option<i64>,
    pub msg: Option<String>,
}

/// A field of a request, a response or an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub key: String,
    pub ty: Type,
    pub required: bool,
    /// The name in Rust, set where the name derived from the key is taken or not possible.
    pub rust: Option<String>,
    pub secret: bool,
    /// Regular expression that a text matches.
    pub pattern: Option<String>,
    /// The format of the timestamp that it holds.
    pub time: Option<TimeFormat>,
    /// The name of the inline type, set where the name derived from parent and key is taken.
    pub type_name: Option<String>,
    pub bounds: Bounds,
    pub values: Vec<EnumValue>,
    /// Whether the values are bits, whose sums are values too.
    pub flags: bool,
    pub default: Option<Json>,
    pub example: Option<Json>,
    pub scopes: Vec<String>,
}

impl Field {
    /// Creates an optional field without constraints.
    pub fn new(key: &str, ty: Type) -> Self {
        Self {
            key: key.to_owned(),
            ty,
            required: false,
            rust: None,
            secret: false,
            pattern: None,
            time: None,
            type_name: None,
            bounds: Bounds::default(),
            values: Vec::new(),
            flags: false,
            default: None,
            example: None,
            scopes: Vec::new(),
        }
    }
}

/// The type of a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Type {
    String,
    Int,
    Float,
    Bool,
    Any,
    File,
    List(Box<Type>),
    Map(Box<Type>),
    Object(Object),
    /// A reference to a named type.
    Named(String),
}

/// An object type.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Object {
    /// The name that the page gives to the type.
    pub name: Option<String>,
    pub fields: Vec<Field>,
}

impl Type {
    /// Returns the type inside all lists and maps.
    pub fn innermost(&self) -> &Self {
        match self {
            Self::List(inner) | Self::Map(inner) => inner.innermost(),
            other => other,
        }
    }

    pub fn innermost_mut(&mut self) -> &mut Self {
        match self {
            Self::List(inner) | Self::Map(inner) => inner.innermost_mut(),
            other => other,
        }
    }

    pub fn is_scalar(&self) -> bool {
        matches!(self, Self::String | Self::Int | Self::Float | Self::Bool)
    }

    /// Returns the type expression of the spec.
    pub fn expression(&self) -> String {
        match self {
            Self::String => "string".to_owned(),
            Self::Int => "int".to_owned(),
            Self::Float => "float".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Any => "any".to_owned(),
            Self::File => "file".to_owned(),
            Self::List(inner) => format!("[{}]", inner.expression()),
            Self::Map(inner) => format!("{{string: {}}}", inner.expression()),
            Self::Object(_) => "object".to_owned(),
            Self::Named(name) => name.clone(),
        }
    }
}

/// Lower and upper bounds of a field's value.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Bounds {
    /// Of a number.
    pub value: (Option<i64>, Option<i64>),
    /// Of a string, in characters.
    pub length: (Option<i64>, Option<i64>),
    /// Of a list or map, in items.
    pub items: (Option<i64>, Option<i64>),
}

impl Bounds {
    /// Returns the number of bounds that are set.
    pub fn count(&self) -> usize {
        let all = [self.value, self.length, self.items];
        all.iter()
            .map(|(low, high)| usize::from(low.is_some()) + usize::from(high.is_some()))
            .sum()
    }

    /// Whether a value is within the bounds.
    pub fn allow(&self, value: &Json) -> bool {
        let within = |(low, high): (Option<i64>, Option<i64>), count: f64| {
            low.is_none_or(|low| count >= low as f64) && high.is_none_or(|high| count <= high as f64)
        };
        match value {
            Json::Number(number) => number.as_f64().is_some_and(|number| within(self.value, number)),
            Json::String(text) => within(self.length, text.chars().count() as f64),
            Json::Array(items) => within(self.items, items.len() as f64),
            _ => true,
        }
    }
}

/// A value of an enum.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EnumValue {
    pub value: String,
    /// The name in Rust, set where none can be derived from the value.
    pub name: Option<String>,
    pub scopes: Vec<String>,
}

/// One endpoint that a page documents.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportedEndpoint {
    /// The name of the page.
    pub page: String,
    /// `drive.v1.file.copy`.
    pub id: String,
    /// What the page documents, in numbers.
    pub counts: Counts,
}

/// The number of documented facts on a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Fields of request and response, including nested fields.
    pub fields: usize,
    /// Fields with listed values.
    pub enums: usize,
    /// Lower and upper bounds.
    pub bounds: usize,
    /// Windows of the rate limit.
    pub limits: usize,
    /// Error codes.
    pub errors: usize,
}

impl Counts {
    fn add(&mut self, fields: &[Field]) {
        for field in fields {
            self.fields += 1;
            self.enums += usize::from(!field.values.is_empty());
            self.bounds += field.bounds.count();
            if let Type::Object(object) = field.ty.innermost() {
                self.add(&object.fields);
            }
        }
    }
}

/// A statement of a page that was not imported, or imported with an assumption, for a person to review.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Note {
    /// The name of the page.
    pub page: String,
    /// 1-based line of the page.
    pub line: u32,
    /// What was found and how it was handled.
    pub message: String,
}

impl Note {
    pub(super) fn new(page: &str, line: u32, message: String) -> Self {
        Self {
            page: page.to_owned(),
            line,
            message,
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.page, self.line, self.message)
    }
}

/// The notes of one page.
pub(super) struct Notes {
    page: String,
    notes: Vec<Note>,
}

impl Notes {
    pub fn new(page: &str) -> Self {
        Self {
            page: page.to_owned(),
            notes: Vec::new(),
        }
    }

    /// Adds a note on a line of the page.
    pub fn add(&mut self, line: u32, message: impl Into<String>) {
        self.notes.push(Note::new(&self.page, line, message.into()));
    }

    /// Returns all notes, sorted by line.
    pub fn finish(mut self) -> Vec<Note> {
        self.notes.sort_by_key(|note| note.line);
        self.notes
    }
}

/// Quotes a text of a page for a message: on one line, at most 40 characters, without invisible characters.
pub(super) fn quoted(text: &str) -> String {
    const MAX_CHARS: usize = 40;
    let clean = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let visible = |c: &char| !crate::characters::is_hidden(*c);
    let mut short: String = clean.chars().filter(visible).take(MAX_CHARS).collect();
    if clean.chars().count() > MAX_CHARS {
        short.push('…');
    }
    format!("`{short}`")
}
