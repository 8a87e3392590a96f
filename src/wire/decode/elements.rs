//! The elements of lists and maps.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::{Key, Slot};
use crate::wire::{ListMut, MapMut, Place, Trail};

/// The next element of a list.
pub(super) struct Element<'a> {
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
pub(super) struct MapVisitor<'a> {
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
