//! How values travel: a generated type lists its fields once, and all else is written here once.
//!
//! With a serde derive on each of the platform's thousands of types, the compiler would build the
//! same decoder thousands of times. Here a type only says which fields it has, through object-safe
//! traits; encoding, decoding, checking and printing walk that list. `docs/internals/benchmarks.md` has the figures.
//!
//! Two directions, two pairs of traits:
//!
//! - [`Fields`] lists the fields of an object for reading, and [`Encode`] gives a [`View`] of a value.
//! - [`FieldsMut`] gives one for writing, and [`Decode`] gives a [`Place`] to write into.
//!
//! The wire is kinder than the documentation promises, and decoding is lenient: null and a missing
//! key both mean absent, numbers may come as strings and strings as numbers, unknown enum values and
//! unknown keys are kept.

use std::any::Any;
use std::fmt;

use crate::range::ByteRange;

mod body;
mod check;
mod containers;
mod debug;
mod decode;
mod field;
mod json;
mod macros;
mod parameters;
mod scalars;
mod trail;
mod unknown;
mod violation;

pub(crate) use body::Body;
pub use check::check;
pub use debug::debug;
pub(crate) use decode::{Filler, Key, ObjectVisitor, Slot, skip};
pub use decode::{deserialize, from_json};
pub use field::{FieldInfo, Location, OfFile, Rule};
pub use json::{Object, serialize};
pub(crate) use parameters::{path_segment, query, text};
pub use serde_json::{Value, json};
pub(crate) use trail::{Failure, Trail, refuse_all_but_objects};
pub use unknown::Unknown;
pub use violation::Violation;

#[doc(inline)]
pub use crate::{object, object_mut};

/// What the macros of this module need from other crates. Not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use serde;
}

/// The fields of an object, for reading.
pub trait Fields {
    /// What the spec says of the fields, in its order.
    fn fields(&self) -> &'static [FieldInfo];

    /// The value of the field with this index in [`Fields::fields`], absent or not.
    fn value(&self, index: usize) -> Option<&dyn Encode>;

    /// Keys that came from the platform and are not in the spec.
    fn unknown(&self) -> Option<&Unknown> {
        None
    }
}

impl<'o> dyn Fields + 'o {
    /// Calls `visit` with each field in the order of the spec, absent ones too.
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
    /// The field with this index in [`Fields::fields`].
    fn value_mut(&mut self, index: usize) -> Option<&mut dyn Decode>;

    /// Where keys that are not in the spec are kept.
    fn unknown_mut(&mut self) -> &mut Unknown;
}

/// A value that can be read.
pub trait Encode: Send + Sync {
    /// What the value is.
    fn view(&self) -> View<'_>;
}

/// A value that can be written.
pub trait Decode {
    /// A value to write into, as good as absent.
    fn blank() -> Self
    where
        Self: Sized;

    /// Where to write. For an optional value this makes it present: it is called only once a value
    /// other than null has come.
    fn place(&mut self) -> Place<'_>;
}

/// A value, seen for reading.
#[allow(missing_docs)]
pub enum View<'a> {
    /// Not there: left out on the wire.
    Absent,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'a str),
    /// Text that must never be printed.
    Secret(&'a secrecy::SecretString),
    /// Text that is written down only when it is sent.
    Display(&'a dyn fmt::Display),
    Object(&'a dyn Fields),
    List(&'a dyn List),
    Map(&'a dyn Map),
    Any(&'a Value),
    /// Which bytes of a file to send.
    Range(&'a ByteRange),
    /// A part of a multipart body.
    File(&'a dyn FilePart),
}

/// A value, seen for writing.
#[allow(missing_docs)]
pub enum Place<'a> {
    Bool(&'a mut bool),
    Int(&'a mut i64),
    Float(&'a mut f64),
    Str(&'a mut String),
    Secret(&'a mut secrecy::SecretString),
    /// An enum of strings: it takes any text.
    Text(&'a mut dyn TextEnum),
    /// An enum of numbers: it takes any number.
    Number(&'a mut dyn NumberEnum),
    Object(&'a mut dyn FieldsMut),
    List(&'a mut dyn ListMut),
    Map(&'a mut dyn MapMut),
    Any(&'a mut Value),
}

/// A list, for reading.
pub trait List {
    /// How many elements it has.
    fn len(&self) -> usize;
    /// Whether it has none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Calls `visit` with each element in order.
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a dyn Encode));
}

/// A list, for writing.
pub trait ListMut {
    /// Appends a blank element and gives it.
    fn push(&mut self) -> &mut dyn Decode;
    /// Removes the last element, which turned out to be null.
    fn pop(&mut self);
}

/// An object whose keys are data, for reading.
pub trait Map {
    /// How many entries it has.
    fn len(&self) -> usize;
    /// Whether it has none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Calls `visit` with each entry in the order of the keys.
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a dyn Encode));
}

/// An object whose keys are data, for writing.
pub trait MapMut {
    /// Inserts a blank value and gives it.
    fn entry(&mut self, key: &str) -> &mut dyn Decode;
    /// Removes the value, which turned out to be null.
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

/// An enum of strings that keeps values it does not know.
pub trait TextEnum {
    /// Takes the variant for this text.
    fn set(&mut self, value: &str);
}

/// An enum of numbers that keeps values it does not know.
pub trait NumberEnum {
    /// Takes the variant for this number.
    fn set(&mut self, value: i64);
}
