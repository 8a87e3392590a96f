//! `--param`: one value of one field, as it stands on the command line.

use std::str::FromStr;

use larkspur_codegen::model::{Api, Type, TypeKind};
use serde_json::{Number, Value as Json};

/// A value for a field: `name=text`, `name:=JSON`, or `name=@path` where the field is a file.
#[derive(Clone)]
pub(super) struct Parameter {
    pub name: String,
    pub given: Given,
}

/// What stands behind the name.
#[derive(Clone)]
pub(super) enum Given {
    /// To be read by the field's type.
    Text(String),
    /// The value as JSON, not yet looked at: a complaint must not show what may be secret.
    Json(String),
}

impl FromStr for Parameter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE or NAME:=JSON")?;
        let (name, given) = match name.strip_suffix(':') {
            Some(name) => (name, Given::Json(value.to_owned())),
            None => (name, Given::Text(value.to_owned())),
        };
        if name.is_empty() {
            return Err("the name in front of the = is missing");
        }
        Ok(Self {
            name: name.to_owned(),
            given,
        })
    }
}

/// What a text says where a value of this type is wanted. One that is no value of the type stays text, which the check of
/// the type then refuses.
pub(super) fn read(api: &Api, ty: &Type, text: &str) -> Json {
    let read = match ty {
        Type::Int => text.parse().ok().map(|number: i64| Json::from(number)),
        Type::Float => text.parse().ok().and_then(Number::from_f64).map(Json::Number),
        Type::Bool => text.parse().ok().map(Json::Bool),
        Type::Named(id) => match api.type_def(*id).kind {
            TypeKind::StringEnum(_) => None,
            TypeKind::IntEnum(_) => text.parse().ok().map(|number: i64| Json::from(number)),
            TypeKind::Object(_) => serde_json::from_str(text).ok(),
        },
        Type::List(_) | Type::Map(_) => serde_json::from_str(text).ok(),
        Type::String | Type::Any | Type::File => None,
    };
    read.unwrap_or_else(|| Json::from(text))
}
