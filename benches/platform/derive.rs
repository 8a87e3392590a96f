use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use larkspur_codegen::model::{Api, Field, Type, TypeId, TypeKind, Variant};

/// Returns the types and the requests of `api` as one would write them over serde, without documentation: one module for each
/// file of the spec, required fields as they are, others as options.
pub fn source(api: &Api) -> String {
    let mut modules: BTreeMap<usize, String> = BTreeMap::new();
    for (index, def) in api.types.iter().enumerate() {
        let text = modules.entry(def.module).or_default();
        match &def.kind {
            TypeKind::Object(fields) => object(api, text, &type_name(index), fields),
            TypeKind::StringEnum(variants) => string_enum(text, &type_name(index), variants),
            TypeKind::IntEnum(variants) => int_enum(text, &type_name(index), variants),
        }
    }
    for (index, module) in api.modules.iter().enumerate() {
        let text = modules.entry(index).or_default();
        for (at, endpoint) in module.endpoints.iter().enumerate() {
            object(api, text, &format!("Request{at}"), &endpoint.fields);
        }
    }
    let mut source = String::from("#![allow(dead_code)]\n");
    for (index, text) in &modules {
        let _ = writeln!(
            source,
            "pub mod m{index} {{\nuse serde::{{Deserialize, Serialize}};\n{text}}}"
        );
    }
    source
}

fn type_name(index: usize) -> String {
    format!("T{index}")
}

fn object(api: &Api, text: &mut String, name: &str, fields: &[Field]) {
    let _ = writeln!(
        text,
        "#[derive(Clone, Debug, Serialize, Deserialize)]\npub struct {name} {{"
    );
    for (index, field) in fields.iter().enumerate() {
        let value = rust_type(api, &field.ty);
        let value = if field.boxed { format!("Box<{value}>") } else { value };
        let value = if field.required {
            value
        } else {
            format!("Option<{value}>")
        };
        let _ = writeln!(text, "#[serde(rename = {:?})]\npub f{index}: {value},", field.key);
    }
    text.push_str("}\n");
}

fn string_enum(text: &mut String, name: &str, variants: &[Variant<String>]) {
    let _ = writeln!(
        text,
        "#[derive(Clone, Debug, Serialize, Deserialize)]\npub enum {name} {{"
    );
    for (index, variant) in variants.iter().enumerate() {
        let _ = writeln!(text, "#[serde(rename = {:?})]\nV{index},", variant.value);
    }
    text.push_str("#[serde(untagged)]\nOther(String),\n}\n");
}

/// Integers have no derive: serde renames variants to text only.
fn int_enum(text: &mut String, name: &str, variants: &[Variant<i64>]) {
    let _ = writeln!(
        text,
        "#[derive(Clone, Debug, Serialize, Deserialize)]\n#[serde(from = \"i64\", into = \"i64\")]"
    );
    let _ = writeln!(text, "pub enum {name} {{");
    let values: BTreeSet<i64> = variants.iter().map(|variant| variant.value).collect();
    for index in 0..values.len() {
        let _ = writeln!(text, "V{index},");
    }
    text.push_str("Other(i64),\n}\n");
    let _ = writeln!(
        text,
        "impl From<i64> for {name} {{ fn from(value: i64) -> Self {{ match value {{"
    );
    for (index, value) in values.iter().enumerate() {
        let _ = writeln!(text, "{value} => Self::V{index},");
    }
    text.push_str("other => Self::Other(other) } } }\n");
    let _ = writeln!(
        text,
        "impl From<{name}> for i64 {{ fn from(value: {name}) -> Self {{ match value {{"
    );
    for (index, value) in values.iter().enumerate() {
        let _ = writeln!(text, "{name}::V{index} => {value},");
    }
    let _ = writeln!(text, "{name}::Other(other) => other }} }} }}");
}

fn rust_type(api: &Api, ty: &Type) -> String {
    match ty {
        Type::String => "String".to_owned(),
        Type::Int => "i64".to_owned(),
        Type::Float => "f64".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Any => "serde_json::Value".to_owned(),
        // Files are not JSON.
        Type::File => "Vec<u8>".to_owned(),
        Type::List(inner) => format!("Vec<{}>", rust_type(api, inner)),
        Type::Map(inner) => format!("std::collections::BTreeMap<String, {}>", rust_type(api, inner)),
        Type::Named(TypeId(index)) => format!("super::m{}::{}", api.types[*index].module, type_name(*index)),
    }
}
