//! The spec format as a JSON Schema (draft 2020-12), for editors.
//!
//! It is built of the table that the readers refuse unknown keys with. What relates one place of a spec to
//! another (parameters of the path, types that exist, bounds in order) only the loader can tell.

mod form;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::format::{FILE, Form, Mapping};

/// Where the schema stands, seen from the directory of the spec.
pub const FILE_NAME: &str = "schema.json";

/// The comment by which an editor finds the schema, which `spec fmt` writes, from `spec/<project>/<version>/<resource>.yaml`.
pub const EDITOR_LINE: &str = "# yaml-language-server: $schema=../../schema.json";

/// The schema of a spec file.
pub fn json() -> Value {
    let mut definitions = BTreeMap::new();
    define(&FILE, &mut definitions);
    definitions.insert(form::ALLOWANCES, form::allowances());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A spec file of larkspur",
        "description": "docs/spec-format.md describes every key.",
        "$ref": reference(&FILE),
        "$defs": definitions,
    })
}

/// The schema as the text of its file.
pub fn text() -> String {
    format!("{:#}\n", json())
}

/// Adds a mapping and all that it holds.
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
        .map(|key| (key.name, form::described(&key.form, key.doc)))
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
