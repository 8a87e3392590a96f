//! From JSON into a value, leniently.
//!
//! Everything here is compiled once for JSON text: the types that it fills are reached through
//! [`Decode`] and [`FieldsMut`] alone.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::{Decode, FieldsMut, Place, Trail, Value};

mod elements;
mod key;
mod object;

use elements::{Element, MapVisitor};
pub(crate) use key::{Key, skip};
pub(crate) use object::{Filler, ObjectVisitor};

/// Fills an object from JSON text.
///
/// # Errors
///
/// Where the text is no JSON, or a value does not fit: the message has the path of the value, what
/// was expected and what kind of value came, but never the value.
pub fn from_json(json: &[u8], into: &mut dyn FieldsMut) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    deserialize(&mut deserializer, into)?;
    deserializer.end()
}

/// Fills an object from any format of serde; `Deserialize` of generated types is this.
///
/// # Errors
///
/// Those of the format, with the path of the value at fault.
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

/// A value to write into. Gives whether something other than null came.
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
            _ => return self.refuse("a number past 64 bits"),
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
            _ => return self.refuse("a number with a fraction"),
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

/// How serde_json hands over a number if some crate in the build has switched its feature
/// `arbitrary_precision` on: as an object with this key and the digits as text.
const NUMBER: &str = "$serde_json::private::Number";

/// Numbers and booleans that come as text.
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

/// A number without a fraction that a float holds exactly.
fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i64)
}

fn expectation(place: &Place<'_>) -> &'static str {
    match place {
        Place::Bool(_) => "a boolean",
        Place::Int(_) | Place::Number(_) => "a whole number",
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
    fn a_number_of_arbitrary_precision_is_a_number() {
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
