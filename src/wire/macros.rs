//! Macros that implement traits of generated types.

/// Implements `Encode`, `Debug` and `Serialize` for a type with [`Fields`](crate::wire::Fields).
#[macro_export]
macro_rules! object {
    ($type:ident) => {
        impl $crate::wire::Encode for $type {
            fn view(&self) -> $crate::wire::View<'_> {
                $crate::wire::View::Object(self)
            }
        }

        impl ::std::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::wire::debug(stringify!($type), self, f)
            }
        }

        impl $crate::wire::__private::serde::Serialize for $type {
            fn serialize<S: $crate::wire::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::wire::serialize(self, serializer)
            }
        }
    };
}

/// Implements `Decode` and `Deserialize` for a type with [`FieldsMut`](crate::wire::FieldsMut) and a field `unknown`. It takes
/// the names of all other fields.
#[macro_export]
macro_rules! object_mut {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl $crate::wire::Decode for $type {
            fn blank() -> Self {
                Self {
                    $($field: $crate::wire::Decode::blank(),)*
                    unknown: ::std::default::Default::default(),
                }
            }

            #[inline]
            fn place(&mut self) -> $crate::wire::Place<'_> {
                $crate::wire::Place::Object(self)
            }
        }

        impl<'de> $crate::wire::__private::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::wire::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let mut value = <Self as $crate::wire::Decode>::blank();
                $crate::wire::deserialize(deserializer, &mut value)?;
                ::std::result::Result::Ok(value)
            }
        }
    };
}
