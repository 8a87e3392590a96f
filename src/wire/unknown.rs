//! What a response contains beyond the values of its fields.

use std::fmt;

use serde_json::Map;

use super::Value;
use super::json_path::{Step, path};

/// What an object of a response contains beyond the values of its fields.
///
/// - Keys that are not in the spec, with their values.
/// - Raw values that do not fit the type of their field. That of a field has its key, and the field is absent. That of an
///   element of a list or map has its path in this object, `tags[2]` or `labels.color`, and the list or map is without it.
///   Positions do not count nulls, which are left out of lists.
///   An element that is an object without a required field is retained without the keys that are null.
///
/// `Serialize` of the object writes everything in its place.
///
/// One word in size if empty. `Debug` prints keys only: a value may be secret.
#[derive(Clone, Default, PartialEq)]
pub struct Unknown(Option<Box<Content>>);

#[derive(Clone, Default, PartialEq)]
struct Content {
    keys: Map<String, Value>,
    /// In the order of the text.
    elements: Vec<Element>,
}

/// A value that a list or map goes without.
#[derive(Clone, PartialEq)]
struct Element {
    path: String,
    /// From the object inwards.
    steps: Vec<Step>,
    raw: Value,
}

impl Unknown {
    /// Returns the value of a key, or of a path such as `tags[2]`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let content = self.0.as_ref()?;
        let element = || content.elements.iter().find(|element| element.path == key);
        content.keys.get(key).or_else(|| Some(&element()?.raw))
    }

    /// Returns the number of keys and paths.
    pub fn len(&self) -> usize {
        self.0
            .as_ref()
            .map_or(0, |content| content.keys.len() + content.elements.len())
    }

    /// Returns whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the keys and paths with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        let elements = self.0.iter().flat_map(|content| &content.elements);
        self.keys()
            .chain(elements.map(|element| (element.path.as_str(), &element.raw)))
    }

    /// Inserts a value; replaces an earlier one of the same key.
    pub fn insert(&mut self, key: impl Into<String>, value: Value) {
        self.0.get_or_insert_default().keys.insert(key.into(), value);
    }

    /// Returns the keys with their values.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&str, &Value)> {
        let keys = self.0.iter().flat_map(|content| &content.keys);
        keys.map(|(key, value)| (key.as_str(), value))
    }

    /// Returns whether there is a value with this key.
    pub(super) fn has_key(&self, key: &str) -> bool {
        self.0.as_ref().is_some_and(|content| content.keys.contains_key(key))
    }

    /// Adds values that lists and maps of the object go without.
    pub(super) fn add_elements(&mut self, elements: Vec<(Vec<Step>, Value)>) {
        let elements = elements.into_iter().map(|(steps, raw)| Element {
            path: path(steps.iter()),
            steps,
            raw,
        });
        self.0.get_or_insert_default().elements.extend(elements);
    }

    /// Removes what belongs to a field, whose key occurred again.
    pub(super) fn forget(&mut self, key: &str) {
        if let Some(content) = &mut self.0 {
            content.keys.remove(key);
            content.elements.retain(|element| !element.is_of(key));
        }
    }

    /// Returns the value of a field together with the elements that it goes without; `None` without any.
    pub(super) fn restored(&self, key: &str, value: impl FnOnce() -> Option<Value>) -> Option<Value> {
        let content = self.0.as_ref()?;
        let of_field = content.elements.iter().filter(|element| element.is_of(key));
        let missing: Vec<_> = of_field
            .filter_map(|element| Some((element.steps.get(1..)?, &element.raw)))
            .collect();
        if missing.is_empty() {
            return None;
        }
        Some(restore(value()?, &missing))
    }
}

impl Element {
    fn is_of(&self, key: &str) -> bool {
        matches!(self.steps.first(), Some(Step::Key(first)) if first == key)
    }
}

/// Returns a list or map together with the values that are missing in it, in the order of the text.
fn restore(value: Value, missing: &[(&[Step], &Value)]) -> Value {
    // Values within the same element are neighbours.
    let groups = missing.chunk_by(|(a, _), (b, _)| a.len() > 1 && b.len() > 1 && a.first() == b.first());
    match value {
        Value::Array(values) => {
            let mut values = values.into_iter();
            let mut restored = Vec::new();
            for group in groups {
                let (Some((steps, raw)), index) = (group.first(), index(group)) else {
                    continue;
                };
                let before = index.saturating_sub(restored.len());
                restored.extend(values.by_ref().take(before));
                restored.push(match steps.len() {
                    1 => (*raw).clone(),
                    _ => restore(values.next().unwrap_or_default(), &inner(group)),
                });
            }
            restored.extend(values);
            Value::Array(restored)
        }
        Value::Object(mut map) => {
            for group in groups {
                let Some((steps, raw)) = group.first() else { continue };
                let Some(Step::Key(key)) = steps.first() else { continue };
                let value = match steps.len() {
                    1 => (*raw).clone(),
                    _ => restore(map.remove(key).unwrap_or_default(), &inner(group)),
                };
                map.insert(key.clone(), value);
            }
            Value::Object(map)
        }
        other => other,
    }
}

fn index(group: &[(&[Step], &Value)]) -> usize {
    match group.first().and_then(|(steps, _)| steps.first()) {
        Some(Step::Index(index)) => *index,
        _ => 0,
    }
}

/// Returns the missing values seen from the element that contains them.
fn inner<'a>(group: &[(&'a [Step], &'a Value)]) -> Vec<(&'a [Step], &'a Value)> {
    let inner = group.iter().filter_map(|(steps, raw)| Some((steps.get(1..)?, *raw)));
    inner.collect()
}

/// Without the values.
impl fmt::Debug for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(key, _)| key)).finish()
    }
}
