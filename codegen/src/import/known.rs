//! Types with names that a spec has already, as pages would describe them.

use std::collections::HashMap;

use super::bounds::Bounds;
use super::enums::Value;
use super::field::Field;
use super::share::signature;
use super::types::{Object, Type};
use crate::model::{self, Api, TypeDef, TypeId, TypeKind};
use crate::{Source, names};

/// The names of types, by file and structure.
pub(super) struct Known {
    types: HashMap<(String, String), String>,
    /// All names, with their files.
    pub names: Vec<(String, String)>,
}

/// A type inside of types, and no deeper: one that contains itself has no end.
const MAX_DEPTH: usize = 12;

impl Known {
    pub fn read(spec: &Source, api: &Api) -> Self {
        let (mut types, mut names) = (HashMap::new(), Vec::new());
        for module in &api.modules {
            for id in &module.types {
                let ty = api.type_def(*id);
                names.push((module.source.clone(), ty.rust.clone()));
                if !has_name(spec, ty) {
                    continue;
                }
                if let Some(Type::Object(object)) = of_type(api, *id, 0) {
                    let key = (module.source.clone(), signature(&object));
                    types.entry(key).or_insert_with(|| ty.rust.clone());
                }
            }
        }
        Self { types, names }
    }

    /// The type that a field in that file can have instead of an equal object.
    pub fn find(&self, file: &str, signature: &str) -> Option<&str> {
        let of = |file: &str| self.types.get(&(file.to_owned(), signature.to_owned()));
        if let Some(own) = of(file) {
            return Some(own);
        }
        let (project, _) = file.rsplit_once('/')?;
        let hidden = |name: &&String| self.names.iter().any(|(other, own)| other == file && own == *name);
        of(&format!("{project}/types.yaml"))
            .filter(|name| !hidden(name))
            .map(String::as_str)
    }
}

/// Whether a type stands under `types`, where its name is a key; those of inline objects have names too.
fn has_name(spec: &Source, ty: &TypeDef) -> bool {
    let text = spec
        .files()
        .nth(ty.origin.file)
        .and_then(|(_, bytes)| std::str::from_utf8(bytes).ok());
    let rest = text.and_then(|text| text.get(ty.origin.offset..));
    rest.and_then(|rest| rest.strip_prefix(&ty.rust))
        .is_some_and(|rest| rest.starts_with(':'))
}

fn of_type(api: &Api, id: TypeId, depth: usize) -> Option<Type> {
    let TypeKind::Object(fields) = &api.type_def(id).kind else {
        return None;
    };
    let fields = fields.iter().map(|field| of_field(api, field, depth + 1));
    let fields = fields.collect::<Option<Vec<Field>>>()?;
    (depth < MAX_DEPTH).then_some(Type::Object(Object { name: None, fields }))
}

fn of_field(api: &Api, field: &model::Field, depth: usize) -> Option<Field> {
    let mut values = Vec::new();
    let ty = of_expression(api, &field.ty, &mut values, depth)?;
    let usual = names::member(&field.key);
    Some(Field {
        key: field.key.clone(),
        ty,
        required: field.required,
        rust: (usual.as_ref() != Some(&field.rust)).then(|| field.rust.clone()),
        secret: field.secret,
        type_name: None,
        bounds: Bounds {
            value: (whole(field.bounds.min), whole(field.bounds.max)),
            length: (count(field.bounds.min_length), count(field.bounds.max_length)),
            items: (count(field.bounds.min_items), count(field.bounds.max_items)),
        },
        values,
        default: field.default.clone(),
        example: None,
        scopes: field.scopes.clone(),
    })
}

fn of_expression(api: &Api, ty: &model::Type, values: &mut Vec<Value>, depth: usize) -> Option<Type> {
    let inner = |ty: &model::Type, values: &mut Vec<Value>| of_expression(api, ty, values, depth).map(Box::new);
    Some(match ty {
        model::Type::String => Type::String,
        model::Type::Int => Type::Int,
        model::Type::Float => Type::Float,
        model::Type::Bool => Type::Bool,
        model::Type::Any => Type::Any,
        model::Type::File => Type::File,
        model::Type::List(item) => Type::List(inner(item, values)?),
        model::Type::Map(item) => Type::Map(inner(item, values)?),
        model::Type::Named(id) => match &api.type_def(*id).kind {
            TypeKind::Object(_) if depth < MAX_DEPTH => of_type(api, *id, depth)?,
            TypeKind::Object(_) => return None,
            TypeKind::StringEnum(variants) => {
                let value = |variant: &model::Variant<String>| Value::bare(&variant.value, &variant.scopes);
                values.extend(variants.iter().map(value));
                Type::String
            }
            TypeKind::IntEnum(variants) => {
                let value = |variant: &model::Variant<i64>| Value::bare(&variant.value.to_string(), &variant.scopes);
                values.extend(variants.iter().map(value));
                Type::Int
            }
        },
    })
}

/// A bound as pages have it; what they cannot have makes a type that no page describes.
fn whole(bound: Option<f64>) -> Option<i64> {
    let bound = bound?;
    let fine = bound.fract() == 0.0 && bound.abs() < 9e15;
    Some(if fine { bound as i64 } else { i64::MIN })
}

fn count(bound: Option<u64>) -> Option<i64> {
    Some(i64::try_from(bound?).unwrap_or(i64::MAX))
}
