//! Answers made up from the types of the spec: its examples where it has some, else by type.

use larkspur_codegen::model::{Api, Field, Type, TypeId, TypeKind};
use serde_json::{Map, Value};

/// How deep a type may stand in itself before the answer leaves it out.
const TURNS: usize = 1;

/// Objects in an answer after which only required fields are made up. Types that contain one another
/// in many ways would otherwise make an answer without a practical end.
const MOST_OBJECTS: usize = 2000;

/// Makes up values.
pub(crate) struct Synthesizer<'a> {
    api: &'a Api,
    /// The types that are being made up, outermost first.
    open: Vec<TypeId>,
    /// How many objects there are so far.
    objects: usize,
}

impl<'a> Synthesizer<'a> {
    /// For the types of this spec.
    pub(crate) fn new(api: &'a Api) -> Self {
        Self {
            api,
            open: Vec::new(),
            objects: 0,
        }
    }

    /// An object with every field.
    pub(crate) fn object(&mut self, id: TypeId) -> Map<String, Value> {
        self.whole(id).unwrap_or_default()
    }

    /// An object with every field that ends; `None` where one would never end that has to be there.
    fn whole(&mut self, id: TypeId) -> Option<Map<String, Value>> {
        self.open.push(id);
        let object = self.with_fields(id);
        self.open.pop();
        object
    }

    fn with_fields(&mut self, id: TypeId) -> Option<Map<String, Value>> {
        let TypeKind::Object(fields) = &self.api.type_def(id).kind else {
            return None;
        };
        self.objects += 1;
        let mut object = Map::new();
        for field in fields {
            if self.objects > MOST_OBJECTS && !field.required {
                continue;
            }
            match self.field(field) {
                Some(value) => {
                    object.insert(field.key.clone(), value);
                }
                None if field.required => return None,
                None => {}
            }
        }
        Some(object)
    }

    /// A value of a field; `None` where it would never end.
    pub(crate) fn field(&mut self, field: &Field) -> Option<Value> {
        if let Some(example) = &field.example {
            return Some(example.clone());
        }
        let value = self.value(&field.ty, &field.key)?;
        Some(within_bounds(field, value))
    }

    /// A value of a type; `None` where it would never end.
    pub(crate) fn value(&mut self, ty: &Type, key: &str) -> Option<Value> {
        Some(match ty {
            Type::String | Type::File => Value::from(key),
            Type::Int => Value::from(1),
            Type::Float => Value::from(1.5),
            Type::Bool => Value::from(true),
            Type::Any => Value::Object(Map::new()),
            // A list or map of what would never end is empty, and so ends.
            Type::List(element) => Value::Array(self.value(element, key).into_iter().collect()),
            Type::Map(element) => {
                let entry = self.value(element, key).map(|value| (key.to_owned(), value));
                Value::Object(entry.into_iter().collect())
            }
            Type::Named(id) => return self.named(*id),
        })
    }

    fn named(&mut self, id: TypeId) -> Option<Value> {
        match &self.api.type_def(id).kind {
            TypeKind::StringEnum(variants) => variants.first().map(|variant| Value::from(variant.value.as_str())),
            TypeKind::IntEnum(variants) => variants.first().map(|variant| Value::from(variant.value)),
            TypeKind::Object(_) => {
                let turns = self.open.iter().filter(|open| **open == id).count();
                if turns >= TURNS {
                    return None;
                }
                self.whole(id).map(Value::Object)
            }
        }
    }
}

/// Moves a made-up value into the bounds of its field.
fn within_bounds(field: &Field, value: Value) -> Value {
    let bounds = &field.bounds;
    match value {
        Value::String(text) => {
            let least = bounds.min_length.map_or(0, saturated);
            let most = bounds.max_length.map_or(usize::MAX, saturated).max(1);
            let filler = std::iter::repeat_n('x', least.saturating_sub(text.chars().count()));
            Value::String(text.chars().chain(filler).take(most).collect())
        }
        Value::Number(number) if bounds.min.is_some() || bounds.max.is_some() => {
            let wanted = number.as_f64().unwrap_or_default();
            let moved = wanted
                .max(bounds.min.unwrap_or(wanted))
                .min(bounds.max.unwrap_or(f64::MAX));
            match field.ty {
                // A cast from float to int saturates.
                Type::Int => Value::from(moved as i64),
                _ => Value::from(moved),
            }
        }
        Value::Array(elements) => {
            let least = bounds.min_items.map_or(0, saturated).min(LONGEST);
            let missing = least.saturating_sub(elements.len());
            let copies = elements.first().cloned().into_iter().cycle().take(missing);
            let more: Vec<_> = copies.collect();
            Value::Array(elements.into_iter().chain(more).collect())
        }
        other => other,
    }
}

/// The most elements that a made-up list has, whatever its bounds ask for.
const LONGEST: usize = 1000;

/// A bound as a size; made-up texts stay short of a megabyte, whatever the spec asks for.
fn saturated(bound: u64) -> usize {
    usize::try_from(bound).unwrap_or(usize::MAX).min(1 << 20)
}
