//! Encoding, decoding and validation of values, through field lists of generated types.
//!
//! With a serde derive on each of the platform's thousands of types, the compiler would build the
//! same decoder thousands of times. Here a type only lists its fields, through object-safe
//! traits; encoding, decoding, checking and printing walk that list. `docs/internals/benchmarks.md` has the figures.
//!
//! Two directions, two pairs of traits:
//!
//! - [`Fields`] lists the fields of an object for reading, and [`Encode`] returns a [`View`] of a value.
//! - [`FieldsMut`] lists them for writing, and [`Decode`] returns a [`Place`] to write into.
//!
//! Decoding is lenient: null and a missing key both mean absent, numbers may be strings and strings numbers, and unknown enum
//! values and unknown keys are preserved. A value that does not fit the type of an optional field, or of an element of a list
//! or map, is left out: its raw value is in [`Unknown`], and a warning names its path. A required field is an error.

use std::any::Any;
use std::fmt;

use crate::range::ByteRange;

mod decode;
mod encode;
mod equal;
mod fields;
mod json_path;
mod time_format;
mod unknown;
mod validate;
mod values;

#[doc(inline)]
pub use crate::{object, object_mut};
pub(crate) use decode::{Filler, Key, ObjectVisitor, Slot, skip};
pub use decode::{deserialize, from_json};
pub(crate) use encode::{Body, last_path_parameter, path_segment, push_parameters, push_query, push_segment, text};
pub use encode::{Object, debug, serialize};
pub use equal::equal;
pub use fields::{FieldInfo, Location, OfFile, Rule};
#[doc(hidden)]
pub use fields::{body, header, path, query};
pub(crate) use json_path::{Decoded, Failure, Mismatch, Trail, refuse_all_but_objects, warn};
pub use serde_json::{Value, json};
pub use time_format::{TimeError, TimeFormat};
pub use unknown::Unknown;
pub(crate) use validate::validate_sendable;
pub use validate::{Violation, validate};

/// What the macros of this module use.
#[doc(hidden)]
pub mod __private {
    pub use serde;

    use super::{Decode, FieldsMut, deserialize};

    /// Decodes an object as [`deserialize`] does.
    #[inline]
    pub fn deserialized<'de, T: Decode + FieldsMut, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let mut value = T::blank();
        deserialize(deserializer, &mut value)?;
        Ok(value)
    }
}

/// The fields of an object, for reading.
pub trait Fields {
    /// Returns the fields in the order of the spec.
    fn fields(&self) -> &'static [FieldInfo];

    /// Returns the value of the field with this index in [`Fields::fields`].
    fn value(&self, index: usize) -> Option<&dyn Encode>;

    /// Returns what a response contains beyond the values of the fields.
    fn unknown(&self) -> Option<&Unknown> {
        None
    }
}

impl<'o> dyn Fields + 'o {
    /// Calls `visit` with each field in the order of the spec, including absent ones.
    pub fn each<'a>(&'a self, visit: &mut dyn FnMut(&'static FieldInfo, &'a dyn Encode)) {
        for (index, field) in self.fields().iter().enumerate() {
            if let Some(value) = self.value(index) {
                visit(field, value);
            }
        }
    }
}

/// The fields of an object, for writing.
pub trait FieldsMut: Fields {
    /// Returns the field with this index in [`Fields::fields`].
    fn value_mut(&mut self, index: usize) -> Option<&mut dyn Decode>;

    /// Returns the storage for what a response contains beyond the values of the fields.
    fn unknown_mut(&mut self) -> &mut Unknown;
}

/// A value that can be read.
pub trait Encode: Send + Sync {
    /// Returns a view of the value.
    fn view(&self) -> View<'_>;
}

/// A value that can be written.
pub trait Decode {
    /// Creates an absent value to write into.
    fn blank() -> Self
    where
        Self: Sized;

    /// Returns the place to write into. This makes an optional value present, so it is called for values other than null only.
    fn place(&mut self) -> Place<'_>;

    /// Makes the value absent, and returns whether it can be absent.
    fn clear(&mut self) -> bool {
        false
    }
}

/// Makes a value absent or, if it cannot be, an object without values.
fn reset(value: &mut dyn Decode) {
    if value.clear() {
        return;
    }
    if let Place::Object(fields) = value.place() {
        reset_fields(fields);
    }
}

/// Makes an object one without values.
pub(crate) fn reset_fields(fields: &mut dyn FieldsMut) {
    for index in 0..fields.fields().len() {
        if let Some(value) = fields.value_mut(index) {
            reset(value);
        }
    }
    *fields.unknown_mut() = Unknown::default();
}

/// A view of a value for reading.
#[allow(missing_docs)]
pub enum View<'a> {
    /// Absent: omitted on the wire.
    Absent,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'a str),
    /// Text that must never be printed.
    Secret(&'a secrecy::SecretString),
    /// Text that is formatted when it is sent.
    Display(&'a dyn fmt::Display),
    Object(&'a dyn Fields),
    List(&'a dyn List),
    Map(&'a dyn Map),
    Any(&'a Value),
    /// A range of bytes of a file.
    Range(&'a ByteRange),
    /// A part of a multipart body.
    File(&'a dyn FilePart),
}

/// A view of a value for writing.
#[allow(missing_docs)]
pub enum Place<'a> {
    Bool(&'a mut bool),
    Int(&'a mut i64),
    Float(&'a mut f64),
    Str(&'a mut String),
    Secret(&'a mut secrecy::SecretString),
    /// An enum of strings, which accepts any text.
    Text(&'a mut dyn TextEnum),
    /// An enum of numbers, which accepts any number.
    Number(&'a mut dyn NumberEnum),
    Object(&'a mut dyn FieldsMut),
    List(&'a mut dyn ListMut),
    Map(&'a mut dyn MapMut),
    Any(&'a mut Value),
}

/// A list, for reading.
pub trait List {
    /// Returns the number of elements.
    fn len(&self) -> usize;
    /// Returns whether it is empty.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Calls `visit` with each element in order.
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a dyn Encode));
}

/// A list, for writing.
pub trait ListMut {
    /// Appends a blank element and returns it.
    fn push(&mut self) -> &mut dyn Decode;
    /// Removes the last element, after null or a value that does not fit was decoded.
    fn pop(&mut self);
}

/// An object whose keys are data, for reading.
pub trait Map {
    /// Returns the number of entries.
    fn len(&self) -> usize;
    /// Returns whether it is empty.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Calls `visit` with each entry in the order of the keys.
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a dyn Encode));
}

/// An object whose keys are data, for writing.
pub trait MapMut {
    /// Inserts a blank value and returns it.
    fn entry(&mut self, key: &str) -> &mut dyn Decode;
    /// Removes the value, after null or a value that does not fit was decoded.
    fn remove(&mut self, key: &str);
}

/// A file that a request sends as a part of a multipart body. [`UploadSource`](crate::UploadSource) is the only one that
/// the client sends.
pub trait FilePart: Any + fmt::Debug + Send + Sync {
    /// Returns the file name that the platform receives.
    fn file_name(&self) -> &str;

    /// Returns the number of bytes; `None` for a file at a path, which is not read before the request is sent.
    fn length(&self) -> Option<u64>;

    /// Returns whether the content can be sent again.
    fn is_repeatable(&self) -> bool;
}

/// An enum of strings that preserves unknown values.
pub trait TextEnum {
    /// Sets the variant for this text.
    fn set(&mut self, value: &str);
}

/// An enum of numbers that preserves unknown values.
pub trait NumberEnum {
    /// Sets the variant for this number.
    fn set(&mut self, value: i64);
}

/// Implements `Debug` and `Serialize` for a type with [`Fields`](crate::wire::Fields).
#[macro_export]
macro_rules! object {
    ($type:ident) => {
        #[allow(deprecated)]
        impl ::std::fmt::Debug for $type {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::wire::debug(stringify!($type), self, f)
            }
        }

        #[allow(deprecated)]
        impl $crate::wire::__private::serde::Serialize for $type {
            #[inline]
            fn serialize<S: $crate::wire::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::wire::serialize(self, serializer)
            }
        }
    };
}

/// Implements `Default` and `Deserialize` for a type with [`FieldsMut`](crate::wire::FieldsMut) and a field `unknown`. It takes
/// the names of all other fields.
#[macro_export]
macro_rules! object_mut {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl ::std::default::Default for $type {
            fn default() -> Self {
                Self {
                    $($field: $crate::wire::Decode::blank(),)*
                    unknown: ::std::default::Default::default(),
                }
            }
        }

        $crate::__deserialize!($type);
    };
}

/// Implements `Deserialize` for a type with `FieldsMut` and `Default`.
#[doc(hidden)]
#[macro_export]
macro_rules! __deserialize {
    ($type:ident) => {
        #[allow(deprecated)]
        impl<'de> $crate::wire::__private::serde::Deserialize<'de> for $type {
            #[inline]
            fn deserialize<D: $crate::wire::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::wire::__private::deserialized(deserializer)
            }
        }
    };
}
