//! Objects with known fields.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::{Key, Slot};
use crate::wire::{FieldsMut, Trail};

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
    required: Required,
}

impl<'a> Filler<'a> {
    #[inline]
    pub(crate) fn new(fields: &'a mut dyn FieldsMut, trail: &'a Trail) -> Self {
        let required = Required::new(fields.required());
        Self {
            fields,
            trail,
            required,
        }
    }

    /// Takes the value of a key that has just been read.
    #[inline]
    pub(crate) fn take<'de, A: MapAccess<'de>>(
        &mut self,
        key: &str,
        entries: &mut A,
    ) -> Result<(), A::Error> {
        let present = match self.fields.field(key) {
            Some(value) => entries.next_value_seed(Slot {
                value,
                trail: self.trail,
            }),
            None => entries.next_value().map(|value| {
                self.fields.unknown_mut().insert(key, value);
                true
            }),
        };
        match present {
            Ok(true) => self.required.came(key),
            Ok(false) => {}
            Err(error) => {
                self.trail.key(key);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Ends the object: nothing that is required may be missing.
    #[inline]
    pub(crate) fn finish<E: serde::de::Error>(self) -> Result<(), E> {
        match self.required.missing() {
            None => Ok(()),
            Some(key) => {
                self.trail.mismatch("a value", "nothing");
                self.trail.key(key);
                Err(E::custom("a required key is missing"))
            }
        }
    }
}

/// Which of the required keys are still missing: one bit for each of the first 64.
struct Required {
    keys: &'static [&'static str],
    missing: u64,
    /// The one after the last that came; answers mostly keep the order of the documentation.
    next: usize,
}

impl Required {
    #[inline]
    fn new(keys: &'static [&'static str]) -> Self {
        let spare = 64_usize.saturating_sub(keys.len());
        Self {
            keys,
            missing: u64::MAX.checked_shr(spare as u32).unwrap_or(0),
            next: 0,
        }
    }

    #[inline]
    fn came(&mut self, key: &str) {
        if self.missing == 0 {
            return;
        }
        let found = match self.keys.get(self.next) {
            Some(next) if *next == key => Some(self.next),
            _ => self.keys.iter().position(|known| *known == key),
        };
        if let Some(index) = found {
            self.missing &= !1_u64.checked_shl(index as u32).unwrap_or(0);
            self.next = index + 1;
        }
    }

    #[inline]
    fn missing(&self) -> Option<&'static str> {
        if self.missing == 0 {
            return None;
        }
        self.keys
            .get(self.missing.trailing_zeros() as usize)
            .copied()
    }
}
