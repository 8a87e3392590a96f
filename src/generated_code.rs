//! What generated code uses, as `g`: short names, the tables of types, and the futures of calls.
//!
//! The compiler reads thousands of generated types, so that each line of them counts: a type is a struct and a table, from which
//! one macro makes all implementations. They are `#[inline]`, which leaves their machine code to the crates that use them.
//! An `async fn` for each endpoint would cost six times as much as a function that returns the future of a generic one.

pub use crate::byte_stream::ByteStream;
pub use crate::client::Client;
pub use crate::endpoint::*;
pub use crate::error::Result;
pub use crate::pagination;
pub use crate::polling;
pub use crate::range::ByteRange;
pub use crate::secret::SecretString;
pub use crate::upload;
pub use crate::upload_source::UploadSource;
pub use crate::wire::Rule::*;
pub use crate::wire::{
    Decode, Encode, FieldInfo, Fields, FieldsMut, OfFile, Place, TextEnum, TimeError, TimeFormat, Unknown, Value, View,
};
pub use crate::wire::{NumberEnum, body, debug, equal, header, path, query, serialize};
pub use crate::{
    __int_enum as int_enum, __received as received, __request as request, __sent as sent, __text_enum as text_enum,
};

/// Sends a request whose response has fields.
pub async fn call<R: Request, T: Decode + FieldsMut + Send>(client: &Client, request: R) -> Result<T> {
    let mut response = T::blank();
    client.call(&request, &mut response).await?;
    Ok(response)
}

/// Sends a request whose response has no data.
pub async fn call_empty<R: Request>(client: &Client, request: R) -> Result<()> {
    client.call_empty(&request).await
}

/// Sends a request whose response is a stream of bytes.
pub async fn fetch<R: Request>(client: &Client, request: R) -> Result<ByteStream> {
    client.fetch(&request).await
}

/// Implements `Fields` with a table: a row is an index, the name of the field, and its `FieldInfo`.
#[doc(hidden)]
#[macro_export]
macro_rules! __fields {
    ($type:ident {} $($unknown:tt)*) => {
        impl $crate::wire::Fields for $type {
            #[inline]
            fn fields(&self) -> &'static [$crate::wire::FieldInfo] {
                &[]
            }

            #[inline]
            fn value(&self, _: usize) -> ::std::option::Option<&dyn $crate::wire::Encode> {
                ::std::option::Option::None
            }

            $($unknown)*
        }

        $crate::object!($type);
    };
    ($type:ident { $($index:tt $field:ident = $info:expr;)* } $($unknown:tt)*) => {
        #[allow(deprecated)]
        impl $crate::wire::Fields for $type {
            #[inline]
            fn fields(&self) -> &'static [$crate::wire::FieldInfo] {
                const FIELDS: &[$crate::wire::FieldInfo] = &[$($info),*];
                FIELDS
            }

            #[inline]
            fn value(&self, index: usize) -> ::std::option::Option<&dyn $crate::wire::Encode> {
                ::std::option::Option::Some(match index {
                    $($index => &self.$field,)*
                    _ => return ::std::option::Option::None,
                })
            }

            $($unknown)*
        }

        $crate::object!($type);
    };
}

/// Implements `Request` and what it needs.
#[doc(hidden)]
#[macro_export]
macro_rules! __request {
    ($type:ident { $($rows:tt)* }) => {
        $crate::__fields!($type { $($rows)* });

        #[allow(deprecated)]
        impl $crate::endpoint::Request for $type {
            #[inline]
            fn endpoint(&self) -> &'static $crate::endpoint::EndpointInfo {
                &Self::ENDPOINT
            }
        }
    };
}

/// Implements the traits of an object in requests.
#[doc(hidden)]
#[macro_export]
macro_rules! __sent {
    ($type:ident { $($rows:tt)* }) => {
        $crate::__fields!($type { $($rows)* });
        $crate::__partial_eq!($type);
    };
}

/// Implements the traits of an object in responses, which has a field `unknown` too.
#[doc(hidden)]
#[macro_export]
macro_rules! __received {
    ($type:ident { $($index:tt $field:ident = $info:expr;)* }) => {
        $crate::__fields!($type { $($index $field = $info;)* }
            #[inline]
            fn unknown(&self) -> ::std::option::Option<&$crate::wire::Unknown> {
                ::std::option::Option::Some(&self.unknown)
            }
        );

        #[allow(deprecated)]
        impl $crate::wire::FieldsMut for $type {
            #[inline]
            #[allow(unreachable_code, unused_variables, reason = "an object without fields")]
            fn value_mut(&mut self, index: usize) -> ::std::option::Option<&mut dyn $crate::wire::Decode> {
                ::std::option::Option::Some(match index {
                    $($index => &mut self.$field,)*
                    _ => return ::std::option::Option::None,
                })
            }

            #[inline]
            fn unknown_mut(&mut self) -> &mut $crate::wire::Unknown {
                &mut self.unknown
            }
        }

        $crate::__deserialize!($type);
        $crate::__partial_eq!($type);
    };
}

/// Implements `PartialEq`.
#[doc(hidden)]
#[macro_export]
macro_rules! __partial_eq {
    ($type:ident) => {
        #[allow(deprecated)]
        impl ::std::cmp::PartialEq for $type {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::wire::equal(self, other)
            }
        }
    };
}

/// Implements an enum of strings: a row is a variant with its value.
#[doc(hidden)]
#[macro_export]
macro_rules! __text_enum {
    ($type:ident { $($variant:ident = $value:literal;)* }) => {
        impl $type {
            /// The value on the wire.
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)*
                    Self::Unrecognized(value) => value,
                }
            }
        }

        impl ::std::convert::From<&str> for $type {
            #[inline]
            fn from(value: &str) -> Self {
                match value {
                    $($value => Self::$variant,)*
                    _ => Self::Unrecognized(::std::borrow::ToOwned::to_owned(value)),
                }
            }
        }

        $crate::__enum!($type, TextEnum, &str, Text, Str, as_str);
    };
}

/// Implements an enum of integers: a row is a variant with its value.
#[doc(hidden)]
#[macro_export]
macro_rules! __int_enum {
    ($type:ident { $($variant:ident = $value:literal;)* }) => {
        impl $type {
            /// The value on the wire.
            #[inline]
            pub fn value(&self) -> i64 {
                match self {
                    $(Self::$variant => $value,)*
                    Self::Unrecognized(value) => *value,
                }
            }
        }

        impl ::std::convert::From<i64> for $type {
            #[inline]
            fn from(value: i64) -> Self {
                match value {
                    $($value => Self::$variant,)*
                    _ => Self::Unrecognized(value),
                }
            }
        }

        $crate::__enum!($type, NumberEnum, i64, Number, Int, value);
    };
}

/// Implements the traits of `wire` for an enum.
#[doc(hidden)]
#[macro_export]
macro_rules! __enum {
    ($type:ident, $setter:ident, $value:ty, $place:ident, $view:ident, $getter:ident) => {
        /// An unrecognized value: empty, or zero.
        impl ::std::default::Default for $type {
            #[inline]
            fn default() -> Self {
                Self::Unrecognized(::std::default::Default::default())
            }
        }

        impl $crate::wire::$setter for $type {
            #[inline]
            fn set(&mut self, value: $value) {
                *self = Self::from(value);
            }
        }

        impl $crate::wire::Encode for $type {
            #[inline]
            fn view(&self) -> $crate::wire::View<'_> {
                $crate::wire::View::$view(self.$getter())
            }
        }

        impl $crate::wire::Decode for $type {
            #[inline]
            fn blank() -> Self {
                ::std::default::Default::default()
            }

            #[inline]
            fn place(&mut self) -> $crate::wire::Place<'_> {
                $crate::wire::Place::$place(self)
            }
        }
    };
}
