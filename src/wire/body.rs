//! The body of a request: its fields without those that travel in the path, the query or headers.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::json::Seen;
use super::{Encode, FieldInfo, Fields, Location, View};

/// What of a request travels in the body.
pub(crate) struct Body<'a>(pub &'a dyn Fields);

impl<'a> Body<'a> {
    /// The fields of the body that are there.
    pub(crate) fn each(&self, visit: &mut dyn FnMut(&'static FieldInfo, &'a dyn Encode)) {
        self.0.each(&mut |field, value| {
            if field.location == Location::Body && !matches!(value.view(), View::Absent) {
                visit(field, value);
            }
        });
    }

    /// The body as JSON text.
    pub(crate) fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut result = Ok(());
        self.each(&mut |field, value| {
            if result.is_ok() {
                result = map.serialize_entry(field.key, &Seen(value.view()));
            }
        });
        result?;
        map.end()
    }
}
