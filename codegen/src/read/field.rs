//! Fields: of a path, a query, headers, a body, or an object.

use super::allow::Span;
use super::expression::{Expression, Heart};
use super::type_table::Shape;
use super::value::Entries;
use super::{Reader, shown};
use crate::model::{Field, Origin, Place, Type};
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

    /// Reads one field.
    pub(super) fn field(&mut self, key: &Key, node: &Node, home: &Home<'_>) -> Option<Field> {
        self.wire_key(key, home.place);
        let entries = self.entries(node, format::FIELD.names)?;
        self.allow(&entries, Span::entry(key, node));
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
            let message = format!("no Rust name can be made of the key {}", shown(&key.text));
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
                shown(&other.key),
                other.origin.line,
                shown(&field.key),
                field.rust
            );
            let help = "add `rust: some_name` to one of them";
            self.report_with_help(finding::SAME_RUST_NAME, field.origin, message, help);
        }
    }
}
