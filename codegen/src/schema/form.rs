//! The schema of one value.

use serde_json::{Map, Value, json};

use super::reference;
use crate::finding::Rule;
use crate::format::Form;

/// The schema of a value with its documentation.
pub(super) fn described(form: &Form, doc: &str) -> Value {
    let mut schema = schema(form);
    schema["description"] = json!(doc);
    schema
}

fn schema(form: &Form) -> Value {
    match form {
        // YAML takes a plain `404` for a number; where the format asks for text, it is text.
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

/// The name of [`allowances`] among the definitions.
pub(super) const ALLOWANCES: &str = "allow";

/// Every lint that can be allowed, with what it asks for.
pub(super) fn allowances() -> Value {
    let rules = Rule::all().filter(|rule| rule.can_be_allowed());
    let reason = |rule: &Rule| (rule.id.to_owned(), described(&Form::Line, rule.meaning));
    let properties: Map<_, _> = rules.map(reason).collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// The limits of 64 bits are no limits that an editor could check: its numbers are less exact.
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
