//! Conversion of a document to OpenAPI 3.0, for tools that do not read 3.1.

use serde_json::{Map, Value, json};

/// Converts a document of OpenAPI 3.1. Constraints that 3.0 cannot express are dropped.
pub(super) fn convert(mut document: Value) -> Value {
    document["openapi"] = json!("3.0.3");
    let schemas = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut);
    for schema in schemas.into_iter().flat_map(Map::values_mut) {
        convert_schema(schema);
    }
    convert_places(&mut document);
    document
}

/// Converts each schema of a parameter, a header, a body or a response.
fn convert_places(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(convert_places),
        Value::Object(entries) => {
            for (key, value) in entries {
                match key.as_str() {
                    "schema" => convert_schema(value),
                    // Done before; its keys are names.
                    "schemas" => {}
                    _ => convert_places(value),
                }
            }
        }
        _ => {}
    }
}

fn convert_schema(schema: &mut Value) {
    let Value::Object(keys) = schema else { return };
    for key in ["allOf", "anyOf", "oneOf"] {
        let parts = keys.get_mut(key).and_then(Value::as_array_mut);
        parts.into_iter().flatten().for_each(convert_schema);
    }
    for key in ["items", "additionalProperties", "not"] {
        keys.get_mut(key).into_iter().for_each(convert_schema);
    }
    let properties = keys.get_mut("properties").and_then(Value::as_object_mut);
    properties
        .into_iter()
        .flat_map(Map::values_mut)
        .for_each(convert_schema);

    keys.remove("propertyNames");
    if let Some(value) = keys.remove("const") {
        keys.insert("enum".to_owned(), json!([value]));
    }
    let examples = keys.remove("examples");
    if let Some(Value::Array(examples)) = examples
        && let Some(example) = examples.into_iter().next()
    {
        keys.insert("example".to_owned(), example);
    }
    convert_null(keys);
    wrap_reference(keys);
}

/// Replaces the type `null` by `nullable`.
fn convert_null(keys: &mut Map<String, Value>) {
    let is_null = |value: &Value| value == "null";
    if let Some(Value::Array(types)) = keys.get_mut("type") {
        let count = types.len();
        types.retain(|kind| !is_null(kind));
        let is_nullable = types.len() < count;
        if let [only] = types.as_slice() {
            let only = only.clone();
            keys.insert("type".to_owned(), only);
        }
        if is_nullable {
            keys.insert("nullable".to_owned(), json!(true));
        }
    }
    let Some(Value::Array(parts)) = keys.get_mut("anyOf") else {
        return;
    };
    let count = parts.len();
    parts.retain(|part| !part.get("type").is_some_and(is_null));
    if parts.len() == count {
        return;
    }
    keys.insert("nullable".to_owned(), json!(true));
    if keys
        .get("anyOf")
        .and_then(Value::as_array)
        .is_some_and(|parts| parts.len() == 1)
        && let Some(parts) = keys.remove("anyOf")
    {
        keys.insert("allOf".to_owned(), parts);
    }
}

/// Wraps a reference with other keys: 3.0 ignores keys next to `$ref`.
fn wrap_reference(keys: &mut Map<String, Value>) {
    if keys.len() > 1
        && let Some(reference) = keys.remove("$ref")
    {
        keys.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(mut schema: Value) -> Value {
        convert_schema(&mut schema);
        schema
    }

    #[test]
    fn null_becomes_nullable() {
        let expected = json!({ "type": "string", "nullable": true });
        assert_eq!(converted(json!({ "type": ["string", "null"] })), expected);
        let reference = json!({ "anyOf": [{ "$ref": "#/a" }, { "type": "null" }], "description": "A." });
        let expected = json!({ "allOf": [{ "$ref": "#/a" }], "nullable": true, "description": "A." });
        assert_eq!(converted(reference), expected);
    }

    #[test]
    fn constants_and_examples_are_converted() {
        let schema = json!({ "type": "object", "properties": {
            "examples": { "type": "integer", "not": { "const": 0 }, "examples": [1, 2] },
        }, "propertyNames": { "maxLength": 3 } });
        let expected = json!({ "type": "object", "properties": {
            "examples": { "type": "integer", "not": { "enum": [0] }, "example": 1 },
        } });
        assert_eq!(converted(schema), expected);
    }

    #[test]
    fn reference_with_other_keys_is_wrapped() {
        let expected = json!({ "allOf": [{ "$ref": "#/a" }], "default": 1 });
        assert_eq!(converted(json!({ "$ref": "#/a", "default": 1 })), expected);
        assert_eq!(converted(json!({ "$ref": "#/a" })), json!({ "$ref": "#/a" }));
    }
}
