//! From a value to JSON, through serde.

use secrecy::ExposeSecret;
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{Encode, Fields, List, Map, View};

/// Writes an object in any format of serde; `Serialize` of generated types is this.
///
/// It is the form in which the platform sends and takes the object, secrets in clear text with it:
/// for logs there is `Debug`, which redacts them.
///
/// # Errors
///
/// Those of the format.
pub fn serialize<S: Serializer>(fields: &dyn Fields, serializer: S) -> Result<S::Ok, S::Error> {
    Object(fields).serialize(serializer)
}

/// An object that serde can write.
pub struct Object<'a>(pub &'a dyn Fields);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut result = Ok(());
        self.0.each(&mut |field, value| {
            let view = value.view();
            if result.is_ok() && !matches!(view, View::Absent) {
                result = map.serialize_entry(field.key, &Seen(view));
            }
        });
        result?;
        for (key, value) in self.0.unknown().iter().flat_map(|unknown| unknown.iter()) {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// A value that serde can write.
pub(super) struct Seen<'a>(pub View<'a>);

impl Serialize for Seen<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            View::Absent => serializer.serialize_none(),
            View::Bool(value) => serializer.serialize_bool(*value),
            View::Int(value) => serializer.serialize_i64(*value),
            View::Float(value) => serializer.serialize_f64(*value),
            View::Str(value) => serializer.serialize_str(value),
            View::Secret(value) => serializer.serialize_str(value.expose_secret()),
            View::Display(value) => serializer.collect_str(value),
            View::Range(value) => serializer.collect_str(value),
            View::Object(value) => Object(*value).serialize(serializer),
            View::List(value) => list(*value, serializer),
            View::Map(value) => map(*value, serializer),
            View::Any(value) => value.serialize(serializer),
            View::File(_) => Err(S::Error::custom("a file travels in a multipart body alone")),
        }
    }
}

fn list<S: Serializer>(list: &dyn List, serializer: S) -> Result<S::Ok, S::Error> {
    let mut sequence = serializer.serialize_seq(Some(list.len()))?;
    let mut result = Ok(());
    list.each(&mut |element: &dyn Encode| {
        if result.is_ok() {
            result = sequence.serialize_element(&Seen(element.view()));
        }
    });
    result?;
    sequence.end()
}

fn map<S: Serializer>(map: &dyn Map, serializer: S) -> Result<S::Ok, S::Error> {
    let mut entries = serializer.serialize_map(Some(map.len()))?;
    let mut result = Ok(());
    map.each(&mut |key, value| {
        if result.is_ok() {
            result = entries.serialize_entry(key, &Seen(value.view()));
        }
    });
    result?;
    entries.end()
}
