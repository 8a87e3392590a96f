//! What decoding costs beside a serde derive: the same answer into the same fields.
//!
//! `cargo bench --bench decode` prints both; `docs/benchmarks.md` has the figures.

// A benchmark is no library.
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use larkspur::wire::{
    self, Decode, Encode, Field, Fields, FieldsMut, Place, TextEnum, Unknown, Value, View, object,
    object_mut,
};

/// One type with a field list and one with a derive, of the same name in two modules.
macro_rules! both {
    ($name:ident { $($field:ident: $type:ty),* $(,)? } required $required:expr) => {
        both!(@listed $name { $($field: $type),* } $required);
        both!(@derived $name { $($field: $type),* });
    };
    (@listed $name:ident { $($field:ident: $type:ty),* } $required:expr) => {
        #[derive(Clone)]
        pub struct $name {
            $(pub $field: $type,)*
            pub unknown: Unknown,
        }

        impl Fields for $name {
            fn each<'a>(&'a self, visit: &mut dyn FnMut(&'static Field, &'a dyn Encode)) {
                $({
                    static FIELD: Field = Field::body(stringify!($field));
                    visit(&FIELD, &self.$field);
                })*
            }

            fn unknown(&self) -> Option<&Unknown> {
                Some(&self.unknown)
            }
        }

        impl FieldsMut for $name {
            #[inline]
            fn field(&mut self, key: &str) -> Option<&mut dyn Decode> {
                Some(match key {
                    $(stringify!($field) => &mut self.$field,)*
                    _ => return None,
                })
            }

            fn unknown_mut(&mut self) -> &mut Unknown {
                &mut self.unknown
            }

            fn required(&self) -> &'static [&'static str] {
                &$required
            }
        }

        object!($name);
        object_mut!($name { $($field),* });
    };
    (@derived $name:ident { $($field:ident: $type:ty),* }) => {
        paste_derived!($name { $($field: $type),* });
    };
}
