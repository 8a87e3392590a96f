//! Conversion of JSON to typed values.
//!
//! Reports what a compiler would reject in the endpoint's request type: wrong types, unknown fields and unknown enum
//! values. The client checks bounds and required fields itself.

use std::collections::{BTreeMap, HashMap};

use larkspur::dynamic::{Object, Value};
use larkspur::error::Violation;
use larkspur::wire::FieldInfo;
use larkspur_codegen::model::{Api, Field, Type, TypeId, TypeKind};
use larkspur_codegen::names;
use serde_json::Value as Json;

use crate::endpoints::field_infos;

/// Takes the place of an invalid value, so that the field is not reported as missing as well.
pub(super) const INVALID: Value = Value::Any(Json::Null);

/// Maximum number of known names or values in a message.
const MAX_LISTED: usize = 40;

/// Converts values and collects violations.
pub(super) struct Converter<'a> {
    api: &'a Api,
    /// Whether values that the spec would refuse are converted as they are.
    allow_undocumented: bool,
    /// Fields of each object type, converted once.
    fields: HashMap<TypeId, &'static [FieldInfo]>,
    violations: Vec<Violation>,
}

/// The position of a value.
#[derive(Clone, Copy)]
struct Place<'p> {
    path: &'p str,
    /// Whether messages must not show the value.
    secret: bool,
}

impl<'a> Converter<'a> {
    /// Creates a converter for the types of a spec.
    pub(super) fn new(api: &'a Api, allow_undocumented: bool) -> Self {
        Self {
            api,
            allow_undocumented,
            fields: HashMap::new(),
            violations: Vec::new(),
        }
    }

    /// Returns the collected violations.
    pub(super) fn into_violations(self) -> Vec<Violation> {
        self.violations
    }

    /// Adds a violation.
    pub(super) fn report(&mut self, violation: Violation) {
        self.violations.push(violation);
    }

    /// Converts the value of the field at `path`, where null counts as absent.
    ///
    /// An invalid value becomes [`INVALID`], so that the others are still checked.
    pub(super) fn convert_field(&mut self, field: &Field, json: Json, path: &str) -> Option<Value> {
        let place = Place {
            path,
            secret: field.secret,
        };
        (!json.is_null()).then(|| self.convert(&field.ty, json, place))
    }

    fn convert(&mut self, ty: &Type, json: Json, place: Place<'_>) -> Value {
        match (ty, json) {
            (Type::Any, json) => Value::Any(json),
            (Type::String, Json::String(text)) if place.secret => Value::Secret(text.into()),
            (Type::String, Json::String(text)) => Value::Text(text),
            (Type::Bool, Json::Bool(value)) => Value::Bool(value),
            (Type::Int, Json::Number(number)) if number.is_i64() => Value::Int(number.as_i64().unwrap_or_default()),
            (Type::Float, Json::Number(number)) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
            (Type::List(inner), Json::Array(elements)) => self.convert_list(inner, elements, place),
            (Type::Map(inner), Json::Object(entries)) => self.convert_map(inner, entries, place),
            (Type::Named(id), json) => self.convert_named(*id, json, place),
            (ty, json) => self.report_type(expected_type(ty), &json, place),
        }
    }

    fn convert_list(&mut self, inner: &Type, elements: Vec<Json>, place: Place<'_>) -> Value {
        let elements = elements.into_iter().enumerate().map(|(index, json)| {
            let path = format!("{}[{index}]", place.path);
            self.convert(inner, json, Place { path: &path, ..place })
        });
        Value::List(elements.collect())
    }

    fn convert_map(&mut self, inner: &Type, entries: serde_json::Map<String, Json>, place: Place<'_>) -> Value {
        let mut values = BTreeMap::new();
        for (key, json) in entries {
            let path = format!("{}.{key}", place.path);
            let value = self.convert(inner, json, Place { path: &path, ..place });
            values.insert(key, value);
        }
        Value::Map(values)
    }

    fn convert_named(&mut self, id: TypeId, json: Json, place: Place<'_>) -> Value {
        let api = self.api;
        match (&api.type_def(id).kind, json) {
            (TypeKind::Object(fields), Json::Object(entries)) => self.convert_object(id, fields, entries, place),
            (TypeKind::Object(_), json) => self.report_type("an object", &json, place),
            (TypeKind::StringEnum(variants), Json::String(text)) => {
                self.check_enum(&text, variants.iter().map(|variant| variant.value.clone()), place);
                Value::Text(text)
            }
            (TypeKind::StringEnum(_), json) => self.report_type("a string", &json, place),
            (TypeKind::IntEnum(variants), Json::Number(number)) if number.is_i64() => {
                let value = number.as_i64().unwrap_or_default();
                let values = variants.iter().map(|variant| variant.value.to_string());
                if !api.type_def(id).accepts_integer(value) {
                    self.check_enum(&number.to_string(), values, place);
                }
                Value::Int(value)
            }
            (TypeKind::IntEnum(_), json) => self.report_type("an integer", &json, place),
        }
    }

    fn convert_object(
        &mut self,
        id: TypeId,
        fields: &[Field],
        mut entries: serde_json::Map<String, Json>,
        place: Place<'_>,
    ) -> Value {
        let is_known = |key: &String| fields.iter().any(|field| field.key == *key);
        if self.allow_undocumented && !entries.keys().all(is_known) {
            return Value::Any(Json::Object(entries));
        }
        let infos = *self.fields.entry(id).or_insert_with(|| field_infos(fields));
        let values: Vec<_> = fields
            .iter()
            .map(|field| {
                let json = entries.remove(&field.key)?;
                self.convert_field(field, json, &format!("{}.{}", place.path, field.key))
            })
            .collect();
        for key in entries.keys() {
            let known = fields.iter().map(|field| field.key.as_str());
            self.report(unknown_field(&format!("{}.{key}", place.path), key, known));
        }
        Value::Object(Object::from_values(infos, values))
    }

    fn check_enum(&mut self, given: &str, values: impl Iterator<Item = String> + Clone, place: Place<'_>) {
        if self.allow_undocumented || values.clone().any(|value| value == given) {
            return;
        }
        let problem = format!("must be one of: {}", join_limited(values));
        let violation = Violation::new(
            place.path,
            "enum",
            problem,
            "use one of them, or add --allow-undocumented to send it",
        );
        self.report(violation.with_value(Some(given.to_owned())));
    }

    fn report_type(&mut self, expected: &str, json: &Json, place: Place<'_>) -> Value {
        if self.allow_undocumented {
            return match json {
                Json::String(text) => Value::Text(text.clone()),
                json => Value::Any(json.clone()),
            };
        }
        let problem = format!("is {}, expected {expected}", type_name(json));
        let violation = Violation::new(place.path, "type", problem, "correct the value");
        let is_shown = !place.secret && !matches!(json, Json::Null | Json::Array(_) | Json::Object(_));
        let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
        self.report(violation.with_value(is_shown.then_some(text)));
        INVALID
    }
}

/// Returns the violation of an unknown field, with a similar known name if there is one.
pub(super) fn unknown_field<'k>(path: &str, key: &str, known: impl Iterator<Item = &'k str> + Clone) -> Violation {
    let problem = match names::nearest(key, known.clone()) {
        Some(near) => format!("is an unknown field (did you mean `{near}`?)"),
        None => format!(
            "is an unknown field (known fields: {})",
            join_limited(known.map(str::to_owned))
        ),
    };
    Violation::new(path, "unknown_field", problem, "correct the name or remove it")
}

/// Joins names or values, up to [`MAX_LISTED`].
fn join_limited(all: impl Iterator<Item = String>) -> String {
    let mut all: Vec<_> = all.collect();
    match all.len() {
        0 => "none".to_owned(),
        count if count > MAX_LISTED => {
            all.truncate(MAX_LISTED);
            format!("{} and {} more", all.join(", "), count - MAX_LISTED)
        }
        _ => all.join(", "),
    }
}

fn expected_type(ty: &Type) -> &'static str {
    match ty {
        Type::String => "a string",
        Type::Int => "a 64-bit integer",
        Type::Float => "a number",
        Type::Bool => "true or false",
        Type::File => "a file as --param NAME=@PATH",
        Type::List(_) => "a list",
        Type::Map(_) | Type::Named(_) => "an object",
        Type::Any => "any value",
    }
}

fn type_name(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}
