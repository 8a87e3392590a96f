//! What several operations refer to: types, the envelope, headers, security schemes.

use serde_json::{Map, Value, json};

use super::stated::stated;
use super::{envelope, schema, security};
use crate::export::types;
use crate::model::{Api, TypeDef, TypeId, TypeKind, Variant};

/// All components of a spec.
pub(super) fn all(api: &Api) -> Value {
    json!({
        "schemas": schemas(api),
        "headers": envelope::headers(),
        "securitySchemes": security::schemes(),
    })
}

/// The named types, and those of the envelope. The name of a type has dots and so is none of the envelope's.
fn schemas(api: &Api) -> Map<String, Value> {
    let types = (0..api.types.len()).map(TypeId);
    let named = types.map(|id| (types::name(api, id), definition(api, api.type_def(id))));
    envelope::schemas().into_iter().chain(named).collect()
}

fn definition(api: &Api, def: &TypeDef) -> Value {
    let mut schema = match &def.kind {
        TypeKind::Object(fields) => schema::object(api, fields.iter()),
        TypeKind::StringEnum(variants) => enumeration(def, json!({ "type": "string" }), variants),
        TypeKind::IntEnum(variants) => enumeration(def, json!({ "type": "integer", "format": "int64" }), variants),
    };
    if let Some(doc) = &def.doc {
        schema["description"] = json!(doc);
    }
    schema
}

/// What is only sent has to be one of the values; what comes back may be one that is yet unknown.
fn enumeration<T: serde::Serialize>(def: &TypeDef, any: Value, variants: &[Variant<T>]) -> Value {
    let mut known = any.clone();
    known["enum"] = variants.iter().map(|variant| json!(variant.value)).collect();
    known["x-enum-varnames"] = variants.iter().map(|variant| json!(variant.rust)).collect();
    if variants
        .iter()
        .any(|variant| variant.doc.is_some() || !variant.scopes.is_empty())
    {
        known["x-enum-values"] = variants.iter().map(value).collect();
    }
    if def.in_response {
        json!({ "anyOf": [known, any] })
    } else {
        known
    }
}

fn value<T: serde::Serialize>(variant: &Variant<T>) -> Value {
    stated(json!({ "value": variant.value, "description": variant.doc, "x-scopes": variant.scopes }))
}
