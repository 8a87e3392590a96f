//! Reads fields of a path, a query, headers, a body or an object: type, bounds and placement.

use super::document::entry_span;
use super::types::{Element, Expression};
use super::value::Entries;
use super::{Reader, Shape};
use crate::characters::{is_deceptive, quote};
use crate::model::{Bounds, Field, FileAttribute, Origin, Place, TimeFormat, Type, TypeId, TypeKind};
use crate::yaml::{Key, Node, Value};
use crate::{finding, format, names, pattern};

/// The context of a field.
pub(super) struct FieldContext<'h> {
    /// Prefix of the type names of inline objects and enums.
    pub type_prefix: &'h str,
    /// Where the field is sent.
    pub place: Place,
    /// Whether the field is a part of a multipart body.
    pub multipart: bool,
}

impl Reader<'_> {
    /// Reads a mapping of fields.
    pub(super) fn read_fields(&mut self, node: &Node, context: &FieldContext<'_>) -> Vec<Field> {
        self.read_fields_if(node, context, |_| true)
    }

    /// Reads those entries of a mapping that are fields.
    pub(super) fn read_fields_if(
        &mut self,
        node: &Node,
        context: &FieldContext<'_>,
        is_field: impl Fn(&Node) -> bool,
    ) -> Vec<Field> {
        let entries = self.expect_mapping(node).unwrap_or_default();
        entries
            .iter()
            .filter(|(_, node)| is_field(node))
            .filter_map(|(key, node)| self.at_key(&key.text, |reader| reader.read_field(key, node, context)))
            .collect()
    }

    /// Reads the fields of an object; the types of inline objects in it begin with `stem`.
    pub(super) fn read_object(&mut self, id: TypeId, doc: Option<String>, stem: &str, fields: &Node) {
        let context = FieldContext {
            type_prefix: stem,
            place: Place::Body,
            multipart: false,
        };
        let fields = self.at_key("fields", |reader| reader.read_fields(fields, &context));
        self.check_distinct_members(&fields);
        self.types.define(id, doc, TypeKind::Object(fields));
    }

    /// Reads one field.
    pub(super) fn read_field(&mut self, key: &Key, node: &Node, context: &FieldContext<'_>) -> Option<Field> {
        self.check_wire_key(key, context.place);
        let entries = self.expect_known_keys(node, format::FIELD.names)?;
        self.read_allowances(&entries, entry_span(key, node));
        let rust = self.read_member_name(key, &entries)?;
        let ty = self.read_field_type(&entries, &rust, context, key.origin)?;
        self.check_placement(&ty, context, entries.origin_of("type"));
        let bounds = self.read_bounds(&entries, &ty);
        let field = Field {
            key: key.text.clone(),
            rust,
            place: context.place,
            required: self.read_required(&entries, context.place),
            secret: self.read_secret(&entries, &ty),
            boxed: false,
            doc: self.read_optional(&entries, "doc", Self::read_line),
            example: self.read_literal_key(&entries, "example", &ty, bounds),
            default: self.read_literal_key(&entries, "default", &ty, bounds),
            bounds,
            pattern: self.read_value_pattern(&entries, &ty),
            time: self.read_time_format(&entries, &ty),
            of_file: self.read_file_attribute(&entries, context),
            scopes: self.read_list(&entries, "scopes", Self::read_scopes),
            deprecated: self.read_optional(&entries, "deprecated", Self::read_line),
            source: self.read_optional(&entries, "source", Self::read_second_source),
            origin: key.origin,
            ty,
        };
        Some(field)
    }

    /// Reads `required:`; a path parameter is always required.
    fn read_required(&mut self, entries: &Entries<'_>, place: Place) -> bool {
        let stated = self.read_optional(entries, "required", Self::read_flag);
        if place == Place::Path && stated == Some(false) {
            let message = "a path parameter is always required";
            self.report(finding::OPTIONAL_PATH_PARAMETER, entries.origin_of("required"), message);
        }
        stated.unwrap_or(place == Place::Path)
    }

    /// Reads `pattern:` and checks that it applies to the type, the example and the default.
    fn read_value_pattern(&mut self, entries: &Entries<'_>, ty: &Type) -> Option<String> {
        let text = self.read_optional(entries, "pattern", Self::read_text)?;
        let origin = entries.origin_of("pattern");
        if *ty != Type::String {
            self.report(
                finding::KEY_NOT_APPLICABLE,
                origin,
                "`pattern` applies only to the type string",
            );
        }
        let compiled = match pattern::compile(&text) {
            Ok(compiled) => compiled,
            Err(error) => {
                let message = format!("invalid pattern {}: {error}", quote(&text));
                let help = "neither lookaround nor backreferences nor nested classes are supported: write `[` in a class as `\\[`";
                self.report_with_help(finding::PATTERN, origin, message, help);
                return None;
            }
        };
        for key in ["example", "default"] {
            let value = entries.get(key).map(|node| &node.value);
            if let Some(Value::Text(value) | Value::Literal(value)) = value
                && !compiled.is_match(value)
            {
                let message = format!("{} does not match the pattern {}", quote(value), quote(&text));
                let help = "correct the value or the pattern; if the page contains both, allow this with a reason";
                self.report_with_help(finding::LITERAL_BOUNDS, entries.origin_of(key), message, help);
            }
        }
        Some(text)
    }

    /// Reads `format:` and checks that it applies to the type.
    fn read_time_format(&mut self, entries: &Entries<'_>, ty: &Type) -> Option<TimeFormat> {
        let words = TimeFormat::ALL.map(|format| (format.as_str(), format));
        let format = self.read_optional(entries, "format", |reader, node| reader.read_word(node, &words))?;
        if !format.fits(ty) {
            let types = match format {
                TimeFormat::Rfc3339 => "the type string",
                TimeFormat::Seconds | TimeFormat::Milliseconds => "the types string and int",
            };
            let message = format!("`format: {}` applies only to {types}", format.as_str());
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("format"), message);
        }
        for key in ["example", "default"] {
            let value = entries.get(key).map(|node| &node.value);
            let (Some(Value::Text(text) | Value::Literal(text)), true) = (value, *ty == Type::String) else {
                continue;
            };
            if !format.accepts(&serde_json::Value::from(text.as_str())) {
                let message = format!("{} is not a timestamp in {}", quote(text), format.describe());
                self.report(finding::LITERAL_TYPE, entries.origin_of(key), message);
            }
        }
        Some(format)
    }

    fn read_secret(&mut self, entries: &Entries<'_>, ty: &Type) -> bool {
        let secret = self.read_optional(entries, "secret", Self::read_flag).unwrap_or(false);
        if secret && *ty != Type::String {
            let message = "only a field of type string can be secret";
            self.report(finding::SECRET_TYPE, entries.origin_of("secret"), message);
        }
        secret
    }

    fn read_member_name(&mut self, key: &Key, entries: &Entries<'_>) -> Option<String> {
        if entries.get("rust").is_some() {
            return self.read_optional(entries, "rust", Self::read_rust_member);
        }
        let name = names::member(&key.text);
        if name.is_none() {
            let message = format!("cannot derive a Rust name from the key {}", quote(&key.text));
            self.report_with_help(finding::NO_RUST_NAME, key.origin, message, "add `rust: some_name`");
        }
        name
    }

    fn read_rust_member(&mut self, node: &Node) -> Option<String> {
        let fits = |name: &str| names::is_snake(name) && names::member(name).as_deref() == Some(name);
        let expected = "an unused Rust field name in snake_case ASCII that is not a keyword or new, send, next, poll, wait, range, unknown or clone";
        self.read_pattern(node, finding::RUST_NAME, expected, fits)
    }

    /// Reads `type:` and the definition of an inline object or enum.
    fn read_field_type(
        &mut self,
        entries: &Entries<'_>,
        rust: &str,
        context: &FieldContext<'_>,
        origin: Origin,
    ) -> Option<Type> {
        let expression = self.read_required_key(entries, "type", Self::read_type_expression)?;
        let element = match (&expression.element, entries.get("fields"), entries.get("enum")) {
            (Element::Object, Some(fields), None) => {
                let name = self.read_inline_name(entries, rust, context.type_prefix);
                let id = self.types.add_inline(self.module, name.clone(), Shape::Object, origin);
                self.read_object(id, None, &name, fields);
                Type::Named(id)
            }
            (Element::Plain(scalar @ (Type::String | Type::Int)), None, Some(values)) => {
                let shape = if *scalar == Type::Int {
                    Shape::IntEnum
                } else {
                    Shape::StringEnum
                };
                let name = self.read_inline_name(entries, rust, context.type_prefix);
                let id = self.types.add_inline(self.module, name, shape, origin);
                let kind = self.read_enum(shape, values);
                self.types.define(id, None, kind);
                Type::Named(id)
            }
            (Element::Plain(Type::Int), None, None) if entries.get("flags").is_some() => {
                let name = self.read_inline_name(entries, rust, context.type_prefix);
                let id = self.types.add_inline(self.module, name, Shape::IntEnum, origin);
                let kind = self.read_optional(entries, "flags", |reader, node| Some(reader.read_flags(node)));
                self.types
                    .define(id, None, kind.unwrap_or(TypeKind::IntEnum(Vec::new())));
                self.types.set_flags(id);
                return Some(expression.wrap(Type::Named(id)));
            }
            (element, fields, values) => {
                self.check_type_keys(entries, element, fields.is_some(), values.is_some());
                self.resolve_element(&expression, entries)?
            }
        };
        if entries.get("flags").is_some() {
            let message = "`flags:` requires the type `int`, without `enum:`";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("flags"), message);
        }
        Some(expression.wrap(element))
    }

    fn resolve_element(&mut self, expression: &Expression, entries: &Entries<'_>) -> Option<Type> {
        match &expression.element {
            Element::Plain(ty) => Some(ty.clone()),
            Element::Object => None,
            Element::Named(name) => {
                let node = entries.get("type")?;
                self.resolve_type(name, node)
            }
        }
    }

    /// Reports keys that do not apply to the type.
    fn check_type_keys(&mut self, entries: &Entries<'_>, element: &Element, fields: bool, values: bool) {
        if matches!(element, Element::Object) && !fields {
            let message = "an `object` requires `fields:`";
            let help = "use `any` or \"{string: any}\" if the page documents no structure";
            self.report_with_help(finding::OBJECT_WITHOUT_FIELDS, entries.origin_of("type"), message, help);
        } else if fields {
            let message = "`fields:` requires the type `object`";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("fields"), message);
        }
        if values {
            let message = "`enum:` requires the type `string` or `int`";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("enum"), message);
        }
        if entries.get("name").is_some() {
            let message = "`name:` requires an inline object or enum";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("name"), message);
        }
    }

    /// Returns the name of an inline type: `name:`, or the name of its parent followed by the field.
    fn read_inline_name(&mut self, entries: &Entries<'_>, rust: &str, stem: &str) -> String {
        let stated = self.read_optional(entries, "name", Self::read_type_name);
        stated.unwrap_or_else(|| format!("{stem}{}", names::camel(rust).unwrap_or_default()))
    }

    /// Reads a type name.
    pub(super) fn read_type_name(&mut self, node: &Node) -> Option<String> {
        let expected = "a type name in CamelCase ASCII letters and digits";
        self.read_pattern(node, finding::TYPE_NAME, expected, names::is_camel)
    }

    /// Reports fields that map to the same Rust field, or to an accessor of a timestamp.
    pub(super) fn check_distinct_members(&mut self, fields: &[Field]) {
        let times = fields.iter().filter(|field| field.time.is_some());
        let accessors: Vec<String> = times.flat_map(|field| names::time_accessors(&field.rust)).collect();
        for field in fields.iter().filter(|field| accessors.contains(&field.rust)) {
            let message = format!("{} maps to an accessor of a timestamp in Rust", quote(&field.key));
            self.report_with_help(finding::SAME_RUST_NAME, field.origin, message, "add `rust: some_name`");
        }
        let mut seen = std::collections::HashMap::new();
        for field in fields {
            let Some(other) = seen.insert(field.rust.as_str(), field) else {
                continue;
            };
            let message = format!(
                "the fields {} (line {}) and {} both map to `{}` in Rust",
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
    /// Reads the bounds of a field and checks that they apply to its type.
    pub(super) fn read_bounds(&mut self, entries: &Entries<'_>, ty: &Type) -> Bounds {
        let bounds = Bounds {
            min: self.read_optional(entries, "min", Self::read_number),
            max: self.read_optional(entries, "max", Self::read_number),
            min_length: self.read_optional(entries, "min_length", Self::read_count),
            max_length: self.read_optional(entries, "max_length", Self::read_count),
            min_items: self.read_optional(entries, "min_items", Self::read_count),
            max_items: self.read_optional(entries, "max_items", Self::read_count),
            min_bytes: self.read_optional(entries, "min_bytes", Self::read_byte_count),
            max_bytes: self.read_optional(entries, "max_bytes", Self::read_byte_count),
        };
        let number = matches!(ty, Type::Int | Type::Float);
        let list = matches!(ty, Type::List(_) | Type::Map(_));
        self.check_applicable(entries, ["min", "max"], number, "the types int and float");
        self.check_applicable(
            entries,
            ["min_length", "max_length"],
            *ty == Type::String,
            "the type string",
        );
        self.check_applicable(entries, ["min_items", "max_items"], list, "lists and maps");
        self.check_applicable(entries, ["min_bytes", "max_bytes"], *ty == Type::File, "the type file");
        self.check_ordered(entries, "max", bounds.min.zip(bounds.max));
        self.check_ordered(entries, "max_length", bounds.min_length.zip(bounds.max_length));
        self.check_ordered(entries, "max_items", bounds.min_items.zip(bounds.max_items));
        self.check_ordered(entries, "max_bytes", bounds.min_bytes.zip(bounds.max_bytes));
        bounds
    }

    fn check_applicable(&mut self, entries: &Entries<'_>, keys: [&str; 2], applies: bool, to: &str) {
        for key in keys {
            if !applies && entries.get(key).is_some() {
                let message = format!("`{key}` applies only to {to}");
                self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of(key), message);
            }
        }
    }

    fn check_ordered<T: PartialOrd + std::fmt::Display>(
        &mut self,
        entries: &Entries<'_>,
        key: &str,
        pair: Option<(T, T)>,
    ) {
        if let Some((min, max)) = pair
            && min > max
        {
            let message = format!("the minimum `{min}` exceeds the maximum `{max}`");
            self.report(finding::BOUNDS_ORDER, entries.origin_of(key), message);
        }
    }

    /// Returns whether a type is a scalar or an enum.
    pub(super) fn is_scalar(&self, ty: &Type) -> bool {
        match ty {
            Type::String | Type::Int | Type::Float | Type::Bool => true,
            Type::Named(id) => self.types.shape(*id) != Shape::Object,
            Type::Any | Type::File | Type::List(_) | Type::Map(_) => false,
        }
    }
}

impl Reader<'_> {
    /// Reads `of_file:`.
    pub(super) fn read_file_attribute(
        &mut self,
        entries: &Entries<'_>,
        context: &FieldContext<'_>,
    ) -> Option<FileAttribute> {
        if entries.get("of_file").is_some() && !context.multipart {
            let message = "`of_file` applies only to a part of a multipart body";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("of_file"), message);
        }
        self.read_optional(entries, "of_file", Self::parse_file_attribute)
    }

    fn parse_file_attribute(&mut self, node: &Node) -> Option<FileAttribute> {
        let attributes = [FileAttribute::Name, FileAttribute::Size, FileAttribute::Adler32];
        self.read_word(node, &attributes.map(|attribute| (attribute.as_str(), attribute)))
    }

    /// Reports file attributes without exactly one file, or of a field whose type cannot hold them.
    pub(super) fn check_file_attributes(&mut self, fields: &[Field]) {
        let files = fields.iter().filter(|field| field.ty == Type::File).count();
        for field in fields {
            let Some(attribute) = field.of_file else { continue };
            let fits = match attribute {
                FileAttribute::Name | FileAttribute::Adler32 => field.ty == Type::String,
                FileAttribute::Size => matches!(field.ty, Type::Int | Type::String),
            };
            let (key, word) = (quote(&field.key), attribute.as_str());
            let message = match (files, fits) {
                (1, true) => continue,
                (1, false) => format!("the type of {key} cannot hold the {word} of a file"),
                (0, _) => format!("{key} holds the {word} of a file, but the request sends no file"),
                (count, _) => format!("{key} holds the {word} of a file, but the request sends {count} files"),
            };
            self.report(finding::FILE_ATTRIBUTE, field.origin, message);
        }
    }
}

/// Headers that the client sets, or that would break the message framing.
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

/// Maximum length of a key.
const MAX_KEY_BYTES: usize = 256;

impl Reader<'_> {
    /// Reports an invalid wire key.
    pub(super) fn check_wire_key(&mut self, key: &Key, place: Place) {
        let text = key.text.as_str();
        if place == Place::Header {
            self.check_header_name(text, key.origin);
        } else if place == Place::Path && !is_path_parameter(text) {
            let message = format!(
                "invalid path parameter name {}: expected ASCII letters, digits and underscores",
                quote(text)
            );
            self.report(finding::PATH_PARAMETER_NAME, key.origin, message);
        } else if text.trim().is_empty() || text.len() > MAX_KEY_BYTES {
            let message = format!("invalid key: expected 1 to {MAX_KEY_BYTES} bytes that are not all spaces");
            self.report(finding::WIRE_KEY, key.origin, message);
        } else if let Some(c) = text.chars().find(|c| c.is_control() && !is_deceptive(*c)) {
            let message = format!("the key {} contains the character U+{:04X}", quote(text), u32::from(c));
            self.report(finding::FORBIDDEN_CHARACTER, key.origin, message);
        }
    }

    /// Reports an invalid header name, or a header that the client sets.
    pub(super) fn check_header_name(&mut self, name: &str, origin: Origin) {
        if !names::is_header_name(name) {
            let message = format!("invalid header name {}", quote(name));
            self.report(finding::HEADER_NAME, origin, message);
        } else if CLIENT_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            let message = format!("the client sets the header {}", quote(name));
            self.report_with_help(finding::CLIENT_HEADER, origin, message, "remove it");
        }
    }

    /// Reports a type that cannot be sent in this place.
    pub(super) fn check_placement(&mut self, ty: &Type, context: &FieldContext<'_>, origin: Origin) {
        let list_of_scalars = matches!(ty, Type::List(item) if self.is_scalar(item));
        let (fits, rule) = match context.place {
            Place::Path => (self.is_scalar(ty), "a path parameter must be a scalar or an enum"),
            Place::Header => (self.is_scalar(ty), "a header must be a scalar or an enum"),
            Place::Query => (
                self.is_scalar(ty) || list_of_scalars,
                "a query parameter must be a scalar, an enum or a list of these",
            ),
            Place::Body if context.multipart => (
                self.is_scalar(ty) || list_of_scalars || *ty == Type::File,
                "a part of a multipart body must be a file, a scalar, an enum or a list of scalars",
            ),
            Place::Body => (!contains_file(ty), "a file requires a multipart body"),
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

fn contains_file(ty: &Type) -> bool {
    match ty {
        Type::File => true,
        Type::List(inner) | Type::Map(inner) => contains_file(inner),
        _ => false,
    }
}
