//! Equality of objects, field by field.

use super::{Encode, Fields, List, Map, View};
use crate::secret::is_same_secret;

/// Returns whether two objects of one type have equal values; `PartialEq` of generated types calls this.
///
/// Unknown fields count. As in Rust, a float that is not a number equals nothing. Files are equal if they are the same value.
pub fn equal(one: &dyn Fields, other: &dyn Fields) -> bool {
    let count = one.fields().len();
    let is_same = |index| match (one.value(index), other.value(index)) {
        (Some(one), Some(other)) => is_equal(one, other),
        (one, other) => one.is_none() && other.is_none(),
    };
    count == other.fields().len() && one.unknown() == other.unknown() && (0..count).all(is_same)
}

fn is_equal(one: &dyn Encode, other: &dyn Encode) -> bool {
    match (one.view(), other.view()) {
        (View::Absent, View::Absent) => true,
        (View::Bool(one), View::Bool(other)) => one == other,
        (View::Int(one), View::Int(other)) => one == other,
        (View::Float(one), View::Float(other)) => one == other,
        (View::Str(one), View::Str(other)) => one == other,
        (View::Secret(one), View::Secret(other)) => is_same_secret(one, other),
        (View::Display(one), View::Display(other)) => one.to_string() == other.to_string(),
        (View::Object(one), View::Object(other)) => equal(one, other),
        (View::List(one), View::List(other)) => {
            one.len() == other.len()
                && elements(one)
                    .into_iter()
                    .zip(elements(other))
                    .all(|(a, b)| is_equal(a, b))
        }
        (View::Map(one), View::Map(other)) => {
            let pairs = entries(one).into_iter().zip(entries(other));
            one.len() == other.len()
                && pairs
                    .into_iter()
                    .all(|((a, one), (b, other))| a == b && is_equal(one, other))
        }
        (View::Any(one), View::Any(other)) => one == other,
        (View::Range(one), View::Range(other)) => one == other,
        (View::File(one), View::File(other)) => std::ptr::addr_eq(one, other),
        _ => false,
    }
}

fn elements(list: &dyn List) -> Vec<&dyn Encode> {
    let mut elements = Vec::with_capacity(list.len());
    list.each(&mut |element| elements.push(element));
    elements
}

fn entries(map: &dyn Map) -> Vec<(&str, &dyn Encode)> {
    let mut entries = Vec::with_capacity(map.len());
    map.each(&mut |key, value| entries.push((key, value)));
    entries
}
