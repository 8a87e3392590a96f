//! `Debug` of objects: absent fields are omitted; secrets and unknown keys, which may be secret, are redacted.

use std::fmt::{self, Debug as _};

use super::{Encode, Fields, List, Map, View};
use crate::secret::REDACTED;

/// Implements `Debug` of generated types.
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
        self.0.each(&mut |field, value| {
            let view = value.view();
            if !matches!(view, View::Absent) {
                map.entry(&Plain(field.key), &Seen(view));
            }
        });
        for (key, _) in self.0.unknown().iter().flat_map(|unknown| unknown.iter()) {
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
            View::List(value) => list(*value, f),
            View::Map(value) => map(*value, f),
            View::Any(value) => value.fmt(f),
            View::File(value) => value.fmt(f),
        }
    }
}

fn list(list: &dyn List, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut elements = f.debug_list();
    list.each(&mut |element: &dyn Encode| {
        elements.entry(&Seen(element.view()));
    });
    elements.finish()
}

fn map(map: &dyn Map, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut entries = f.debug_map();
    map.each(&mut |key, value| {
        entries.entry(&key, &Seen(value.view()));
    });
    entries.finish()
}
