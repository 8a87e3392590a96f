//! Whether a value is of its type and within its bounds.

use larkspur_codegen::model::{Bounds, Field, Type, TypeId, TypeKind};
use serde_json::Value;

use super::{Checker, join};

/// How much of a wrong value is told back.
const TOLD: usize = 64;

/// Checks the value of a field that stands at `place`.
pub(super) fn check(checker: &mut Checker<'_>, field: &Field, value: &Value, place: &str) {
    let before = checker.violations.len();
    of_type(checker, &field.ty, value, place);
    if checker.violations.len() == before {
        for wrong in out_of_bounds(&field.bounds, value) {
            checker.report(place, told(value), wrong);
        }
    }
    if field.secret {
        for violation in checker.violations.iter_mut().skip(before) {
            violation.value = "***".to_owned();
        }
    }
}

fn of_type(checker: &mut Checker<'_>, ty: &Type, value: &Value, place: &str) {
    let expected = match ty {
        Type::Any | Type::File => return,
        Type::String if value.is_string() => return,
        Type::Int if value.is_i64() => return,
        Type::Float if value.is_number() => return,
        Type::Bool if value.is_boolean() => return,
        Type::String => "a string",
        Type::Int => "an integer",
        Type::Float => "a number",
        Type::Bool => "true or false",
        Type::List(element) => return list(checker, element, value, place),
        Type::Map(element) => return map(checker, element, value, place),
        Type::Named(id) => return named(checker, *id, value, place),
    };
    checker.report(place, told(value), format!("must be {expected}"));
}

fn list(checker: &mut Checker<'_>, element: &Type, value: &Value, place: &str) {
    let Some(elements) = value.as_array() else {
        return checker.report(place, told(value), "must be a list");
    };
    for (index, value) in elements.iter().enumerate() {
        of_type(checker, element, value, &format!("{place}[{index}]"));
    }
}

fn map(checker: &mut Checker<'_>, element: &Type, value: &Value, place: &str) {
    let Some(entries) = value.as_object() else {
        return checker.report(place, told(value), "must be an object");
    };
    for (key, value) in entries {
        of_type(checker, element, value, &join(place, key));
    }
}

fn named(checker: &mut Checker<'_>, id: TypeId, value: &Value, place: &str) {
    let api = checker.api;
    match &api.type_def(id).kind {
        TypeKind::Object(fields) => match value.as_object() {
            Some(object) => checker.fields(fields, object, place),
            None => checker.report(place, told(value), "must be an object"),
        },
        TypeKind::StringEnum(variants) => {
            let known = variants.iter().any(|variant| value.as_str() == Some(&variant.value));
            one_of(
                checker,
                known,
                variants.iter().map(|variant| &variant.value),
                value,
                place,
            );
        }
        TypeKind::IntEnum(variants) => {
            let known = variants.iter().any(|variant| value.as_i64() == Some(variant.value));
            one_of(
                checker,
                known,
                variants.iter().map(|variant| &variant.value),
                value,
                place,
            );
        }
    }
}

fn one_of(
    checker: &mut Checker<'_>,
    known: bool,
    values: impl Iterator<Item = impl ToString>,
    given: &Value,
    place: &str,
) {
    if !known {
        let values: Vec<_> = values.map(|value| value.to_string()).collect();
        checker.report(place, told(given), format!("must be one of: {}", values.join(", ")));
    }
}

/// Each bound that the value breaks, in words.
fn out_of_bounds(bounds: &Bounds, value: &Value) -> Vec<String> {
    let number = value.as_f64();
    let characters = value.as_str().map(|text| text.chars().count() as u64);
    let items = value
        .as_array()
        .map(Vec::len)
        .or_else(|| value.as_object().map(serde_json::Map::len))
        .map(|items| items as u64);
    // Of a file its size stands here, and no other field has these bounds.
    let bytes = value.as_u64();
    let checks = [
        too_small(number, bounds.min, "must be at least", ""),
        too_large(number, bounds.max, "must be at most", ""),
        too_small(characters, bounds.min_length, "must have at least", " characters"),
        too_large(characters, bounds.max_length, "must have at most", " characters"),
        too_small(items, bounds.min_items, "must have at least", " items"),
        too_large(items, bounds.max_items, "must have at most", " items"),
        too_small(bytes, bounds.min_bytes, "must have at least", " bytes"),
        too_large(bytes, bounds.max_bytes, "must have at most", " bytes"),
    ];
    checks.into_iter().flatten().collect()
}

fn too_small<T: PartialOrd + ToString>(value: Option<T>, least: Option<T>, rule: &str, unit: &str) -> Option<String> {
    let (value, least) = (value?, least?);
    (value < least).then(|| format!("{rule} {}{unit}", least.to_string()))
}

fn too_large<T: PartialOrd + ToString>(value: Option<T>, most: Option<T>, rule: &str, unit: &str) -> Option<String> {
    let (value, most) = (value?, most?);
    (value > most).then(|| format!("{rule} {}{unit}", most.to_string()))
}

/// The value as it is told back: cut short, so that an answer never outgrows its question.
fn told(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.chars().take(TOLD).collect()
}
