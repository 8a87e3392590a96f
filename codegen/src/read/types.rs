//! Reads type expressions, named types and enums.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::hash::Hash;

use super::document::entry_span;
use super::value::{Entries, suggest_nearest};
use super::{Reader, Shape};
use crate::characters::quote;
use crate::model::{Origin, Type, TypeKind, Variant};
use crate::yaml::{Key, Node, Value};
use crate::{finding, format, names};

/// Maximum nesting of lists and maps.
const MAX_DEPTH: usize = 8;

/// A parsed type expression.
#[derive(Debug)]
pub(super) struct Expression {
    /// Lists and maps around the element, outermost first.
    containers: Vec<Container>,
    pub element: Element,
}

#[derive(Debug, Clone, Copy)]
enum Container {
    List,
    Map,
}

/// The type inside all lists and maps.
#[derive(Debug)]
pub(super) enum Element {
    /// A type without a name, such as a string.
    Plain(Type),
    /// An inline object with `fields:`.
    Object,
    /// A named type.
    Named(String),
}

impl Expression {
    /// Returns the whole type with the resolved type of its element.
    pub fn wrap(&self, element: Type) -> Type {
        self.containers
            .iter()
            .rev()
            .fold(element, |inner, container| match container {
                Container::List => Type::List(Box::new(inner)),
                Container::Map => Type::Map(Box::new(inner)),
            })
    }

    /// Parses an expression; `None` if it is invalid.
    fn parse(text: &str) -> Option<Self> {
        let mut containers = Vec::new();
        let mut rest = text.trim();
        while let Some((container, inner)) = strip_container(rest) {
            containers.push(container);
            rest = inner.trim();
            if containers.len() > MAX_DEPTH {
                return None;
            }
        }
        Some(Self {
            containers,
            element: parse_element(rest)?,
        })
    }
}

/// Strips the outermost list or map.
fn strip_container(text: &str) -> Option<(Container, &str)> {
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Some((Container::List, inner));
    }
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let (key, value) = inner.split_once(':')?;
    (key.trim() == "string").then_some((Container::Map, value))
}

fn parse_element(text: &str) -> Option<Element> {
    Some(match text {
        "string" => Element::Plain(Type::String),
        "int" => Element::Plain(Type::Int),
        "float" => Element::Plain(Type::Float),
        "bool" => Element::Plain(Type::Bool),
        "any" => Element::Plain(Type::Any),
        "file" => Element::Plain(Type::File),
        "object" => Element::Object,
        name if names::is_camel(name) => Element::Named(name.to_owned()),
        _ => return None,
    })
}

impl Reader<'_> {
    /// Reads a type expression.
    pub(super) fn read_type_expression(&mut self, node: &Node) -> Option<Expression> {
        if matches!(node.value, Value::List(_) | Value::Map(_)) {
            self.report_with_help(
                finding::TYPE_EXPRESSION,
                node.origin,
                "a type expression must be text",
                r#"quote it: "[string]""#,
            );
            return None;
        }
        let text = self.read_text(node)?;
        let expression = Expression::parse(&text);
        if expression.is_none() {
            let message = format!("invalid type {}", quote(&text));
            let help = "expected string, int, float, bool, any, file, object, [T], {string: T} or a name in CamelCase";
            self.report_with_help(finding::TYPE_EXPRESSION, node.origin, message, help);
        }
        expression
    }

    /// Resolves a type name: first in the resource, then in the types of the project version, then in those of the platform.
    pub(super) fn resolve_type(&mut self, name: &str, node: &Node) -> Option<Type> {
        let mut scopes = [self.module].into_iter().chain(self.shared.iter().copied());
        let id = scopes.find_map(|module| self.types.find(module, name));
        if id.is_none() && self.is_scope_read {
            let known = self.types.names_in_scope(self.module, &self.shared);
            let help = suggest_nearest(name, &known, || {
                "define it under `types:` of this file, or in the types.yaml of the project version or of the spec"
                    .to_owned()
            });
            let message = format!("unknown type {}", quote(name));
            self.report_with_help(finding::UNRESOLVED_TYPE, node.origin, message, help);
        }
        id.map(Type::Named)
    }
}

impl Reader<'_> {
    /// Reads everything under `types:`.
    pub(super) fn read_named_types(&mut self, node: &Node) {
        self.at_key("types", |reader| {
            for (key, node) in reader.expect_mapping(node).unwrap_or_default() {
                reader.entry_origins.push(key.origin);
                reader.at_key(&key.text, |reader| reader.read_named_type(key, node));
            }
        });
    }

    fn read_named_type(&mut self, key: &Key, node: &Node) {
        if !names::is_camel(&key.text) {
            let message = format!(
                "invalid type name {}: expected CamelCase in ASCII letters and digits",
                quote(&key.text)
            );
            self.report(finding::TYPE_NAME, key.origin, message);
        }
        let Some(id) = self.types.find(self.module, &key.text) else {
            return;
        };
        let Some(entries) = self.expect_known_keys(node, format::NAMED_TYPE.names) else {
            return;
        };
        self.read_allowances(&entries, entry_span(key, node));
        let doc = self.read_optional(&entries, "doc", Self::read_line);
        match (entries.get("fields"), entries.get("enum")) {
            (Some(fields), None) => {
                if let Some(kind) = entries.get("type") {
                    self.report_mismatch::<()>(kind, "no `type:` next to `fields:`");
                }
                self.read_object(id, doc, &key.text, fields);
            }
            (None, Some(values)) => {
                if let Some(kind) = entries.get("type") {
                    self.at_key("type", |reader| reader.read_word(kind, &[("string", ()), ("int", ())]));
                }
                let kind = self.read_enum(self.types.shape(id), values);
                self.types.define(id, doc, kind);
            }
            _ => {
                let message = "a type requires exactly one of `fields:` and `enum:`";
                self.report(finding::TYPE_KIND, key.origin, message);
            }
        }
    }
}

impl Reader<'_> {
    /// Reads the values of an enum, each a scalar or a mapping.
    pub(super) fn read_enum(&mut self, shape: Shape, node: &Node) -> TypeKind {
        self.at_key("enum", |reader| {
            let items = reader.expect_list(node).unwrap_or_default();
            if items.is_empty() && matches!(node.value, Value::List(_)) {
                reader.report(finding::EMPTY_VALUE, node.origin, "an enum requires at least one value");
            }
            if shape == Shape::IntEnum {
                let variants = items.iter().filter_map(|item| reader.read_int_variant(item)).collect();
                TypeKind::IntEnum(reader.check_distinct_variants(variants))
            } else {
                let variants = items
                    .iter()
                    .filter_map(|item| reader.read_string_variant(item))
                    .collect();
                TypeKind::StringEnum(reader.check_distinct_variants(variants))
            }
        })
    }

    /// Reads the bits of a bit mask.
    pub(super) fn read_flags(&mut self, node: &Node) -> TypeKind {
        let items = self.expect_list(node).unwrap_or_default();
        if items.is_empty() && matches!(node.value, Value::List(_)) {
            self.report(
                finding::EMPTY_VALUE,
                node.origin,
                "a bit mask requires at least one bit",
            );
        }
        let mut variants = Vec::new();
        for item in items {
            let Some(variant) = self.read_int_variant(item) else {
                continue;
            };
            if variant.value.count_ones() != 1 || variant.value < 0 {
                let message = format!("the bit `{}` is not a power of two", variant.value);
                self.report(finding::WRONG_VALUE, item.origin, message);
            }
            variants.push(variant);
        }
        TypeKind::IntEnum(self.check_distinct_variants(variants))
    }

    fn read_string_variant(&mut self, node: &Node) -> Option<Variant<String>> {
        let (value, details) = self.split_variant(node)?;
        let value = self.read_text(value)?;
        let named = details.as_ref().and_then(|entries| self.read_variant_name(entries));
        let Some(rust) = named.or_else(|| names::variant(&value)) else {
            let message = format!("cannot derive a Rust name from the value {}", quote(&value));
            self.report_with_help(finding::NO_RUST_NAME, node.origin, message, NAME_HELP);
            return None;
        };
        Some(self.read_variant_details(value, rust, details.as_ref(), node.origin))
    }

    fn read_int_variant(&mut self, node: &Node) -> Option<Variant<i64>> {
        let (value, details) = self.split_variant(node)?;
        let value = self.read_integer(value)?;
        let named = details.as_ref().and_then(|entries| self.read_variant_name(entries));
        let Some(rust) = named else {
            let message = format!("the number `{value}` requires a name");
            self.report_with_help(finding::NO_RUST_NAME, node.origin, message, NAME_HELP);
            return None;
        };
        Some(self.read_variant_details(value, rust, details.as_ref(), node.origin))
    }

    /// Builds a variant with the other keys of its mapping.
    fn read_variant_details<T>(
        &mut self,
        value: T,
        rust: String,
        details: Option<&Entries<'_>>,
        origin: Origin,
    ) -> Variant<T> {
        Variant {
            value,
            rust,
            doc: details.and_then(|entries| self.read_optional(entries, "doc", Self::read_line)),
            scopes: details
                .map(|entries| self.read_list(entries, "scopes", Self::read_scopes))
                .unwrap_or_default(),
            origin,
        }
    }

    /// Returns the value and, if it is written as a mapping, its entries.
    fn split_variant<'n>(&mut self, node: &'n Node) -> Option<(&'n Node, Option<Entries<'n>>)> {
        if !matches!(node.value, Value::Map(_)) {
            return Some((node, None));
        }
        let entries = self.expect_known_keys(node, format::ENUM_VALUE.names)?;
        match entries.get("value") {
            Some(value) => Some((value, Some(entries))),
            None => {
                self.report(finding::MISSING_KEY, node.origin, "`value` is missing");
                None
            }
        }
    }

    fn read_variant_name(&mut self, entries: &Entries<'_>) -> Option<String> {
        let name = self.read_optional(entries, "name", Self::read_snake_name)?;
        names::variant(&name)
    }

    /// Reads a name in snake_case, which becomes a CamelCase variant.
    pub(super) fn read_snake_name(&mut self, node: &Node) -> Option<String> {
        let expected = "a name in snake_case ASCII such as `not_found`";
        self.read_pattern(node, finding::SNAKE_NAME, expected, names::is_snake)
    }

    /// Reports duplicate values and names of an enum.
    fn check_distinct_variants<T: Eq + Hash + Display>(&mut self, variants: Vec<Variant<T>>) -> Vec<Variant<T>> {
        let mut values = HashSet::new();
        let mut names = HashMap::new();
        for variant in &variants {
            let value = quote(&variant.value.to_string());
            if !values.insert(&variant.value) {
                let message = format!("duplicate value {value}");
                self.report(finding::DUPLICATE_VALUE, variant.origin, message);
            } else if let Some(other) = names.insert(&variant.rust, &variant.value) {
                let (other, rust) = (quote(&other.to_string()), &variant.rust);
                let message = format!("the values {other} and {value} both map to `{rust}` in Rust");
                self.report_with_help(finding::SAME_RUST_NAME, variant.origin, message, NAME_HELP);
            }
        }
        variants
    }
}

/// Help for a value that requires a name.
const NAME_HELP: &str = "write it as `{ value: ..., name: some_name }`";
