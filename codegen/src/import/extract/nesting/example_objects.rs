//! Objects of the JSON example, and how they use the keys of a table.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value};

/// The objects of the example that correspond to a row.
pub(super) type Objects<'v> = Vec<&'v Map<String, Value>>;

/// Returns the objects under a key.
pub(super) fn objects_under<'v>(objects: &Objects<'v>, key: &str) -> Objects<'v> {
    let mut found = Vec::new();
    for value in objects.iter().filter_map(|object| object.get(key)) {
        collect_objects(value, &mut found);
    }
    found
}

/// The maximum number of items that are read of each list of the example.
const MAX_ITEMS: usize = 32;

/// The maximum number of objects for one row.
const MAX_OBJECTS: usize = 256;

pub(super) fn collect_objects<'v>(value: &'v Value, found: &mut Objects<'v>) {
    match value {
        Value::Object(object) if found.len() < MAX_OBJECTS => found.push(object),
        Value::Array(items) => items
            .iter()
            .take(MAX_ITEMS)
            .for_each(|item| collect_objects(item, found)),
        _ => {}
    }
}

/// How objects of the example use a key.
#[derive(Clone, Copy)]
pub(super) enum KeyUse {
    NoObject,
    Missing,
    /// At least one value is an object.
    Object,
    Value,
}

impl KeyUse {
    pub(super) fn find(objects: &Objects<'_>, key: &str) -> Self {
        let mut values = objects.iter().filter_map(|object| object.get(key)).peekable();
        match (objects.is_empty(), values.peek().is_none()) {
            (true, _) => Self::NoObject,
            (false, true) => Self::Missing,
            (false, false) if values.any(Value::is_object) => Self::Object,
            (false, false) => Self::Value,
        }
    }
}

/// The uses of one key. Most candidates share their objects, each of which is searched once.
pub(super) struct KeyUses<'t> {
    key: &'t str,
    /// By the address of the objects.
    found: HashMap<*const (), KeyUse>,
}

impl<'t> KeyUses<'t> {
    pub(super) fn new(key: &'t str) -> Self {
        Self {
            key,
            found: HashMap::new(),
        }
    }

    pub(super) fn find(&mut self, objects: &Rc<Objects<'_>>) -> KeyUse {
        let find = || KeyUse::find(objects, self.key);
        *self.found.entry(Rc::as_ptr(objects).cast()).or_insert_with(find)
    }
}
