//! The JSON Schema of the spec format (draft 2020-12), for editors.
//!
//! It is derived from `crate::format`, so it knows the same keys as the readers. Rules across values (path parameters,
//! type references, order of bounds) are checked by the loader only.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::finding::Rule;
use crate::format::{FILE, Form, Mapping};
use crate::read::ModuleName;

/// The path of the schema in the directory of the spec.
pub const FILE_NAME: &str = "schema.json";

/// The comment that refers editors to the schema. `spec fmt` writes it into `spec/<project>/<version>/<resource>.yaml`.
pub const EDITOR_LINE: &str = "# yaml-language-server: $schema=../../schema.json";

/// The same comment in `spec/types.yaml`.
const PLATFORM_EDITOR_LINE: &str = "# yaml-language-server: $schema=schema.json";

/// Returns the comment that refers editors to the schema, as `spec fmt` writes it into the file `path`.
pub(crate) fn editor_line(path: &str) -> &'static str {
    if path == ModuleName::PLATFORM {
        PLATFORM_EDITOR_LINE
    } else {
        EDITOR_LINE
    }
}

/// Returns the schema of a spec file.
pub fn json() -> Value {
    let mut definitions = BTreeMap::new();
    define(&FILE, &mut definitions);
    definitions.insert(ALLOWANCES, allowances());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "larkspur spec file",
        "description": "docs/spec/format.md describes every key.",
        "$ref": reference(&FILE),
        "$defs": definitions,
    })
}

/// Returns the schema as indented JSON.
pub fn text() -> String {
    format!("{:#}\n", json())
}

/// Adds the definitions of a mapping and of the mappings in it.
fn define(mapping: &Mapping, definitions: &mut BTreeMap<&'static str, Value>) {
    if definitions.contains_key(mapping.name) {
        return;
    }
    definitions.insert(mapping.name, definition(mapping));
    for key in mapping.keys {
        define_within(&key.form, definitions);
    }
}

fn define_within(form: &Form, definitions: &mut BTreeMap<&'static str, Value>) {
    match form {
        Form::Mapping(mapping) => define(mapping, definitions),
        Form::List(inner) | Form::Set(inner) | Form::Named(_, inner) => define_within(inner, definitions),
        Form::OneOf(forms) => forms.iter().for_each(|form| define_within(form, definitions)),
        _ => {}
    }
}

fn definition(mapping: &Mapping) -> Value {
    let properties: BTreeMap<_, _> = mapping
        .keys
        .iter()
        .map(|key| (key.name, described_schema(&key.form, key.doc)))
        .collect();
    let mut schema = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    if !mapping.required.is_empty() {
        schema["required"] = json!(mapping.required);
    }
    schema
}

fn reference(mapping: &Mapping) -> String {
    format!("#/$defs/{}", mapping.name)
}

/// Returns the schema of a value with its description.
fn described_schema(form: &Form, doc: &str) -> Value {
    let mut schema = schema(form);
    schema["description"] = json!(doc);
    schema
}

fn schema(form: &Form) -> Value {
    match form {
        // A plain `404` is a number in YAML, but the format reads it as text.
        Form::Line | Form::Text => json!({ "type": ["string", "number", "boolean"] }),
        Form::Pattern(pattern) => json!({ "type": "string", "pattern": pattern }),
        Form::Word(words) => json!({ "enum": words }),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Integer(min, max) => integer(*min, *max),
        Form::Number => json!({ "type": "number" }),
        Form::Any => json!({}),
        Form::List(item) => json!({ "type": "array", "items": schema(item) }),
        Form::Set(item) => json!({ "type": "array", "items": schema(item), "uniqueItems": true }),
        Form::Mapping(mapping) => json!({ "$ref": reference(mapping) }),
        Form::Named(pattern, value) => json!({
            "type": "object",
            "propertyNames": { "pattern": pattern },
            "additionalProperties": schema(value),
        }),
        Form::Allowances => json!({ "$ref": format!("#/$defs/{ALLOWANCES}") }),
        Form::OneOf(forms) => json!({ "anyOf": forms.iter().map(schema).collect::<Vec<_>>() }),
    }
}

/// The name of the definition of [`allowances`].
const ALLOWANCES: &str = "allow";

/// Returns the schema of `allow`: the lint rules that can be allowed, with their descriptions.
fn allowances() -> Value {
    let rules = Rule::all().filter(|rule| rule.can_be_allowed());
    let reason = |rule: &Rule| (rule.id.to_owned(), described_schema(&Form::Line, rule.meaning));
    let properties: Map<_, _> = rules.map(reason).collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// Returns the schema of an integer. The 64-bit limits are omitted: editors use floating-point numbers.
fn integer(min: i64, max: i64) -> Value {
    let mut schema = json!({ "type": "integer" });
    if min != i64::MIN {
        schema["minimum"] = json!(min);
    }
    if max != i64::MAX {
        schema["maximum"] = json!(max);
    }
    schema
}
