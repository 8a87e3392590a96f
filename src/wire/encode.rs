//! Encoding of values: as JSON through serde, as text in paths, queries, headers and multipart bodies, and as `Debug`.

use std::borrow::Cow;
use std::fmt::{self, Debug as _};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{Encode, FieldInfo, Fields, List, Location, Map, View};
use crate::secret::REDACTED;

/// Every character but those that RFC 3986 leaves unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Serializes an object in any serde format; `Serialize` of generated types calls this.
///
/// The output is that of the wire and contains secrets; `Debug` redacts them.
///
/// # Errors
///
/// Those of the format.
pub fn serialize<S: Serializer>(fields: &dyn Fields, serializer: S) -> Result<S::Ok, S::Error> {
    Object(fields).serialize(serializer)
}

/// An object as a serde value.
pub struct Object<'a>(pub &'a dyn Fields);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut result = Ok(());
        let unknown = self.0.unknown().filter(|unknown| !unknown.is_empty());
        self.0.each(&mut |field, value| {
            let view = value.view();
            // A raw value of the field takes its place.
            let is_raw = unknown.is_some_and(|unknown| unknown.has_key(field.key));
            if result.is_err() || is_raw || matches!(view, View::Absent) {
                return;
            }
            let kept = || serde_json::to_value(JsonValue(value.view())).ok();
            result = match unknown.and_then(|unknown| unknown.restored(field.key, kept)) {
                Some(restored) => map.serialize_entry(field.key, &restored),
                None => map.serialize_entry(field.key, &JsonValue(view)),
            };
        });
        result?;
        for (key, value) in unknown.iter().flat_map(|unknown| unknown.keys()) {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// A value as a serde value.
struct JsonValue<'a>(pub View<'a>);

impl Serialize for JsonValue<'_> {
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
            View::File(_) => Err(S::Error::custom("files are supported in multipart bodies only")),
        }
    }
}

fn list<S: Serializer>(list: &dyn List, serializer: S) -> Result<S::Ok, S::Error> {
    let mut sequence = serializer.serialize_seq(Some(list.len()))?;
    let mut result = Ok(());
    list.each(&mut |element: &dyn Encode| {
        if result.is_ok() {
            result = sequence.serialize_element(&JsonValue(element.view()));
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
            result = entries.serialize_entry(key, &JsonValue(value.view()));
        }
    });
    result?;
    entries.end()
}

/// The body of a request: its fields without those in path, query and headers.
pub(crate) struct Body<'a>(pub &'a dyn Fields);

impl<'a> Body<'a> {
    /// Calls `visit` with each present field of the body.
    pub(crate) fn each(&self, visit: &mut dyn FnMut(&'static FieldInfo, &'a dyn Encode)) {
        self.0.each(&mut |field, value| {
            if field.location == Location::Body && !matches!(value.view(), View::Absent) {
                visit(field, value);
            }
        });
    }

    /// Adds the fields to a serialized object.
    pub(crate) fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let mut result = Ok(());
        self.each(&mut |field, value| {
            if result.is_ok() {
                result = map.serialize_entry(field.key, &JsonValue(value.view()));
            }
        });
        result
    }
}

/// Returns the last path parameter, in all endpoints that return a file the token or id of the file.
pub(crate) fn last_path_parameter(fields: &dyn Fields) -> Option<String> {
    let mut last = None;
    fields.each(&mut |field, value| {
        if field.location == Location::Path {
            last = text(&value.view()).map(Cow::into_owned);
        }
    });
    last
}

/// Returns a value as text: scalars as they are, others as JSON; `None` if absent.
pub(crate) fn text<'a>(view: &View<'a>) -> Option<Cow<'a, str>> {
    Some(Cow::Owned(match view {
        View::Absent | View::File(_) => return None,
        View::Str(value) => return Some(Cow::Borrowed(value)),
        View::Secret(value) => return Some(Cow::Borrowed(value.expose_secret())),
        View::Bool(value) => value.to_string(),
        View::Int(value) => value.to_string(),
        View::Float(value) => value.to_string(),
        View::Display(value) => value.to_string(),
        View::Range(value) => value.to_string(),
        View::Object(value) => serde_json::to_string(&JsonValue(View::Object(*value))).ok()?,
        View::List(value) => serde_json::to_string(&JsonValue(View::List(*value))).ok()?,
        View::Map(value) => serde_json::to_string(&JsonValue(View::Map(*value))).ok()?,
        View::Any(value) => value.to_string(),
    }))
}

/// Encodes a value as one path segment.
pub(crate) fn path_segment(text: &str) -> String {
    let mut segment = String::new();
    push_segment(&mut segment, text);
    segment
}

/// Adds a value to a path as one segment. `.` and `..` cannot be encoded, and validation rejects them.
pub(crate) fn push_segment(path: &mut String, text: &str) {
    path.extend(utf8_percent_encode(text, RESERVED));
}

/// Adds a parameter to a query, which begins with a question mark unless it is empty or stands alone.
pub(crate) fn push_query(query: &mut String, key: &str, value: &str) {
    if !query.is_empty() && !query.ends_with('?') {
        query.push('&');
    }
    query.extend(utf8_percent_encode(key, RESERVED));
    query.push('=');
    query.extend(utf8_percent_encode(value, RESERVED));
}

/// Adds the parameters of a request to a query. A list repeats its key for each element.
pub(crate) fn push_parameters(query: &mut String, fields: &dyn Fields) {
    let mut pair = |key: &str, view: &View<'_>| {
        if let Some(text) = text(view) {
            push_query(query, key, &text);
        }
    };
    fields.each(&mut |field, value| {
        if field.location != Location::Query {
            return;
        }
        match value.view() {
            View::List(list) => list.each(&mut |element| pair(field.key, &element.view())),
            view => pair(field.key, &view),
        }
    });
}

/// Implements `Debug` of generated types: absent fields are omitted; secrets and unknown keys, which may be secret, are redacted.
///
/// # Errors
///
/// Those of the formatter.
pub fn debug(name: &str, fields: &dyn Fields, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(name)?;
    f.write_str(" ")?;
    Braces(fields).fmt(f)
}

struct Braces<'a>(&'a dyn Fields);

impl fmt::Debug for Braces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        let unknown = self.0.unknown();
        self.0.each(&mut |field, value| {
            let view = value.view();
            let is_raw = unknown.is_some_and(|unknown| unknown.has_key(field.key));
            if !is_raw && !matches!(view, View::Absent) {
                map.entry(&Plain(field.key), &Seen(view));
            }
        });
        for (key, _) in unknown.iter().flat_map(|unknown| unknown.iter()) {
            map.entry(&Plain(key), &Plain(REDACTED));
        }
        map.finish()
    }
}

/// Text without quotes.
struct Plain<'a>(&'a str);

impl fmt::Debug for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

struct Seen<'a>(View<'a>);

impl fmt::Debug for Seen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            View::Absent => f.write_str("absent"),
            View::Bool(value) => value.fmt(f),
            View::Int(value) => value.fmt(f),
            View::Float(value) => value.fmt(f),
            View::Str(value) => value.fmt(f),
            View::Secret(_) => f.write_str(REDACTED),
            View::Display(value) => fmt::Display::fmt(value, f),
            View::Range(value) => fmt::Display::fmt(value, f),
            View::Object(value) => Braces(*value).fmt(f),
            View::List(value) => write_list(*value, f),
            View::Map(value) => write_map(*value, f),
            View::Any(value) => value.fmt(f),
            View::File(value) => value.fmt(f),
        }
    }
}

fn write_list(list: &dyn List, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut elements = f.debug_list();
    list.each(&mut |element: &dyn Encode| {
        elements.entry(&Seen(element.view()));
    });
    elements.finish()
}

fn write_map(map: &dyn Map, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut entries = f.debug_map();
    map.each(&mut |key, value| {
        entries.entry(&key, &Seen(value.view()));
    });
    entries.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A parameter out of what has led astray before.
    fn nasty(rng: &mut fastrand::Rng) -> String {
        const PARTS: [&str; 20] = [
            "/", "\\", "..", ".", "?", "#", "%2e", "%2F", "%", ";", "&", "=", "@", ":", "\t", "\n", "\0", " ", "长",
            "a",
        ];
        let count = rng.usize(1..10);
        (0..count).map(|_| PARTS[rng.usize(..PARTS.len())]).collect()
    }

    #[test]
    fn a_million_parameters_keep_the_path() {
        let (count, mut rng) = crate::sampling::cases(1_000_000, 20_000);
        for _ in 0..count {
            let parameter = nasty(&mut rng);
            let segment = path_segment(&parameter);
            let escaped = segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'%'));
            assert!(escaped, "{parameter:?}: {segment}");
            // Validation rejects exactly these two.
            if matches!(parameter.as_str(), "." | "..") {
                continue;
            }
            let expected = format!("https://host/files/{segment}/download");
            let url = reqwest::Url::parse(&expected).unwrap();
            assert_eq!(url.as_str(), expected, "{parameter:?}");
        }
    }
}
