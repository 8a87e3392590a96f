//! An answer that is kept as it came, since parts of it go into the requests that follow.

use serde_json::{Map, Value};

use super::step::Given;
use crate::wire::{Decode, Encode, FieldInfo, Fields, FieldsMut, Unknown};

/// An answer of which nothing is known in advance.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Kept(Unknown);

impl Kept {
    /// The number of a field, be it written as one or as text.
    pub(super) fn number(&self, key: &str) -> Option<i64> {
        match self.0.get(key)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The value of a field for another request.
    pub(super) fn given(&self, key: &str) -> Option<Given<'static>> {
        Some(match self.0.get(key)? {
            Value::Null => return None,
            Value::String(text) => Given::own(text.clone()),
            Value::Bool(value) => Given::own(*value),
            value => match value.as_i64() {
                Some(number) => Given::own(number),
                None => Given::own(value.clone()),
            },
        })
    }

    pub(super) fn to_json(&self) -> Value {
        let entries = self.0.iter().map(|(key, value)| (key.to_owned(), value.clone()));
        Value::Object(entries.collect::<Map<_, _>>())
    }

    pub(super) fn from_json(value: &Value) -> Option<Self> {
        let mut kept = Self::default();
        for (key, value) in value.as_object()? {
            kept.0.insert(key.clone(), value.clone());
        }
        Some(kept)
    }
}

impl Fields for Kept {
    fn fields(&self) -> &'static [FieldInfo] {
        &[]
    }

    fn value(&self, _: usize) -> Option<&dyn Encode> {
        None
    }

    fn unknown(&self) -> Option<&Unknown> {
        Some(&self.0)
    }
}

impl FieldsMut for Kept {
    fn value_mut(&mut self, _: usize) -> Option<&mut dyn Decode> {
        None
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        &mut self.0
    }
}
