//! Bounds of a value.

use super::Reader;
use super::type_table::Shape;
use super::value::Entries;
use crate::finding;
use crate::model::{Bounds, Type};

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
