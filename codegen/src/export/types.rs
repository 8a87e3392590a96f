//! Named types as JSON.

use serde_json::{Map, Value, json};

use super::field;
use crate::model::{Api, TypeDef, TypeId, TypeKind, Variant};

/// Every named type by its name.
pub(super) fn json(api: &Api) -> Value {
    let types = (0..api.types.len()).map(TypeId);
    Value::Object(
        types
            .map(|id| (name(api, id), definition(api, api.type_def(id))))
            .collect::<Map<_, _>>(),
    )
}

/// A name that is unique in the spec: `drive.v1.media.TmpDownloadUrl`.
pub(super) fn name(api: &Api, id: TypeId) -> String {
    let def = api.type_def(id);
    let module = &api.modules[def.module];
    format!("{}.{}.{}.{}", module.project, module.version, module.resource, def.rust)
}

/// The fields of an object.
pub(super) fn fields(api: &Api, id: TypeId) -> Option<Vec<Value>> {
    match &api.type_def(id).kind {
        TypeKind::Object(fields) => Some(fields.iter().map(|field| field::json(api, field)).collect()),
        _ => None,
    }
}

fn definition(api: &Api, def: &TypeDef) -> Value {
    let (kind, content) = match &def.kind {
        TypeKind::Object(fields) => ("object", fields.iter().map(|field| field::json(api, field)).collect()),
        TypeKind::StringEnum(variants) => ("string_enum", values(variants)),
        TypeKind::IntEnum(variants) => ("int_enum", values(variants)),
    };
    let key = if kind == "object" { "fields" } else { "values" };
    json!({
        "kind": kind,
        "doc": def.doc,
        "in_request": def.in_request,
        "in_response": def.in_response,
        key: content,
    })
}

fn values<T: serde::Serialize>(variants: &[Variant<T>]) -> Vec<Value> {
    let values = variants.iter();
    values
        .map(|variant| {
            json!({
                "value": variant.value,
                "rust": variant.rust,
                "doc": variant.doc,
                "scopes": variant.scopes,
            })
        })
        .collect()
}
