//! Types, fields and positions.

use serde::{Deserialize, Serialize, Serializer};

/// Index of a [`TypeDef`] in [`super::Api::types`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct TypeId(pub usize);

/// The type of a field.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub enum Type {
    /// Text.
    String,
    /// A whole number of up to 64 bits.
    Int,
    /// A number with a fraction.
    Float,
    /// True or false.
    Bool,
    /// Any JSON value: the page gives no structure, or several.
    Any,
    /// A file, in a multipart body only.
    File,
    /// A list.
    List(Box<Type>),
    /// An object whose keys are data.
    Map(Box<Type>),
    /// An object or an enum with a name.
    Named(TypeId),
}

impl Type {
    /// The named type at the heart of lists and maps, if there is one.
    pub fn named(&self) -> Option<TypeId> {
        match self {
            Type::Named(id) => Some(*id),
            Type::List(inner) | Type::Map(inner) => inner.named(),
            _ => None,
        }
    }

    /// The expression by which a spec writes it; `name` says how a named type is called.
    pub fn written(&self, name: impl Fn(TypeId) -> String) -> String {
        let (mut before, mut behind) = (String::new(), String::new());
        let mut ty = self;
        let heart = loop {
            ty = match ty {
                Type::List(item) => {
                    before.push('[');
                    behind.insert(0, ']');
                    item
                }
                Type::Map(value) => {
                    before.push_str("{string: ");
                    behind.insert(0, '}');
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
        before + &heart + &behind
    }
}

/// A named type: an object or an enum.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TypeDef {
    /// Index in [`super::Api::modules`] of the module that defines it.
    pub module: usize,
    /// Name in Rust.
    pub rust: String,
    /// One line of our own.
    pub doc: Option<String>,
    /// Object or enum.
    pub kind: TypeKind,
    /// Whether it travels to the platform.
    pub in_request: bool,
    /// Whether it comes back from it.
    pub in_response: bool,
    /// Where it is defined.
    #[serde(skip)]
    pub origin: Origin,
}

/// What a [`TypeDef`] is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum TypeKind {
    /// An object with these fields.
    Object(Vec<Field>),
    /// One of some strings.
    StringEnum(Vec<Variant<String>>),
    /// One of some numbers.
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
    /// On the wire.
    pub value: T,
    /// In Rust.
    pub rust: String,
    /// One line of our own.
    pub doc: Option<String>,
    /// Scopes of which the value needs any one; empty where it needs none of its own.
    pub scopes: Vec<String>,
    /// Where it stands.
    #[serde(skip)]
    pub origin: Origin,
}

/// Something that a caller sets or reads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// On the wire, whatever characters it has.
    pub key: String,
    /// In Rust: a field and its setter.
    pub rust: String,
    /// Where it travels.
    pub place: Place,
    /// Its type.
    pub ty: Type,
    /// In a request: the call is refused without it. In a response: the answer is useless without it.
    pub required: bool,
    /// Whether its value must never be printed.
    pub secret: bool,
    /// Whether the type has to be boxed, because it contains itself.
    pub boxed: bool,
    /// One line of our own.
    pub doc: Option<String>,
    /// An example as the page has it, as a value of the field's type.
    #[serde(serialize_with = "as_json")]
    pub example: Option<serde_json::Value>,
    /// What the platform takes where the field is left out.
    #[serde(serialize_with = "as_json")]
    pub default: Option<serde_json::Value>,
    /// Bounds, checked before sending.
    pub bounds: Bounds,
    /// What it says of the file that is sent with it; the client says that where the caller does not.
    pub of_file: Option<FileFact>,
    /// Scopes without which the platform leaves the field out (any one of them).
    pub scopes: Vec<String>,
    /// Set where the field should no longer be used: why, or what instead.
    pub deprecated: Option<String>,
    /// Where it stands.
    #[serde(skip)]
    pub origin: Origin,
}

impl Field {
    /// Whether a caller has to give it: it is required, and the client cannot tell it of the file.
    pub fn is_argument(&self) -> bool {
        self.required && self.of_file.is_none()
    }
}

/// What a field says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum FileFact {
    /// Its name.
    Name,
    /// How many bytes it has.
    Size,
    /// Its Adler-32 checksum, in decimal digits.
    Adler32,
}

impl FileFact {
    /// As a spec writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Size => "size",
            Self::Adler32 => "adler32",
        }
    }
}

/// Where a field travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Place {
    /// A segment of the path.
    Path,
    /// The query; a list repeats the key for each value.
    Query,
    /// A header.
    Header,
    /// The body of the request, or any object.
    Body,
}

/// Bounds of a value; all are inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Bounds {
    /// Smallest number.
    pub min: Option<f64>,
    /// Largest number.
    pub max: Option<f64>,
    /// Fewest characters.
    pub min_length: Option<u64>,
    /// Most characters.
    pub max_length: Option<u64>,
    /// Fewest elements of a list or map.
    pub min_items: Option<u64>,
    /// Most elements of a list or map.
    pub max_items: Option<u64>,
    /// Fewest bytes of a file.
    pub min_bytes: Option<u64>,
    /// Most bytes of a file.
    pub max_bytes: Option<u64>,
}

/// A place in a spec file, for findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Origin {
    /// Index of the file in the source it was read from.
    pub file: usize,
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in characters.
    pub column: u32,
    /// Byte offset in the file where the thing begins.
    pub offset: usize,
    /// Its length in bytes; 0 where only the beginning is known.
    pub length: usize,
}

/// Values as JSON text: a format that does not describe itself would not tell `true` from 1.
pub(super) fn as_json<S: Serializer>(values: &impl Serialize, serializer: S) -> Result<S::Ok, S::Error> {
    let text = serde_json::to_string(values).map_err(serde::ser::Error::custom)?;
    serializer.serialize_str(&text)
}
