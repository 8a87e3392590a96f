//! Enums of strings and of numbers.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::hash::Hash;

use super::type_table::Shape;
use super::value::Entries;
use super::{Reader, shown};
use crate::model::{Origin, TypeKind, Variant};
use crate::yaml::{Node, Value};
use crate::{finding, format, names};

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
            let message = format!("no Rust name can be made of the value {}", shown(&value));
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
            let value = shown(&variant.value.to_string());
            if !values.insert(&variant.value) {
                let message = format!("the value {value} is there twice");
                self.report(finding::DUPLICATE_VALUE, variant.origin, message);
            } else if let Some(other) = names.insert(&variant.rust, &variant.value) {
                let (other, rust) = (shown(&other.to_string()), &variant.rust);
                let message = format!("the values {other} and {value} both become `{rust}` in Rust");
                self.report_with_help(finding::SAME_RUST_NAME, variant.origin, message, NAME_HELP);
            }
        }
        variants
    }
}

/// Shown where a value has to be given a name.
const NAME_HELP: &str = "write it as `{ value: ..., name: some_name }`";
