//! Response values synthesized from the types of the spec, with its examples where it has them.

use larkspur_codegen::model::{Api, Field, Type, TypeId, TypeKind};
use serde_json::{Map, Value};

/// Maximum recursion depth of a type that contains itself.
const MAX_RECURSION: usize = 1;

/// Number of objects after which only required fields are synthesized. Types that contain one another in many ways would
/// otherwise grow exponentially.
const MAX_OBJECTS: usize = 2000;

/// Maximum number of elements that bounds add to a list.
const MAX_ELEMENTS: usize = 1000;

/// Maximum number of characters that bounds add to a text.
const MAX_LENGTH: usize = 1 << 20;

/// Synthesizes values.
pub(crate) struct Synthesizer<'a> {
    api: &'a Api,
    /// The types being synthesized, outermost first.
    open: Vec<TypeId>,
    /// Number of objects so far.
    objects: usize,
}

impl<'a> Synthesizer<'a> {
    /// Creates a synthesizer for the types of this spec.
    pub(crate) fn new(api: &'a Api) -> Self {
        Self {
            api,
            open: Vec::new(),
            objects: 0,
        }
    }

    /// Returns an object with all fields.
    pub(crate) fn object(&mut self, id: TypeId) -> Map<String, Value> {
        self.complete_object(id).unwrap_or_default()
    }

    /// Returns an object with all fields of finite depth, or `None` if a required field recurses without end.
    fn complete_object(&mut self, id: TypeId) -> Option<Map<String, Value>> {
        self.open.push(id);
        let object = self.synthesize_fields(id);
        self.open.pop();
        object
    }

    fn synthesize_fields(&mut self, id: TypeId) -> Option<Map<String, Value>> {
        let TypeKind::Object(fields) = &self.api.type_def(id).kind else {
            return None;
        };
        self.objects += 1;
        let mut object = Map::new();
        for field in fields {
            if self.objects > MAX_OBJECTS && !field.required {
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

    /// Returns a value of a field, or `None` if it recurses without end.
    fn field(&mut self, field: &Field) -> Option<Value> {
        if let Some(example) = &field.example {
            return Some(example.clone());
        }
        let value = self.value(&field.ty, &field.key)?;
        Some(apply_bounds(field, value))
    }

    /// Returns a value of a type, or `None` if it recurses without end.
    pub(crate) fn value(&mut self, ty: &Type, key: &str) -> Option<Value> {
        Some(match ty {
            Type::String | Type::File => Value::from(key),
            Type::Int => Value::from(1),
            Type::Float => Value::from(1.5),
            Type::Bool => Value::from(true),
            Type::Any => Value::Object(Map::new()),
            // Lists and maps end the recursion by being empty.
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
                let depth = self.open.iter().filter(|open| **open == id).count();
                if depth >= MAX_RECURSION {
                    return None;
                }
                self.complete_object(id).map(Value::Object)
            }
        }
    }
}

/// Adjusts a value to the bounds of its field.
fn apply_bounds(field: &Field, value: Value) -> Value {
    let bounds = &field.bounds;
    match value {
        Value::String(text) => {
            let min = bounds.min_length.map_or(0, bound_as_size);
            let max = bounds.max_length.map_or(usize::MAX, bound_as_size).max(1);
            let filler = std::iter::repeat_n('x', min.saturating_sub(text.chars().count()));
            Value::String(text.chars().chain(filler).take(max).collect())
        }
        Value::Number(number) if bounds.min.is_some() || bounds.max.is_some() => {
            let initial = number.as_f64().unwrap_or_default();
            let adjusted = initial
                .max(bounds.min.unwrap_or(initial))
                .min(bounds.max.unwrap_or(f64::MAX));
            match field.ty {
                // Casts from float to integer saturate.
                Type::Int => Value::from(adjusted as i64),
                _ => Value::from(adjusted),
            }
        }
        Value::Array(elements) => {
            let min = bounds.min_items.map_or(0, bound_as_size).min(MAX_ELEMENTS);
            let missing = min.saturating_sub(elements.len());
            let copies = elements.first().cloned().into_iter().cycle().take(missing);
            let more: Vec<_> = copies.collect();
            Value::Array(elements.into_iter().chain(more).collect())
        }
        other => other,
    }
}

/// Converts a bound to a size, limited to [`MAX_LENGTH`].
fn bound_as_size(bound: u64) -> usize {
    usize::try_from(bound).unwrap_or(usize::MAX).min(MAX_LENGTH)
}
