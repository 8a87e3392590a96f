//! Fields of a path, a query, headers, a body or an object: type, bounds and placement.

use super::document::entry_span;
use super::reader::Reader;
use super::type_table::Shape;
use super::types::{Expression, Heart};
use super::value::Entries;
use crate::characters::{is_deceptive, quote};
use crate::model::{Bounds, Field, FileFact, Origin, Place, Type, TypeId, TypeKind};
use crate::yaml::{Key, Node};
use crate::{finding, format, names};

/// Where fields stand.
pub(super) struct Home<'h> {
    /// The names of types of inline objects and enums begin with this.
    pub stem: &'h str,
    /// Where the fields travel.
    pub place: Place,
    /// Whether they are parts of a multipart body.
    pub multipart: bool,
}

impl Reader<'_> {
    /// Reads a mapping of fields.
    pub(super) fn fields(&mut self, node: &Node, home: &Home<'_>) -> Vec<Field> {
        let entries = self.mapping(node).unwrap_or_default();
        entries
            .iter()
            .filter_map(|(key, node)| self.inside(&key.text, |reader| reader.field(key, node, home)))
            .collect()
    }

    /// Reads the fields of an object; the types of inline objects in it begin with `stem`.
    pub(super) fn object(&mut self, id: TypeId, doc: Option<String>, stem: &str, fields: &Node) {
        let home = Home {
            stem,
            place: Place::Body,
            multipart: false,
        };
        let fields = self.inside("fields", |reader| reader.fields(fields, &home));
        self.distinct_members(&fields);
        self.types.define(id, doc, TypeKind::Object(fields));
    }

    /// Reads one field.
    pub(super) fn field(&mut self, key: &Key, node: &Node, home: &Home<'_>) -> Option<Field> {
        self.wire_key(key, home.place);
        let entries = self.entries(node, format::FIELD.names)?;
        self.allow(&entries, entry_span(key, node));
        let rust = self.member_name(key, &entries)?;
        let ty = self.field_type(&entries, &rust, home, key.origin)?;
        self.check_placement(&ty, home, entries.origin_of("type"));
        let bounds = self.bounds(&entries, &ty);
        let field = Field {
            key: key.text.clone(),
            rust,
            place: home.place,
            required: self.required(&entries, home.place),
            secret: self.secret(&entries, &ty),
            boxed: false,
            doc: self.optional(&entries, "doc", Self::line),
            example: self.literal_of(&entries, "example", &ty, bounds),
            default: self.literal_of(&entries, "default", &ty, bounds),
            bounds,
            of_file: self.of_file(&entries, home),
            scopes: self.list(&entries, "scopes", Self::scopes),
            deprecated: self.optional(&entries, "deprecated", Self::line),
            origin: key.origin,
            ty,
        };
        Some(field)
    }

    /// A segment of the path cannot be left out.
    fn required(&mut self, entries: &Entries<'_>, place: Place) -> bool {
        let stated = self.optional(entries, "required", Self::flag);
        if place == Place::Path && stated == Some(false) {
            let message = "a path parameter is always required";
            self.report(finding::OPTIONAL_PATH_PARAMETER, entries.origin_of("required"), message);
        }
        stated.unwrap_or(place == Place::Path)
    }

    fn secret(&mut self, entries: &Entries<'_>, ty: &Type) -> bool {
        let secret = self.optional(entries, "secret", Self::flag).unwrap_or(false);
        if secret && *ty != Type::String {
            let message = "only a field of type string can be secret";
            self.report(finding::SECRET_TYPE, entries.origin_of("secret"), message);
        }
        secret
    }

    fn member_name(&mut self, key: &Key, entries: &Entries<'_>) -> Option<String> {
        if entries.get("rust").is_some() {
            return self.optional(entries, "rust", Self::rust_member);
        }
        let name = names::member(&key.text);
        if name.is_none() {
            let message = format!("no Rust name can be made of the key {}", quote(&key.text));
            self.report_with_help(finding::NO_RUST_NAME, key.origin, message, "add `rust: some_name`");
        }
        name
    }

    fn rust_member(&mut self, node: &Node) -> Option<String> {
        let fits = |name: &str| names::is_snake(name) && names::member(name).as_deref() == Some(name);
        let expected = "a free Rust field name: snake_case ASCII, no keyword, none of new, send, next, poll, wait, range, unknown, clone";
        self.pattern(node, finding::RUST_NAME, expected, fits)
    }

    /// Reads `type:` and, for an inline object or enum, what belongs to it.
    fn field_type(&mut self, entries: &Entries<'_>, rust: &str, home: &Home<'_>, origin: Origin) -> Option<Type> {
        let expression = self.needed(entries, "type", Self::expression)?;
        let heart = match (&expression.heart, entries.get("fields"), entries.get("enum")) {
            (Heart::Object, Some(fields), None) => {
                let name = self.inline_name(entries, rust, home.stem);
                let id = self.types.inline(self.module, name.clone(), Shape::Object, origin);
                self.object(id, None, &name, fields);
                Type::Named(id)
            }
            (Heart::Plain(scalar @ (Type::String | Type::Int)), None, Some(values)) => {
                let shape = if *scalar == Type::Int {
                    Shape::IntEnum
                } else {
                    Shape::StringEnum
                };
                let name = self.inline_name(entries, rust, home.stem);
                let id = self.types.inline(self.module, name, shape, origin);
                let kind = self.enumeration(shape, values);
                self.types.define(id, None, kind);
                Type::Named(id)
            }
            (heart, fields, values) => {
                self.check_type_keys(entries, heart, fields.is_some(), values.is_some());
                self.plain_heart(&expression, entries)?
            }
        };
        Some(expression.wrap(heart))
    }

    fn plain_heart(&mut self, expression: &Expression, entries: &Entries<'_>) -> Option<Type> {
        match &expression.heart {
            Heart::Plain(ty) => Some(ty.clone()),
            Heart::Object => None,
            Heart::Named(name) => {
                let node = entries.get("type")?;
                self.resolve(name, node)
            }
        }
    }

    /// Reports keys that do not go with the type.
    fn check_type_keys(&mut self, entries: &Entries<'_>, heart: &Heart, fields: bool, values: bool) {
        if matches!(heart, Heart::Object) && !fields {
            let message = "an `object` has `fields:`";
            let help = "where the page gives no structure, the type is `any` or \"{string: any}\"";
            self.report_with_help(finding::OBJECT_WITHOUT_FIELDS, entries.origin_of("type"), message, help);
        } else if fields {
            let message = "`fields:` goes with the type `object` only";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("fields"), message);
        }
        if values {
            let message = "`enum:` goes with the types `string` and `int` only";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("enum"), message);
        }
        if entries.get("name").is_some() {
            let message = "`name:` names the type of an inline object or enum, and this is neither";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("name"), message);
        }
    }

    /// The name of an inline type: that of its parent and of the field, unless the spec gives one.
    fn inline_name(&mut self, entries: &Entries<'_>, rust: &str, stem: &str) -> String {
        let stated = self.optional(entries, "name", Self::type_name);
        stated.unwrap_or_else(|| format!("{stem}{}", names::camel(rust).unwrap_or_default()))
    }

    /// A name for a type.
    pub(super) fn type_name(&mut self, node: &Node) -> Option<String> {
        let expected = "a type name: CamelCase in ASCII letters and digits";
        self.pattern(node, finding::TYPE_NAME, expected, names::is_camel)
    }

    /// Reports fields that would have the same name in one Rust struct.
    pub(super) fn distinct_members(&mut self, fields: &[Field]) {
        let mut seen = std::collections::HashMap::new();
        for field in fields {
            let Some(other) = seen.insert(field.rust.as_str(), field) else {
                continue;
            };
            let message = format!(
                "the fields {} (line {}) and {} both become `{}` in Rust",
                quote(&other.key),
                other.origin.line,
                quote(&field.key),
                field.rust
            );
            let help = "add `rust: some_name` to one of them";
            self.report_with_help(finding::SAME_RUST_NAME, field.origin, message, help);
        }
    }
}

impl Reader<'_> {
    /// Reads the bounds of a field, which have to go with its type.
    pub(super) fn bounds(&mut self, entries: &Entries<'_>, ty: &Type) -> Bounds {
        let bounds = Bounds {
            min: self.optional(entries, "min", Self::number),
            max: self.optional(entries, "max", Self::number),
            min_length: self.optional(entries, "min_length", Self::count),
            max_length: self.optional(entries, "max_length", Self::count),
            min_items: self.optional(entries, "min_items", Self::count),
            max_items: self.optional(entries, "max_items", Self::count),
            min_bytes: self.optional(entries, "min_bytes", Self::byte_count),
            max_bytes: self.optional(entries, "max_bytes", Self::byte_count),
        };
        let number = matches!(ty, Type::Int | Type::Float);
        let list = matches!(ty, Type::List(_) | Type::Map(_));
        self.applicable(entries, ["min", "max"], number, "int and float");
        self.applicable(entries, ["min_length", "max_length"], *ty == Type::String, "string");
        self.applicable(entries, ["min_items", "max_items"], list, "lists and maps");
        self.applicable(entries, ["min_bytes", "max_bytes"], *ty == Type::File, "file");
        self.ordered(entries, "max", bounds.min.zip(bounds.max));
        self.ordered(entries, "max_length", bounds.min_length.zip(bounds.max_length));
        self.ordered(entries, "max_items", bounds.min_items.zip(bounds.max_items));
        self.ordered(entries, "max_bytes", bounds.min_bytes.zip(bounds.max_bytes));
        bounds
    }

    fn applicable(&mut self, entries: &Entries<'_>, keys: [&str; 2], applies: bool, to: &str) {
        for key in keys {
            if !applies && entries.get(key).is_some() {
                let message = format!("`{key}` goes with {to} only");
                self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of(key), message);
            }
        }
    }

    fn ordered<T: PartialOrd + std::fmt::Display>(&mut self, entries: &Entries<'_>, key: &str, pair: Option<(T, T)>) {
        if let Some((min, max)) = pair
            && min > max
        {
            let message = format!("the smallest value `{min}` is larger than the largest, `{max}`");
            self.report(finding::BOUNDS_ORDER, entries.origin_of(key), message);
        }
    }

    /// Whether a value is one word on the wire: a scalar or an enum.
    pub(super) fn is_scalar(&self, ty: &Type) -> bool {
        match ty {
            Type::String | Type::Int | Type::Float | Type::Bool => true,
            Type::Named(id) => self.types.shape(*id) != Shape::Object,
            Type::Any | Type::File | Type::List(_) | Type::Map(_) => false,
        }
    }
}

impl Reader<'_> {
    /// Reads `of_file:`, which has no effect where no file goes.
    pub(super) fn of_file(&mut self, entries: &Entries<'_>, home: &Home<'_>) -> Option<FileFact> {
        if entries.get("of_file").is_some() && !home.multipart {
            let message = "`of_file` goes with a part of a multipart body only";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("of_file"), message);
        }
        self.optional(entries, "of_file", Self::file_fact)
    }

    fn file_fact(&mut self, node: &Node) -> Option<FileFact> {
        let facts = [FileFact::Name, FileFact::Size, FileFact::Adler32];
        self.word(node, &facts.map(|fact| (fact.as_str(), fact)))
    }

    /// Reports facts of files where there is no file, or more than one, or whose field cannot hold them.
    pub(super) fn file_facts(&mut self, fields: &[Field]) {
        let files = fields.iter().filter(|field| field.ty == Type::File).count();
        for field in fields {
            let Some(fact) = field.of_file else { continue };
            let fits = match fact {
                FileFact::Name | FileFact::Adler32 => field.ty == Type::String,
                FileFact::Size => matches!(field.ty, Type::Int | Type::String),
            };
            let (key, word) = (quote(&field.key), fact.as_str());
            let message = match (files, fits) {
                (1, true) => continue,
                (1, false) => format!("{key} has a type that cannot hold the {word} of a file"),
                (0, _) => format!("{key} tells the {word} of a file, and none is sent with it"),
                (count, _) => format!("{key} tells the {word} of a file, and there are {count}"),
            };
            self.report(finding::FILE_FACT, field.origin, message);
        }
    }
}

/// Headers that the client sets itself, or that would break the message.
pub(crate) const CLIENT_HEADERS: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A longer key is refused.
const MAX_KEY_BYTES: usize = 256;

impl Reader<'_> {
    /// Reports a key that cannot be sent.
    pub(super) fn wire_key(&mut self, key: &Key, place: Place) {
        let text = key.text.as_str();
        if place == Place::Header {
            self.header_name(text, key.origin);
        } else if place == Place::Path && !is_path_parameter(text) {
            let message = format!("{} is no name of a path parameter", quote(text));
            self.report(finding::PATH_PARAMETER_NAME, key.origin, message);
        } else if text.trim().is_empty() || text.len() > MAX_KEY_BYTES {
            let message = format!("a key has 1 to {MAX_KEY_BYTES} bytes, and not only spaces");
            self.report(finding::WIRE_KEY, key.origin, message);
        } else if let Some(c) = text.chars().find(|c| c.is_control() && !is_deceptive(*c)) {
            let message = format!("the key {} holds the character U+{:04X}", quote(text), u32::from(c));
            self.report(finding::FORBIDDEN_CHARACTER, key.origin, message);
        }
    }

    /// Reports a header that HTTP, or the client, does not allow.
    pub(super) fn header_name(&mut self, name: &str, origin: Origin) {
        if !names::is_header_name(name) {
            let message = format!("{} is no name of a header", quote(name));
            self.report(finding::HEADER_NAME, origin, message);
        } else if CLIENT_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            let message = format!("the client sets the header {} itself", quote(name));
            self.report_with_help(finding::CLIENT_HEADER, origin, message, "remove it");
        }
    }

    /// Reports a type that cannot travel where the field does.
    pub(super) fn check_placement(&mut self, ty: &Type, home: &Home<'_>, origin: Origin) {
        let list_of_scalars = matches!(ty, Type::List(item) if self.is_scalar(item));
        let (fits, rule) = match home.place {
            Place::Path => (self.is_scalar(ty), "a path parameter is a scalar or an enum"),
            Place::Header => (self.is_scalar(ty), "a header is a scalar or an enum"),
            Place::Query => (
                self.is_scalar(ty) || list_of_scalars,
                "a query parameter is a scalar, an enum, or a list of them",
            ),
            Place::Body if home.multipart => (
                self.is_scalar(ty) || list_of_scalars || *ty == Type::File,
                "a part of a multipart body is a file, a scalar, an enum, or a list of scalars",
            ),
            Place::Body => (!holds_file(ty), "a file travels in a multipart body only"),
        };
        if !fits {
            self.report(finding::TYPE_PLACEMENT, origin, rule);
        }
    }
}

/// `[A-Za-z_][A-Za-z0-9_]*`.
pub(super) fn is_path_parameter(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn holds_file(ty: &Type) -> bool {
    match ty {
        Type::File => true,
        Type::List(inner) | Type::Map(inner) => holds_file(inner),
        _ => false,
    }
}
