//! Lenient decoding of JSON into values.
//!
//! Compiled once for JSON text: target types are accessed through [`Decode`] and [`FieldsMut`] only.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::json_path::{Decoded, Mismatch, Step, warn};
use super::{
    Decode, FieldInfo, FieldsMut, ListMut, MapMut, Object, Place, Trail, Value, refuse_all_but_objects, reset,
};

/// Fills an object from JSON text, as the client does by default: a value that does not fit the type of an optional field is
/// left out with a warning.
///
/// # Errors
///
/// Fails if the text is not JSON, or a required value is missing or has the wrong type: the message has the path, the expected
/// and the found type, never the value.
pub fn from_json(json: &[u8], into: &mut dyn FieldsMut) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    deserialize(&mut deserializer, into)?;
    deserializer.end()
}

/// Fills an object from any serde format; `Deserialize` of generated types calls this. It is as lenient as [`from_json`].
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
    object
        .deserialize_present(deserializer)
        .map_err(|error| D::Error::custom(trail.failure(&error)))?;
    warn(None, &trail.into_mismatches(), str::to_owned);
    Ok(())
}

/// A value to write into.
pub(crate) struct Slot<'a> {
    pub value: &'a mut dyn Decode,
    pub trail: &'a Trail,
}

impl<'de> DeserializeSeed<'de> for Slot<'_> {
    type Value = Decoded;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Decoded, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Slot<'_> {
    #[cold]
    #[inline(never)]
    fn refuse<E: serde::de::Error>(self, found: &'static str, raw: Value) -> Result<Decoded, E> {
        let expected = expectation(&self.value.place());
        if self.trail.is_strict() {
            Err(self.trail.mismatch(expected, found))
        } else {
            Ok(self.trail.park(expected, found, raw))
        }
    }

    /// Decodes a list in place of something else.
    #[cold]
    #[inline(never)]
    fn refuse_list<'de, A: SeqAccess<'de>>(self, elements: A) -> Result<Decoded, A::Error> {
        let raw = Value::deserialize(SeqAccessDeserializer::new(elements))?;
        let is_object = matches!(self.value.place(), Place::Object(_) | Place::Map(_));
        let is_empty = raw.as_array().is_some_and(Vec::is_empty);
        if is_object && is_empty && !self.trail.is_strict() {
            // The platform writes an absent object as an empty list.
            reset(self.value);
            return Ok(Decoded::Absent);
        }
        self.refuse("a list", raw)
    }

    /// Decodes an object in place of something else.
    #[cold]
    #[inline(never)]
    fn refuse_object<'de, A: MapAccess<'de>>(self, mut entries: A) -> Result<Decoded, A::Error> {
        let mut raw = serde_json::Map::new();
        while let Some(key) = entries.next_key_seed(Key)? {
            if key == NUMBER && raw.is_empty() {
                return self.visit_str(&entries.next_value::<String>()?);
            }
            raw.insert(key.into_owned(), entries.next_value()?);
        }
        self.refuse("an object", Value::Object(raw))
    }
}

impl<'de> Visitor<'de> for Slot<'_> {
    type Value = Decoded;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Decoded, E> {
        Ok(Decoded::Absent)
    }

    fn visit_none<E>(self) -> Result<Decoded, E> {
        Ok(Decoded::Absent)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Decoded, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Decoded, E> {
        match self.value.place() {
            Place::Bool(place) => *place = value,
            Place::Str(place) => *place = value.to_string(),
            Place::Text(place) => place.set(if value { "true" } else { "false" }),
            Place::Any(place) => *place = Value::Bool(value),
            _ => return self.refuse("a boolean", value.into()),
        }
        Ok(Decoded::Present)
    }

    #[inline]
    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Decoded, E> {
        match self.value.place() {
            Place::Int(place) => *place = value,
            Place::Float(place) => *place = value as f64,
            Place::Number(place) => place.set(value),
            Place::Bool(place) if value == 0 || value == 1 => *place = value == 1,
            Place::Str(place) => *place = value.to_string(),
            Place::Secret(place) => *place = value.to_string().into(),
            Place::Text(place) => place.set(&value.to_string()),
            Place::Any(place) => *place = value.into(),
            _ => return self.refuse("a number", value.into()),
        }
        Ok(Decoded::Present)
    }

    #[inline]
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Decoded, E> {
        if let Ok(value) = i64::try_from(value) {
            return self.visit_i64(value);
        }
        match self.value.place() {
            Place::Float(place) => *place = value as f64,
            Place::Str(place) => *place = value.to_string(),
            Place::Secret(place) => *place = value.to_string().into(),
            Place::Text(place) => place.set(&value.to_string()),
            Place::Any(place) => *place = value.into(),
            _ => return self.refuse("a number beyond 64 bits", value.into()),
        }
        Ok(Decoded::Present)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Decoded, E> {
        match self.value.place() {
            Place::Float(place) => *place = value,
            Place::Any(place) => *place = value.into(),
            other => {
                // From here on a float stands for several integers, so its digits are not those of the text.
                let exact = value.abs() <= MAX_EXACT;
                match (other, whole(value)) {
                    (Place::Int(place), Some(value)) => *place = value,
                    (Place::Number(place), Some(value)) => place.set(value),
                    (Place::Str(place), _) if exact => *place = value.to_string(),
                    (Place::Text(place), _) if exact => place.set(&value.to_string()),
                    _ if exact => return self.refuse("a fractional number", value.into()),
                    _ => return self.refuse("a number beyond 64 bits", value.into()),
                }
            }
        }
        Ok(Decoded::Present)
    }

    #[inline]
    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Decoded, E> {
        match self.value.place() {
            Place::Str(place) => *place = value.to_owned(),
            Place::Text(place) => place.set(value),
            Place::Secret(place) => *place = value.into(),
            Place::Any(place) => *place = value.into(),
            other => {
                if !lenient(other, value) {
                    return self.refuse("a string", value.into());
                }
            }
        }
        Ok(Decoded::Present)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<Decoded, A::Error> {
        match self.value.place() {
            Place::List(list) => fill_list(list, self.trail, elements),
            Place::Any(place) => {
                *place = Value::deserialize(SeqAccessDeserializer::new(elements))?;
                Ok(Decoded::Present)
            }
            _ => self.refuse_list(elements),
        }
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Decoded, A::Error> {
        let trail = self.trail;
        match self.value.place() {
            Place::Object(fields) => ObjectVisitor { fields, trail }.visit_map(entries),
            Place::Map(map) => MapVisitor { map, trail }.visit_map(entries),
            Place::Any(place) => {
                *place = Value::deserialize(MapAccessDeserializer::new(entries))?;
                Ok(Decoded::Present)
            }
            _ => self.refuse_object(entries),
        }
    }
}

/// Decodes a list. Elements that do not fit are left out.
fn fill_list<'de, A: SeqAccess<'de>>(
    list: &mut dyn ListMut,
    trail: &Trail,
    mut elements: A,
) -> Result<Decoded, A::Error> {
    let start = trail.count();
    // The position of an element in the text, and its position without the nulls, at which its raw value is restored.
    let (mut index, mut position) = (0, 0);
    loop {
        let noted = trail.count();
        let element = Element {
            list: &mut *list,
            trail,
        };
        match elements.next_element_seed(element) {
            Ok(Some(Decoded::Absent)) => {
                index += 1;
                continue;
            }
            Ok(Some(Decoded::Present)) => {}
            Ok(Some(Decoded::Incomplete)) => trail.extend(noted, &Step::Index(position)),
            Ok(Some(Decoded::Mismatch)) => trail.absorb_parked(Step::Index(position)),
            Ok(None) => return Ok(present_since(start, trail)),
            Err(error) => {
                trail.index(index);
                return Err(error);
            }
        }
        index += 1;
        position += 1;
    }
}

#[inline]
fn present_since(start: usize, trail: &Trail) -> Decoded {
    if trail.count() == start {
        Decoded::Present
    } else {
        Decoded::Incomplete
    }
}

/// The next element of a list.
struct Element<'a> {
    pub list: &'a mut dyn ListMut,
    pub trail: &'a Trail,
}

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = Decoded;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Decoded, D::Error> {
        let value = self.list.push();
        let decoded = Slot {
            value: &mut *value,
            trail: self.trail,
        }
        .deserialize(deserializer)?;
        let is_left_out = match decoded {
            Decoded::Present | Decoded::Incomplete => false,
            Decoded::Absent => !matches!(value.place(), Place::Any(_)),
            Decoded::Mismatch => true,
        };
        if is_left_out {
            self.list.pop();
        } else if decoded == Decoded::Absent {
            return Ok(Decoded::Present);
        }
        Ok(decoded)
    }
}

/// An object whose keys are data. Values that do not fit are left out.
struct MapVisitor<'a> {
    pub map: &'a mut dyn MapMut,
    pub trail: &'a Trail,
}

impl<'de> Visitor<'de> for MapVisitor<'_> {
    type Value = Decoded;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Decoded, A::Error> {
        let trail = self.trail;
        let start = trail.count();
        while let Some(key) = entries.next_key_seed(Key)? {
            let noted = trail.count();
            let value = self.map.entry(&key);
            let slot = Slot {
                value: &mut *value,
                trail,
            };
            match entries.next_value_seed(slot).inspect_err(|_| trail.key(&key))? {
                Decoded::Present => {}
                Decoded::Incomplete => trail.extend(noted, &Step::Key(key.into_owned())),
                Decoded::Absent => {
                    if !matches!(value.place(), Place::Any(_)) {
                        self.map.remove(&key);
                    }
                }
                Decoded::Mismatch => {
                    self.map.remove(&key);
                    trail.absorb_parked(Step::Key(key.into_owned()));
                }
            }
        }
        Ok(present_since(start, trail))
    }
}

/// Decodes an object with known fields. Null counts as an empty object.
pub(crate) struct ObjectVisitor<'a> {
    pub fields: &'a mut dyn FieldsMut,
    pub trail: &'a Trail,
}

impl ObjectVisitor<'_> {
    /// Decodes an object that is required.
    pub(crate) fn deserialize_present<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let trail = self.trail;
        match deserializer.deserialize_any(self)? {
            Decoded::Mismatch => Err(trail.raise()),
            Decoded::Absent | Decoded::Present | Decoded::Incomplete => Ok(()),
        }
    }
}

impl<'de> DeserializeSeed<'de> for ObjectVisitor<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize_present(deserializer)
    }
}

impl<'de> Visitor<'de> for ObjectVisitor<'_> {
    type Value = Decoded;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    refuse_all_but_objects!();

    fn visit_unit<E: serde::de::Error>(self) -> Result<Decoded, E> {
        Filler::new(self.fields, self.trail).finish()
    }

    /// The platform writes an absent object as an empty list.
    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Decoded, A::Error> {
        if self.trail.is_strict() || elements.next_element::<IgnoredAny>()?.is_some() {
            return Err(self.trail.mismatch("an object", "a list"));
        }
        self.visit_unit()
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Decoded, A::Error> {
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
    /// Fields with a value, whether it fits or not.
    present: PresentFields,
    /// Number of values noted before this object, and before the current field.
    start: usize,
    noted: usize,
    /// The required field whose value does not fit.
    failed: Option<Box<(usize, Mismatch)>>,
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
            start: trail.count(),
            noted: trail.count(),
            failed: None,
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
        if self.present.has(index) {
            self.forget(index);
        }
        let Some(value) = self.fields.value_mut(index) else {
            return skip(entries);
        };
        let slot = Slot {
            value,
            trail: self.trail,
        };
        match entries.next_value_seed(slot)? {
            Decoded::Present => self.present.mark(index),
            Decoded::Absent => {}
            Decoded::Incomplete => self.keep_elements(index),
            Decoded::Mismatch => self.leave_out(index),
        }
        Ok(())
    }

    /// Clears a field whose key occurs again: the last value wins, as usual in JSON.
    #[cold]
    #[inline(never)]
    fn forget(&mut self, index: usize) {
        if let Some(value) = self.fields.value_mut(index) {
            reset(value);
        }
        if let Some(field) = self.known.fields.get(index) {
            self.fields.unknown_mut().forget(field.key);
        }
        self.failed.take_if(|failed| failed.0 == index);
        self.present.unmark(index);
    }

    /// Stores what the lists and maps in a field go without.
    #[cold]
    #[inline(never)]
    fn keep_elements(&mut self, index: usize) {
        self.present.mark(index);
        let Some(field) = self.known.fields.get(index) else {
            return;
        };
        self.trail.extend(self.noted, &Step::Key(field.key.to_owned()));
        let elements = self.trail.take_elements(self.noted);
        if !elements.is_empty() {
            self.fields.unknown_mut().add_elements(elements);
        }
        self.noted = self.trail.count();
    }

    /// Stores the value of a field that does not fit. The object goes without it, unless the field is required.
    #[cold]
    #[inline(never)]
    fn leave_out(&mut self, index: usize) {
        let (Some(field), Some(mut mismatch)) = (self.known.fields.get(index), self.trail.take_parked()) else {
            return;
        };
        if let Some(raw) = mismatch.at_key(field.key) {
            self.fields.unknown_mut().insert(field.key, raw);
        }
        self.present.mark(index);
        if field.required {
            self.failed.get_or_insert_with(|| Box::new((index, mismatch)));
            return;
        }
        if let Some(value) = self.fields.value_mut(index) {
            reset(value);
        }
        self.trail.absorb(mismatch);
        self.noted = self.trail.count();
    }

    /// Ends the object; it does not fit if a required field does not, or is missing.
    #[inline]
    pub(crate) fn finish<E: serde::de::Error>(self) -> Result<Decoded, E> {
        if self.failed.is_none() {
            let mut fields = self.known.fields.iter().enumerate();
            match fields.find(|(index, field)| field.required && !self.present.has(*index)) {
                None => return Ok(present_since(self.start, self.trail)),
                Some((_, field)) => return self.fail(Mismatch::missing(field.key)),
            }
        }
        self.fail_as_noted()
    }

    #[cold]
    #[inline(never)]
    fn fail_as_noted<E: serde::de::Error>(mut self) -> Result<Decoded, E> {
        match self.failed.take() {
            Some(failed) => self.fail(failed.1),
            None => Ok(present_since(self.start, self.trail)),
        }
    }

    #[cold]
    #[inline(never)]
    fn fail<E: serde::de::Error>(self, reason: Mismatch) -> Result<Decoded, E> {
        if self.trail.is_strict() {
            self.trail.park_as(reason, Value::Null);
            return Err(self.trail.raise());
        }
        self.trail.truncate(self.start);
        let mut raw = serde_json::to_value(Object(&*self.fields)).unwrap_or_default();
        if let Value::Object(entries) = &mut raw {
            for (index, field) in self.known.fields.iter().enumerate() {
                if field.required && !self.present.has(index) {
                    entries.remove(field.key);
                }
            }
        }
        Ok(self.trail.park_as(reason, raw))
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

    fn unmark(&mut self, index: usize) {
        match bit(index) {
            Some(bit) => self.first &= !bit,
            None => {
                self.rest.remove(&index);
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

/// The largest number up to which floats represent every integer.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// Returns an integer that a float represents exactly.
fn whole(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() <= MAX_EXACT).then_some(value as i64)
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
