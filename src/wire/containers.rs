//! Values that hold others.

use std::collections::BTreeMap;

use super::{Decode, Encode, List, ListMut, Map, MapMut, Place, View};

impl<T: Encode> Encode for Option<T> {
    #[inline]
    fn view(&self) -> View<'_> {
        self.as_ref().map_or(View::Absent, Encode::view)
    }
}

impl<T: Decode> Decode for Option<T> {
    #[inline]
    fn blank() -> Self {
        None
    }

    #[inline]
    fn place(&mut self) -> Place<'_> {
        self.get_or_insert_with(T::blank).place()
    }
}

impl<T: Encode> Encode for Box<T> {
    fn view(&self) -> View<'_> {
        (**self).view()
    }
}

impl<T: Decode> Decode for Box<T> {
    fn blank() -> Self {
        Box::new(T::blank())
    }

    fn place(&mut self) -> Place<'_> {
        (**self).place()
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn view(&self) -> View<'_> {
        View::List(self)
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn blank() -> Self {
        Self::new()
    }

    fn place(&mut self) -> Place<'_> {
        // Of a key that comes twice, the last value counts, as everywhere in JSON.
        self.clear();
        Place::List(self)
    }
}

impl<T: Encode> List for Vec<T> {
    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a dyn Encode)) {
        for element in self {
            visit(element);
        }
    }
}

impl<T: Decode> ListMut for Vec<T> {
    #[inline]
    fn push(&mut self) -> &mut dyn Decode {
        self.push_mut(T::blank())
    }

    fn pop(&mut self) {
        Vec::pop(self);
    }
}

impl<T: Encode> Encode for BTreeMap<String, T> {
    fn view(&self) -> View<'_> {
        View::Map(self)
    }
}

impl<T: Decode> Decode for BTreeMap<String, T> {
    fn blank() -> Self {
        Self::new()
    }

    fn place(&mut self) -> Place<'_> {
        self.clear();
        Place::Map(self)
    }
}

impl<T: Encode> Map for BTreeMap<String, T> {
    fn len(&self) -> usize {
        BTreeMap::len(self)
    }

    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a dyn Encode)) {
        for (key, value) in self {
            visit(key, value);
        }
    }
}

impl<T: Decode> MapMut for BTreeMap<String, T> {
    fn entry(&mut self, key: &str) -> &mut dyn Decode {
        // Blank again if the key comes twice.
        self.remove(key);
        BTreeMap::entry(self, key.to_owned()).or_insert_with(T::blank)
    }

    fn remove(&mut self, key: &str) {
        BTreeMap::remove(self, key);
    }
}
