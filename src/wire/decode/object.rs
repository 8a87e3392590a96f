//! Objects with known fields.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::{Key, Slot};
use crate::wire::{FieldInfo, FieldsMut, Trail, refuse_all_but_objects};

/// An object with known fields. Null is as good as an object without keys.
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
    known: Known,
    came: Came,
}

impl<'a> Filler<'a> {
    #[inline]
    pub(crate) fn new(fields: &'a mut dyn FieldsMut, trail: &'a Trail) -> Self {
        let known = Known::new(fields.fields());
        Self {
            fields,
            trail,
            known,
            came: Came::default(),
        }
    }

    /// Takes the value of a key that has just been read.
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
            return super::skip(entries);
        };
        let slot = Slot {
            value,
            trail: self.trail,
        };
        if entries.next_value_seed(slot)? {
            self.came.mark(index);
        }
        Ok(())
    }

    /// Ends the object: nothing that is required may be missing.
    #[inline]
    pub(crate) fn finish<E: serde::de::Error>(self) -> Result<(), E> {
        let fields = self.known.fields.iter().enumerate();
        for (index, field) in fields {
            if field.required && !self.came.has(index) {
                let error = self.trail.mismatch("a value", "nothing");
                self.trail.key(field.key);
                return Err(error);
            }
        }
        Ok(())
    }
}

/// The fields of an object, found by their keys.
struct Known {
    fields: &'static [FieldInfo],
    /// The one after the last that was found: answers mostly keep the order of the documentation.
    next: usize,
}

impl Known {
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

/// Which fields came, by index: one bit for each of the first 64, and a set for those behind.
#[derive(Default)]
struct Came {
    first: u64,
    rest: BTreeSet<usize>,
}

impl Came {
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
