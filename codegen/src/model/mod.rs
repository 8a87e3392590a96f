//! The resolved model of a spec, from which every output of this crate is derived.
//!
//! The loader builds one [`Api`] from the YAML files. Rust names are derived, type names are resolved, and an `Api` exists only
//! if the spec has no errors.
//!
//! It serializes for comparison with an earlier run, without positions; [`crate::export`] is the format for other
//! programs.

mod endpoint;
mod time_format;

use serde::{Deserialize, Serialize, Serializer};

pub use endpoint::*;
pub use time_format::TimeFormat;

/// The content of a spec.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Api {
    /// One module per YAML file, ordered by project, version and resource.
    pub modules: Vec<Module>,
    /// The types of all files; [`TypeId`] is an index into this.
    pub types: Vec<TypeDef>,
}

impl Api {
    /// Returns the type with this id.
    pub fn type_def(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0]
    }

    /// Returns the name of a type that is unique in the spec: `drive.v1.media.TmpDownloadUrl`.
    pub fn type_name(&self, id: TypeId) -> String {
        let def = self.type_def(id);
        format!("{}.{}", self.modules[def.module].id(), def.rust)
    }

    /// Returns the fields of the endpoint's response; none unless it is a JSON object.
    pub fn response_fields(&self, endpoint: &Endpoint) -> &[Field] {
        match endpoint.response {
            Response::Json { ty, .. } => self.type_def(ty).kind.fields(),
            Response::Empty | Response::Binary(_) => &[],
        }
    }

    /// Iterates over every endpoint with its module, in the order of the modules.
    pub fn endpoints(&self) -> impl Iterator<Item = (&Module, &Endpoint)> {
        self.modules
            .iter()
            .flat_map(|module| module.endpoints.iter().map(move |endpoint| (module, endpoint)))
    }

    /// Returns the endpoint with this id, such as `drive.v1.media.download`.
    pub fn endpoint(&self, id: &str) -> Option<&Endpoint> {
        self.endpoints()
            .map(|(_, endpoint)| endpoint)
            .find(|endpoint| endpoint.id == id)
    }
}

/// One YAML file, which becomes one generated Rust module.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Module {
    /// `drive` in `spec/drive/v1/media.yaml`: a Rust module and a cargo feature. Empty for the platform's types.
    pub project: String,
    /// `v1` in `spec/drive/v1/media.yaml`: a Rust module. Empty for the platform's types.
    pub version: String,
    /// The platform's name of the resource, including dots: `app.table.record`. `types` for a file with shared types: those
    /// of a project version, or of the platform (`spec/types.yaml`). `errors` for the file with the error codes of a version.
    pub resource: String,
    /// The Rust module: the resource with underscores for dots.
    pub rust: String,
    /// Path of the YAML file: `spec/drive/v1/media.yaml`.
    pub source: String,
    /// A one-line description of the resource.
    pub doc: Option<String>,
    /// Endpoints in file order.
    pub endpoints: Vec<Endpoint>,
    /// Types defined in this file: named types first, then inline objects and enums in file order.
    pub types: Vec<TypeId>,
    /// Error codes of the project version in file order; only in `errors.yaml`.
    pub errors: Vec<ErrorCode>,
}

impl Module {
    /// Returns `drive.v1.media`, the prefix of the ids of its endpoints; `types` for the platform's types.
    pub fn id(&self) -> String {
        id_of_parts([&self.project, &self.version, &self.resource])
    }

    /// Returns `drive::v1::media`, the path in the crate; `types` for the platform's types.
    pub fn rust_path(&self) -> String {
        self.path().join("::")
    }

    /// Returns the components of the path in the crate.
    pub(crate) fn path(&self) -> Vec<&str> {
        if self.is_platform() {
            return vec![&self.rust];
        }
        vec![&self.project, &self.version, &self.rust]
    }

    /// Returns whether it holds the types of the platform, which belong to no project.
    pub fn is_platform(&self) -> bool {
        self.project.is_empty() && self.version.is_empty() && self.resource == "types"
    }
}

/// Joins project, version and resource; those of the platform's types are empty.
pub(crate) fn id_of_parts(parts: [&str; 3]) -> String {
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(".")
}

/// Index of a [`TypeDef`] in [`Api::types`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct TypeId(pub usize);

/// The type of a field.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub enum Type {
    /// A string.
    String,
    /// An integer of up to 64 bits.
    Int,
    /// A floating-point number.
    Float,
    /// A boolean.
    Bool,
    /// Any JSON value: the page documents no structure, or several.
    Any,
    /// A file, only in a multipart body.
    File,
    /// A list.
    List(Box<Type>),
    /// An object whose keys are data.
    Map(Box<Type>),
    /// An object or an enum.
    Named(TypeId),
}

impl Type {
    /// Returns the named type inside all lists and maps, if there is one.
    pub fn named(&self) -> Option<TypeId> {
        match self {
            Type::Named(id) => Some(*id),
            Type::List(inner) | Type::Map(inner) => inner.named(),
            _ => None,
        }
    }

    /// Returns the type expression of the spec; `name` returns the name of a named type.
    pub fn to_expression(&self, name: impl Fn(TypeId) -> String) -> String {
        let (mut prefix, mut suffix) = (String::new(), String::new());
        let mut ty = self;
        let element = loop {
            ty = match ty {
                Type::List(item) => {
                    prefix.push('[');
                    suffix.insert(0, ']');
                    item
                }
                Type::Map(value) => {
                    prefix.push_str("{string: ");
                    suffix.insert(0, '}');
                    value
                }
                Type::Named(id) => break name(*id),
                Type::String => break "string".to_owned(),
                Type::Int => break "int".to_owned(),
                Type::Float => break "float".to_owned(),
                Type::Bool => break "bool".to_owned(),
                Type::Any => break "any".to_owned(),
                Type::File => break "file".to_owned(),
            };
        };
        prefix + &element + &suffix
    }
}

/// An object or an enum.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TypeDef {
    /// Index in [`Api::modules`] of the module that defines it.
    pub module: usize,
    /// Name in Rust.
    pub rust: String,
    /// A one-line description.
    pub doc: Option<String>,
    /// Object or enum.
    pub kind: TypeKind,
    /// Whether it is defined under `types`, so that its name can be referenced, not at the field that has it.
    pub is_named: bool,
    /// Whether the values of an enum of integers are bits, whose sums are values too.
    pub flags: bool,
    /// Whether a request contains it.
    pub in_request: bool,
    /// Whether a response contains it.
    pub in_response: bool,
    /// The position of its definition.
    #[serde(skip)]
    pub origin: Origin,
}

impl TypeDef {
    /// Returns whether an enum of integers has this value: one of its values, or a sum of its bits.
    pub fn accepts_integer(&self, value: i64) -> bool {
        let TypeKind::IntEnum(variants) = &self.kind else {
            return false;
        };
        if self.flags {
            let mask = variants.iter().fold(0, |mask, variant| mask | variant.value);
            return value & !mask == 0;
        }
        variants.iter().any(|variant| variant.value == value)
    }
}

/// The kind of a [`TypeDef`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum TypeKind {
    /// An object with these fields.
    Object(Vec<Field>),
    /// An enum of strings.
    StringEnum(Vec<Variant<String>>),
    /// An enum of integers.
    IntEnum(Vec<Variant<i64>>),
}

impl TypeKind {
    /// Returns the fields of an object; none for an enum.
    pub fn fields(&self) -> &[Field] {
        match self {
            Self::Object(fields) => fields,
            Self::StringEnum(_) | Self::IntEnum(_) => &[],
        }
    }
}

/// One value of an enum.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Variant<T> {
    /// The wire value.
    pub value: T,
    /// The Rust name.
    pub rust: String,
    /// A one-line description.
    pub doc: Option<String>,
    /// Scopes, any one of which the value requires; empty if it requires no scope of its own.
    pub scopes: Vec<String>,
    /// Its position in the spec.
    #[serde(skip)]
    pub origin: Origin,
}

/// A field of a request, a response or an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// The wire name, with any characters.
    pub key: String,
    /// The Rust field and setter.
    pub rust: String,
    /// Where it is sent.
    pub place: Place,
    /// Its type.
    pub ty: Type,
    /// In a request: the platform rejects the request without it. In a response: the response is unusable without it.
    pub required: bool,
    /// Whether its value must never be printed.
    pub secret: bool,
    /// Whether the type must be boxed because it contains itself.
    pub boxed: bool,
    /// A one-line description.
    pub doc: Option<String>,
    /// The example of the page, as a value of the field's type.
    #[serde(serialize_with = "as_json")]
    pub example: Option<serde_json::Value>,
    /// The value that the platform uses if the field is absent.
    #[serde(serialize_with = "as_json")]
    pub default: Option<serde_json::Value>,
    /// Bounds, checked before sending.
    pub bounds: Bounds,
    /// Regular expression that a text matches, unanchored.
    pub pattern: Option<String>,
    /// The format of the timestamp that it holds, as a string or an integer.
    pub time: Option<TimeFormat>,
    /// The attribute of the uploaded file that it holds; the client sets it unless the caller does.
    pub of_file: Option<FileAttribute>,
    /// Scopes, any one of which the field requires; the platform omits the field without them.
    pub scopes: Vec<String>,
    /// Why the field is deprecated, or its replacement.
    pub deprecated: Option<String>,
    /// Where it is documented, if the page of the endpoint does not have it.
    pub source: Option<SecondSource>,
    /// Its position in the spec.
    #[serde(skip)]
    pub origin: Origin,
}

impl Field {
    /// Returns whether callers must set it: it is required and not derived from the uploaded file.
    pub fn is_argument(&self) -> bool {
        self.required && self.of_file.is_none()
    }
}

/// An attribute of an uploaded file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum FileAttribute {
    /// The file name.
    Name,
    /// The size in bytes.
    Size,
    /// The Adler-32 checksum in decimal digits.
    Adler32,
}

impl FileAttribute {
    /// Returns the word in the spec.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Size => "size",
            Self::Adler32 => "adler32",
        }
    }
}

/// Where a field is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Place {
    /// A path segment.
    Path,
    /// The query; a list repeats the key for each value.
    Query,
    /// A header.
    Header,
    /// The request body, or any object.
    Body,
}

/// Inclusive bounds of a value.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Bounds {
    /// Minimum of a number.
    pub min: Option<f64>,
    /// Maximum of a number.
    pub max: Option<f64>,
    /// Minimum number of characters.
    pub min_length: Option<u64>,
    /// Maximum number of characters.
    pub max_length: Option<u64>,
    /// Minimum number of elements of a list or map.
    pub min_items: Option<u64>,
    /// Maximum number of elements of a list or map.
    pub max_items: Option<u64>,
    /// Minimum size of a file in bytes.
    pub min_bytes: Option<u64>,
    /// Maximum size of a file in bytes.
    pub max_bytes: Option<u64>,
}

/// A position in a spec file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Origin {
    /// Index of the file in its [`crate::Source`].
    pub file: usize,
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in characters.
    pub column: u32,
    /// Byte offset in the file.
    pub offset: usize,
    /// Length in bytes; 0 if only the start is known.
    pub length: usize,
}

/// Serializes values as JSON text: a format that is not self-describing cannot distinguish `true` from 1.
fn as_json<S: Serializer>(values: &impl Serialize, serializer: S) -> Result<S::Ok, S::Error> {
    let text = serde_json::to_string(values).map_err(serde::ser::Error::custom)?;
    serializer.serialize_str(&text)
}
