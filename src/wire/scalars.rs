//! Values that hold no others.

use secrecy::SecretString;

use super::{Decode, Encode, Place, Value, View};
use crate::range::ByteRange;

/// A scalar that can be read and written: its type, how it is seen, and where it is written.
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
