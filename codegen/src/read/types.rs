//! Type expressions, named types and enums.

use super::document::entry_span;
use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::hash::Hash;

use super::reader::Reader;
use super::type_table::Shape;
use super::value::{Entries, suggest};
use crate::characters::quote;
use crate::model::{Origin, Type, TypeKind, Variant};
use crate::yaml::{Key, Node, Value};
use crate::{finding, format, names};

/// Deeper nesting of lists and maps is refused.
const MAX_DEPTH: usize = 8;

/// A type expression, taken apart.
#[derive(Debug)]
pub(super) struct Expression {
    /// Lists and maps around the heart, the outermost first.
    around: Vec<Around>,
    pub heart: Heart,
}

#[derive(Debug, Clone, Copy)]
enum Around {
    List,
    Map,
}

/// What stands inside all lists and maps.
#[derive(Debug)]
pub(super) enum Heart {
    /// Something without a name, such as text.
    Plain(Type),
    /// An object whose fields stand under `fields:`.
    Object,
    /// A type with a name.
    Named(String),
}

impl Expression {
    /// The whole type, once the heart's is known.
    pub fn wrap(&self, heart: Type) -> Type {
        self.around.iter().rev().fold(heart, |inner, around| match around {
            Around::List => Type::List(Box::new(inner)),
            Around::Map => Type::Map(Box::new(inner)),
        })
    }

    /// `None` where the text is no expression.
    fn parse(text: &str) -> Option<Self> {
        let mut around = Vec::new();
        let mut rest = text.trim();
        while let Some((layer, inner)) = peel(rest) {
            around.push(layer);
            rest = inner.trim();
            if around.len() > MAX_DEPTH {
                return None;
            }
        }
        Some(Self {
            around,
            heart: heart(rest)?,
        })
    }
}

/// Takes one list or map off.
fn peel(text: &str) -> Option<(Around, &str)> {
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Some((Around::List, inner));
    }
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let (key, value) = inner.split_once(':')?;
    (key.trim() == "string").then_some((Around::Map, value))
}

fn heart(text: &str) -> Option<Heart> {
    Some(match text {
        "string" => Heart::Plain(Type::String),
        "int" => Heart::Plain(Type::Int),
        "float" => Heart::Plain(Type::Float),
        "bool" => Heart::Plain(Type::Bool),
        "any" => Heart::Plain(Type::Any),
        "file" => Heart::Plain(Type::File),
        "object" => Heart::Object,
        name if names::is_camel(name) => Heart::Named(name.to_owned()),
        _ => return None,
    })
}

impl Reader<'_> {
    /// Reads a type expression.
    pub(super) fn expression(&mut self, node: &Node) -> Option<Expression> {
        if matches!(node.value, Value::List(_) | Value::Map(_)) {
            self.report_with_help(
                finding::TYPE_EXPRESSION,
                node.origin,
                "a type expression is text",
                r#"put it in quotes: "[string]""#,
            );
            return None;
        }
        let text = self.text(node)?;
        let expression = Expression::parse(&text);
        if expression.is_none() {
            let message = format!("{} is no type", quote(&text));
            let help = "a type is string, int, float, bool, any, file, object, [T], {string: T} or a name in CamelCase";
            self.report_with_help(finding::TYPE_EXPRESSION, node.origin, message, help);
        }
        expression
    }

    /// The type that a name means: one of the resource, else one that the project shares.
    pub(super) fn resolve(&mut self, name: &str, node: &Node) -> Option<Type> {
        let own = self.types.named(self.module, name);
        let id = own.or_else(|| self.types.named(self.shared?, name));
        if id.is_none() && (self.complete || self.shared.is_some()) {
            let known = self.types.known_names(self.module, self.shared);
            let help = suggest(name, &known, || {
                "define it under `types:` of this file, or in the project's types.yaml".to_owned()
            });
            let message = format!("there is no type {}", quote(name));
            self.report_with_help(finding::UNRESOLVED_TYPE, node.origin, message, help);
        }
        id.map(Type::Named)
    }
}

impl Reader<'_> {
    /// Reads everything under `types:`.
    pub(super) fn named_types(&mut self, node: &Node) {
        self.inside("types", |reader| {
            for (key, node) in reader.mapping(node).unwrap_or_default() {
                reader.starts.push(key.origin);
                reader.inside(&key.text, |reader| reader.named_type(key, node));
            }
        });
    }

    fn named_type(&mut self, key: &Key, node: &Node) {
        if !names::is_camel(&key.text) {
            let message = format!(
                "{} is no type name: CamelCase in ASCII letters and digits",
                quote(&key.text)
            );
            self.report(finding::TYPE_NAME, key.origin, message);
        }
        let Some(id) = self.types.named(self.module, &key.text) else {
            return;
        };
        let Some(entries) = self.entries(node, format::NAMED_TYPE.names) else {
            return;
        };
        self.allow(&entries, entry_span(key, node));
        let doc = self.optional(&entries, "doc", Self::line);
        match (entries.get("fields"), entries.get("enum")) {
            (Some(fields), None) => {
                if let Some(kind) = entries.get("type") {
                    self.mismatch::<()>(kind, "no `type:` beside `fields:`");
                }
                self.object(id, doc, &key.text, fields);
            }
            (None, Some(values)) => {
                if let Some(kind) = entries.get("type") {
                    self.inside("type", |reader| reader.word(kind, &[("string", ()), ("int", ())]));
                }
                let kind = self.enumeration(self.types.shape(id), values);
                self.types.define(id, doc, kind);
            }
            _ => {
                let message = "a type has either `fields:` or `enum:`";
                self.report(finding::TYPE_KIND, key.origin, message);
            }
        }
    }
}

impl Reader<'_> {
    /// Reads the values of an enum, each a scalar or a mapping.
    pub(super) fn enumeration(&mut self, shape: Shape, node: &Node) -> TypeKind {
        self.inside("enum", |reader| {
            let items = reader.sequence(node).unwrap_or_default();
            if items.is_empty() && matches!(node.value, Value::List(_)) {
                reader.report(finding::EMPTY_VALUE, node.origin, "an enum has at least one value");
            }
            if shape == Shape::IntEnum {
                let variants = items.iter().filter_map(|item| reader.int_variant(item)).collect();
                TypeKind::IntEnum(reader.distinct_variants(variants))
            } else {
                let variants = items.iter().filter_map(|item| reader.string_variant(item)).collect();
                TypeKind::StringEnum(reader.distinct_variants(variants))
            }
        })
    }

    fn string_variant(&mut self, node: &Node) -> Option<Variant<String>> {
        let (value, details) = self.parts(node)?;
        let value = self.text(value)?;
        let named = details.as_ref().and_then(|entries| self.variant_name(entries));
        let Some(rust) = named.or_else(|| names::variant(&value)) else {
            let message = format!("no Rust name can be made of the value {}", quote(&value));
            self.report_with_help(finding::NO_RUST_NAME, node.origin, message, NAME_HELP);
            return None;
        };
        Some(self.variant(value, rust, details.as_ref(), node.origin))
    }

    fn int_variant(&mut self, node: &Node) -> Option<Variant<i64>> {
        let (value, details) = self.parts(node)?;
        let value = self.integer(value)?;
        let named = details.as_ref().and_then(|entries| self.variant_name(entries));
        let Some(rust) = named else {
            let message = format!("the number `{value}` needs a name");
            self.report_with_help(finding::NO_RUST_NAME, node.origin, message, NAME_HELP);
            return None;
        };
        Some(self.variant(value, rust, details.as_ref(), node.origin))
    }

    /// A value, with what the mapping says of it that it stands in.
    fn variant<T>(&mut self, value: T, rust: String, details: Option<&Entries<'_>>, origin: Origin) -> Variant<T> {
        Variant {
            value,
            rust,
            doc: details.and_then(|entries| self.optional(entries, "doc", Self::line)),
            scopes: details
                .map(|entries| self.list(entries, "scopes", Self::scopes))
                .unwrap_or_default(),
            origin,
        }
    }

    /// The value, and the mapping that it stands in if it stands in one.
    fn parts<'n>(&mut self, node: &'n Node) -> Option<(&'n Node, Option<Entries<'n>>)> {
        if !matches!(node.value, Value::Map(_)) {
            return Some((node, None));
        }
        let entries = self.entries(node, format::ENUM_VALUE.names)?;
        match entries.get("value") {
            Some(value) => Some((value, Some(entries))),
            None => {
                self.report(finding::MISSING_KEY, node.origin, "`value` is missing");
                None
            }
        }
    }

    fn variant_name(&mut self, entries: &Entries<'_>) -> Option<String> {
        let name = self.optional(entries, "name", Self::snake_name)?;
        names::variant(&name)
    }

    /// A name in snake_case, which becomes a CamelCase variant.
    pub(super) fn snake_name(&mut self, node: &Node) -> Option<String> {
        let expected = "a name in snake_case ASCII, such as `not_found`";
        self.pattern(node, finding::SNAKE_NAME, expected, names::is_snake)
    }

    /// Reports values and names that an enum has twice.
    fn distinct_variants<T: Eq + Hash + Display>(&mut self, variants: Vec<Variant<T>>) -> Vec<Variant<T>> {
        let mut values = HashSet::new();
        let mut names = HashMap::new();
        for variant in &variants {
            let value = quote(&variant.value.to_string());
            if !values.insert(&variant.value) {
                let message = format!("the value {value} is there twice");
                self.report(finding::DUPLICATE_VALUE, variant.origin, message);
            } else if let Some(other) = names.insert(&variant.rust, &variant.value) {
                let (other, rust) = (quote(&other.to_string()), &variant.rust);
                let message = format!("the values {other} and {value} both become `{rust}` in Rust");
                self.report_with_help(finding::SAME_RUST_NAME, variant.origin, message, NAME_HELP);
            }
        }
        variants
    }
}

/// Shown where a value has to be given a name.
const NAME_HELP: &str = "write it as `{ value: ..., name: some_name }`";
