//! Lenient decoding of JSON into values.
//!
//! Compiled once for JSON text: target types are accessed through [`Decode`] and [`FieldsMut`] only.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Decode, FieldInfo, FieldsMut, ListMut, MapMut, Place, Trail, Value, refuse_all_but_objects};

/// Fills an object from JSON text.
///
/// # Errors
///
/// Fails if the text is not JSON, or a value has the wrong type: the message has the path, the expected and the found type,
/// never the value.
pub fn from_json(json: &[u8], into: &mut dyn FieldsMut) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    deserialize(&mut deserializer, into)?;
    deserializer.end()
}

/// Fills an object from any serde format; `Deserialize` of generated types calls this.
///
/// # Errors
///
/// Those of the format, with the path of the value.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D, into: &mut dyn FieldsMut) -> Result<(), D::Error> {
    let trail = Trail::default();
    let object = ObjectVisitor {
        fields: into,
        trail: &trail,
    };
    deserializer
        .deserialize_any(object)
        .map_err(|error| D::Error::custom(trail.failure(&error)))
}

/// A value to write into. Returns whether a value other than null was found.
pub(crate) struct Slot<'a> {
    pub value: &'a mut dyn Decode,
    pub trail: &'a Trail,
}

impl<'de> DeserializeSeed<'de> for Slot<'_> {
    type Value = bool;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Slot<'_> {
    fn refuse<E: serde::de::Error>(self, found: &'static str) -> Result<bool, E> {
        let expected = expectation(&self.value.place());
        Err(self.trail.mismatch(expected, found))
    }
}

impl<'de> Visitor<'de> for Slot<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_none<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<bool, E> {
        match self.value.place() {
            Place::Bool(place) => *place = value,
            Place::Str(place) => *place = value.to_string(),
            Place::Text(place) => place.set(if value { "true" } else { "false" }),
            Place::Any(place) => *place = Value::Bool(value),
            _ => return self.refuse("a boolean"),
        }
        Ok(true)
    }

    #[inline]
    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<bool, E> {
        match self.value.place() {
            Place::Int(place) => *place = value,
            Place::Float(place) => *place = value as f64,
            Place::Number(place) => place.set(value),
            Place::Bool(place) if value == 0 || value == 1 => *place = value == 1,
            Place::Str(place) => *place = value.to_string(),
            Place::Secret(place) => *place = value.to_string().into(),
            Place::Text(place) => place.set(&value.to_string()),
            Place::Any(place) => *place = value.into(),
            _ => return self.refuse("a number"),
        }
        Ok(true)
    }

    #[inline]
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<bool, E> {
        if let Ok(value) = i64::try_from(value) {
            return self.visit_i64(value);
        }
        match self.value.place() {
            Place::Float(place) => *place = value as f64,
            Place::Str(place) => *place = value.to_string(),
            Place::Text(place) => place.set(&value.to_string()),
            Place::Any(place) => *place = value.into(),
            _ => return self.refuse("a number beyond 64 bits"),
        }
        Ok(true)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<bool, E> {
        match (self.value.place(), whole(value)) {
            (Place::Float(place), _) => *place = value,
            (Place::Int(place), Some(value)) => *place = value,
            (Place::Number(place), Some(value)) => place.set(value),
            (Place::Str(place), _) => *place = value.to_string(),
            (Place::Text(place), _) => place.set(&value.to_string()),
            (Place::Any(place), _) => *place = value.into(),
            _ => return self.refuse("a fractional number"),
        }
        Ok(true)
    }

    #[inline]
    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<bool, E> {
        match self.value.place() {
            Place::Str(place) => *place = value.to_owned(),
            Place::Text(place) => place.set(value),
            Place::Secret(place) => *place = value.into(),
            Place::Any(place) => *place = value.into(),
            other => {
                if !lenient(other, value) {
                    return self.refuse("a string");
                }
            }
        }
        Ok(true)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<bool, A::Error> {
        match self.value.place() {
            Place::List(list) => {
                let mut index = 0;
                loop {
                    let element = Element {
                        list: &mut *list,
                        trail: self.trail,
                    };
                    match elements.next_element_seed(element) {
                        Ok(Some(())) => index += 1,
                        Ok(None) => return Ok(true),
                        Err(error) => {
                            self.trail.index(index);
                            return Err(error);
                        }
                    }
                }
            }
            Place::Any(place) => {
                let mut values = Vec::new();
                while let Some(value) = elements.next_element()? {
                    values.push(value);
                }
                *place = Value::Array(values);
                Ok(true)
            }
            _ => self.refuse("a list"),
        }
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<bool, A::Error> {
        let trail = self.trail;
        match self.value.place() {
            Place::Object(fields) => ObjectVisitor { fields, trail }.visit_map(entries)?,
            Place::Map(map) => MapVisitor { map, trail }.visit_map(entries)?,
            Place::Any(place) => *place = Value::deserialize(MapAccessDeserializer::new(entries))?,
            _ => match entries.next_key_seed(Key)?.as_deref() {
                Some(NUMBER) => return self.visit_str(&entries.next_value::<String>()?),
                _ => return self.refuse("an object"),
            },
        }
        Ok(true)
    }
}

/// The next element of a list.
struct Element<'a> {
    pub list: &'a mut dyn ListMut,
    pub trail: &'a Trail,
}

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let value = self.list.push();
        let present = Slot {
            value: &mut *value,
            trail: self.trail,
        }
        .deserialize(deserializer)?;
        if !present && !matches!(value.place(), Place::Any(_)) {
            self.list.pop();
        }
        Ok(())
    }
}

/// An object whose keys are data.
struct MapVisitor<'a> {
    pub map: &'a mut dyn MapMut,
    pub trail: &'a Trail,
}

impl<'de> Visitor<'de> for MapVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(key) = entries.next_key_seed(Key)? {
            let value = self.map.entry(&key);
            let slot = Slot {
                value: &mut *value,
                trail: self.trail,
            };
            let present = entries.next_value_seed(slot).inspect_err(|_| self.trail.key(&key))?;
            if !present && !matches!(value.place(), Place::Any(_)) {
                self.map.remove(&key);
            }
        }
        Ok(())
    }
}

/// Decodes an object with known fields. Null counts as an empty object.
pub(crate) struct ObjectVisitor<'a> {
    pub fields: &'a mut dyn FieldsMut,
    pub trail: &'a Trail,
}

impl<'de> DeserializeSeed<'de> for ObjectVisitor<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ObjectVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    refuse_all_but_objects!();

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Filler::new(self.fields, self.trail).finish()
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut filler = Filler::new(self.fields, self.trail);
        while let Some(key) = entries.next_key_seed(Key)? {
            filler.take(&key, &mut entries)?;
        }
        filler.finish()
    }
}

/// Fills the fields of an object, one key after the other.
pub(crate) struct Filler<'a> {
    fields: &'a mut dyn FieldsMut,
    trail: &'a Trail,
    known: FieldLookup,
    present: PresentFields,
}

impl<'a> Filler<'a> {
    #[inline]
    pub(crate) fn new(fields: &'a mut dyn FieldsMut, trail: &'a Trail) -> Self {
        let known = FieldLookup::new(fields.fields());
        Self {
            fields,
            trail,
            known,
            present: PresentFields::default(),
        }
    }

    /// Decodes the value of a key.
    #[inline]
    pub(crate) fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, entries: &mut A) -> Result<(), A::Error> {
        let taken = match self.known.find(key) {
            Some(index) => self.field(index, entries),
            None => entries
                .next_value()
                .map(|value| self.fields.unknown_mut().insert(key, value)),
        };
        taken.inspect_err(|_| self.trail.key(key))
    }

    #[inline]
    fn field<'de, A: MapAccess<'de>>(&mut self, index: usize, entries: &mut A) -> Result<(), A::Error> {
        let Some(value) = self.fields.value_mut(index) else {
            return skip(entries);
        };
        let slot = Slot {
            value,
            trail: self.trail,
        };
        if entries.next_value_seed(slot)? {
            self.present.mark(index);
        }
        Ok(())
    }

    /// Ends the object; fails if a required field is missing.
    #[inline]
    pub(crate) fn finish<E: serde::de::Error>(self) -> Result<(), E> {
        let fields = self.known.fields.iter().enumerate();
        for (index, field) in fields {
            if field.required && !self.present.has(index) {
                let error = self.trail.mismatch("a value", "nothing");
                self.trail.key(field.key);
                return Err(error);
            }
        }
        Ok(())
    }
}

/// The fields of an object, found by their keys.
struct FieldLookup {
    fields: &'static [FieldInfo],
    /// Index after the last field found: responses mostly have the order of the documentation.
    next: usize,
}

impl FieldLookup {
    #[inline]
    fn new(fields: &'static [FieldInfo]) -> Self {
        Self { fields, next: 0 }
    }

    #[inline]
    fn find(&mut self, key: &str) -> Option<usize> {
        let index = match self.fields.get(self.next) {
            Some(field) if field.key == key => self.next,
            _ => self.fields.iter().position(|field| field.key == key)?,
        };
        self.next = index + 1;
        Some(index)
    }
}

/// The present fields by index: a bit for each of the first 64, and a set for the others.
#[derive(Default)]
struct PresentFields {
    first: u64,
    rest: BTreeSet<usize>,
}

impl PresentFields {
    #[inline]
    fn mark(&mut self, index: usize) {
        match bit(index) {
            Some(bit) => self.first |= bit,
            None => {
                self.rest.insert(index);
            }
        }
    }

    #[inline]
    fn has(&self, index: usize) -> bool {
        match bit(index) {
            Some(bit) => self.first & bit != 0,
            None => self.rest.contains(&index),
        }
    }
}

#[inline]
fn bit(index: usize) -> Option<u64> {
    u32::try_from(index).ok().and_then(|index| 1_u64.checked_shl(index))
}

/// A key, borrowed from the text unless it holds escapes.
pub(crate) struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    #[inline]
    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// Skips a value.
pub(crate) fn skip<'de, A: MapAccess<'de>>(entries: &mut A) -> Result<(), A::Error> {
    entries.next_value::<IgnoredAny>().map(|_| ())
}

/// The key of the object in which serde_json passes a number if a crate in the build enables its feature
/// `arbitrary_precision`.
const NUMBER: &str = "$serde_json::private::Number";

/// Decodes numbers and booleans from text.
fn lenient(place: Place<'_>, text: &str) -> bool {
    match place {
        Place::Int(place) => text.parse().map(|value| *place = value).is_ok(),
        Place::Number(place) => text.parse().map(|value| place.set(value)).is_ok(),
        Place::Float(place) => match text.parse::<f64>() {
            Ok(value) if value.is_finite() => {
                *place = value;
                true
            }
            _ => false,
        },
        Place::Bool(place) => match text {
            "true" | "1" => {
                *place = true;
                true
            }
            "false" | "0" => {
                *place = false;
                true
            }
            _ => false,
        },
        _ => false,
    }
}

/// Returns an integer that a float represents exactly.
fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i64)
}

fn expectation(place: &Place<'_>) -> &'static str {
    match place {
        Place::Bool(_) => "a boolean",
        Place::Int(_) | Place::Number(_) => "an integer",
        Place::Float(_) => "a number",
        Place::Str(_) | Place::Secret(_) | Place::Text(_) => "a string",
        Place::Object(_) | Place::Map(_) => "an object",
        Place::List(_) => "a list",
        Place::Any(_) => "a value",
    }
}

#[cfg(test)]
mod tests {
    use serde::de::value::{Error, MapDeserializer};

    use super::*;

    #[test]
    fn decodes_numbers_of_arbitrary_precision() {
        let number = || MapDeserializer::<_, Error>::new([(NUMBER, "12")].into_iter());
        let trail = Trail::default();
        let trail = &trail;
        let (mut size, mut name) = (0_i64, String::new());
        Slot {
            value: &mut size,
            trail,
        }
        .deserialize(number())
        .unwrap();
        Slot {
            value: &mut name,
            trail,
        }
        .deserialize(number())
        .unwrap();
        assert_eq!((size, name.as_str()), (12, "12"));
    }
}
