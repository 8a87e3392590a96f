//! `Encode` and `Decode` for scalars, options, lists and maps.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::{Decode, Encode, FieldInfo, Fields, FieldsMut, List, ListMut, Map, MapMut, Place, Unknown, Value, View};
use crate::range::ByteRange;

/// Implements `Encode` and `Decode` for a scalar.
macro_rules! scalar {
    ($type:ty, $value:ident => $view:expr, $variant:ident) => {
        impl Encode for $type {
            #[inline]
            fn view(&self) -> View<'_> {
                let $value = self;
                $view
            }
        }

        impl Decode for $type {
            #[inline]
            fn blank() -> Self {
                <$type>::default()
            }

            #[inline]
            fn place(&mut self) -> Place<'_> {
                Place::$variant(self)
            }
        }
    };
}

scalar!(bool, value => View::Bool(*value), Bool);
scalar!(i64, value => View::Int(*value), Int);
scalar!(f64, value => View::Float(*value), Float);
scalar!(String, value => View::Str(value), Str);
scalar!(SecretString, value => View::Secret(value), Secret);
scalar!(Value, value => View::Any(value), Any);

impl Encode for ByteRange {
    fn view(&self) -> View<'_> {
        View::Range(self)
    }
}

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

    fn clear(&mut self) -> bool {
        *self = None;
        true
    }
}

/// An object.
impl<T: Fields + Send + Sync> Encode for T {
    #[inline]
    fn view(&self) -> View<'_> {
        View::Object(self)
    }
}

/// An object of a response.
impl<T: FieldsMut + Default> Decode for T {
    #[inline]
    fn blank() -> Self {
        Self::default()
    }

    #[inline]
    fn place(&mut self) -> Place<'_> {
        Place::Object(self)
    }
}

/// An object in an object of its own type.
impl<T: Fields> Fields for Box<T> {
    fn fields(&self) -> &'static [FieldInfo] {
        (**self).fields()
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        (**self).value(index)
    }

    fn unknown(&self) -> Option<&Unknown> {
        (**self).unknown()
    }
}

impl<T: FieldsMut> FieldsMut for Box<T> {
    fn value_mut(&mut self, index: usize) -> Option<&mut dyn Decode> {
        (**self).value_mut(index)
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        (**self).unknown_mut()
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
        // The last value of a duplicate key wins, as usual in JSON.
        Vec::clear(self);
        Place::List(self)
    }

    fn clear(&mut self) -> bool {
        Vec::clear(self);
        true
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
        BTreeMap::clear(self);
        Place::Map(self)
    }

    fn clear(&mut self) -> bool {
        BTreeMap::clear(self);
        true
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
        // Blank again for a duplicate key.
        self.remove(key);
        BTreeMap::entry(self, key.to_owned()).or_insert_with(T::blank)
    }

    fn remove(&mut self, key: &str) {
        BTreeMap::remove(self, key);
    }
}
