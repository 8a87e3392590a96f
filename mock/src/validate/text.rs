//! Values that come as text: in the path, the query, a header, or a part of a form.

use larkspur_codegen::model::{Api, Field, Type, TypeKind};
use serde_json::{Number, Value};

/// The value of a field for which these texts came. A text that is no value of the field's type
/// stays a string, which the check of the type then refuses. An empty text says no more than none.
pub(crate) fn value(api: &Api, field: &Field, texts: &[&str]) -> Option<Value> {
    if let Type::List(element) = &field.ty {
        // Among others an empty text is an element, and counts.
        let some = texts.iter().any(|text| !text.is_empty());
        return some.then(|| texts.iter().map(|text| scalar(api, element, text)).collect());
    }
    let text = texts.first()?;
    (!text.is_empty()).then(|| scalar(api, &field.ty, text))
}

fn scalar(api: &Api, ty: &Type, text: &str) -> Value {
    let parsed = match ty {
        Type::Int => text.parse().ok().map(|number: i64| Value::from(number)),
        Type::Float => text.parse().ok().and_then(Number::from_f64).map(Value::Number),
        Type::Bool => text.parse().ok().map(Value::Bool),
        Type::Named(id) => match api.type_def(*id).kind {
            TypeKind::StringEnum(_) => None,
            TypeKind::IntEnum(_) => text.parse().ok().map(|number: i64| Value::from(number)),
            TypeKind::Object(_) => serde_json::from_str(text).ok(),
        },
        Type::List(_) | Type::Map(_) | Type::Any => serde_json::from_str(text).ok(),
        Type::String | Type::File => None,
    };
    parsed.unwrap_or_else(|| Value::from(text))
}
