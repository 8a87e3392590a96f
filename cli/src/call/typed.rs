//! From JSON to the values that a request of the endpoint's own type could hold. What a compiler would refuse there is
//! refused here: other types, unknown fields, and values that no enum has. Bounds and what is missing are left to the
//! client, which checks them in every request.

use std::collections::{BTreeMap, HashMap};

use larkspur::dynamic::{Object, Value};
use larkspur::error::Violation;
use larkspur::wire::FieldInfo as Facts;
use larkspur_codegen::model::{Api, Field, Type, TypeId, TypeKind};
use larkspur_codegen::names;
use serde_json::Value as Json;

use super::request::WRONG;
use crate::facts;

/// More known values than these are cut off in a message.
const MOST_VALUES: usize = 40;

/// Makes values, and gathers what is wrong with them.
pub(super) struct Typing<'a> {
    api: &'a Api,
    /// Whether enums may have values that the spec does not know.
    allow_unknown: bool,
    /// The fields of each object type, made once.
    known: HashMap<TypeId, &'static [Facts]>,
    violations: Vec<Violation>,
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    path: &'p str,
    /// Whether it must not be shown.
    secret: bool,
}

impl<'a> Typing<'a> {
    pub(super) fn new(api: &'a Api, allow_unknown: bool) -> Self {
        Self {
            api,
            allow_unknown,
            known: HashMap::new(),
            violations: Vec::new(),
        }
    }

    /// What was found wrong.
    pub(super) fn into_violations(self) -> Vec<Violation> {
        self.violations
    }

    /// Adds what was found wrong elsewhere.
    pub(super) fn report(&mut self, violation: Violation) {
        self.violations.push(violation);
    }

    /// The value of a field that stands at `path`; null is as good as nothing. In place of one that is wrong comes null,
    /// so that what stands beside it is counted and checked as it is.
    pub(super) fn field(&mut self, field: &Field, json: Json, path: &str) -> Option<Value> {
        let place = Place {
            path,
            secret: field.secret,
        };
        (!json.is_null()).then(|| self.value(&field.ty, json, place))
    }

    fn value(&mut self, ty: &Type, json: Json, place: Place<'_>) -> Value {
        match (ty, json) {
            (Type::Any, json) => Value::Any(json),
            (Type::String, Json::String(text)) if place.secret => Value::Secret(text.into()),
            (Type::String, Json::String(text)) => Value::Text(text),
            (Type::Bool, Json::Bool(value)) => Value::Bool(value),
            (Type::Int, Json::Number(number)) if number.is_i64() => Value::Int(number.as_i64().unwrap_or_default()),
            (Type::Float, Json::Number(number)) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
            (Type::List(inner), Json::Array(elements)) => self.list(inner, elements, place),
            (Type::Map(inner), Json::Object(entries)) => self.map(inner, entries, place),
            (Type::Named(id), json) => self.named(*id, json, place),
            (ty, json) => self.wrong_type(expected(ty), &json, place),
        }
    }

    fn list(&mut self, inner: &Type, elements: Vec<Json>, place: Place<'_>) -> Value {
        let elements = elements.into_iter().enumerate().map(|(index, json)| {
            let path = format!("{}[{index}]", place.path);
            self.value(inner, json, Place { path: &path, ..place })
        });
        Value::List(elements.collect())
    }

    fn map(&mut self, inner: &Type, entries: serde_json::Map<String, Json>, place: Place<'_>) -> Value {
        let mut values = BTreeMap::new();
        for (key, json) in entries {
            let path = format!("{}.{key}", place.path);
            let value = self.value(inner, json, Place { path: &path, ..place });
            values.insert(key, value);
        }
        Value::Map(values)
    }

    fn named(&mut self, id: TypeId, json: Json, place: Place<'_>) -> Value {
        let api = self.api;
        match (&api.type_def(id).kind, json) {
            (TypeKind::Object(fields), Json::Object(entries)) => self.object(id, fields, entries, place),
            (TypeKind::Object(_), json) => self.wrong_type("an object", &json, place),
            (TypeKind::StringEnum(variants), Json::String(text)) => {
                self.one_of(&text, variants.iter().map(|variant| variant.value.clone()), place);
                Value::Text(text)
            }
            (TypeKind::StringEnum(_), json) => self.wrong_type("a string", &json, place),
            (TypeKind::IntEnum(variants), Json::Number(number)) if number.is_i64() => {
                let values = variants.iter().map(|variant| variant.value.to_string());
                self.one_of(&number.to_string(), values, place);
                Value::Int(number.as_i64().unwrap_or_default())
            }
            (TypeKind::IntEnum(_), json) => self.wrong_type("a whole number", &json, place),
        }
    }

    fn object(
        &mut self,
        id: TypeId,
        fields: &[Field],
        mut entries: serde_json::Map<String, Json>,
        place: Place<'_>,
    ) -> Value {
        let facts = *self.known.entry(id).or_insert_with(|| facts::fields(fields));
        let values: Vec<_> = fields
            .iter()
            .map(|field| {
                let json = entries.remove(&field.key)?;
                self.field(field, json, &format!("{}.{}", place.path, field.key))
            })
            .collect();
        for key in entries.keys() {
            let known = fields.iter().map(|field| field.key.as_str());
            self.report(unknown(&format!("{}.{key}", place.path), key, known));
        }
        Value::Object(Object::from_values(facts, values))
    }

    fn one_of(&mut self, given: &str, values: impl Iterator<Item = String> + Clone, place: Place<'_>) {
        if self.allow_unknown || values.clone().any(|value| value == given) {
            return;
        }
        let problem = format!("is none of the known values: {}", some(values));
        let violation = Violation::new(
            place.path,
            "enum",
            problem,
            "give one of them, or add --allow-unknown if the platform has got a new one",
        );
        self.report(violation.seen(Some(given.to_owned())));
    }

    fn wrong_type(&mut self, expected: &str, json: &Json, place: Place<'_>) -> Value {
        let problem = format!("is {}, and should be {expected}", kind(json));
        let violation = Violation::new(place.path, "type", problem, "correct it");
        let shown = !place.secret && !matches!(json, Json::Null | Json::Array(_) | Json::Object(_));
        let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
        self.report(violation.seen(shown.then_some(text)));
        WRONG
    }
}

/// A name that is none of those that are known here.
pub(super) fn unknown<'k>(path: &str, key: &str, known: impl Iterator<Item = &'k str> + Clone) -> Violation {
    let problem = match names::nearest(key, known.clone()) {
        Some(near) => format!("is no field that the spec knows (did you mean `{near}`?)"),
        None => format!(
            "is no field that the spec knows (there are: {})",
            some(known.map(str::to_owned))
        ),
    };
    Violation::new(path, "unknown_field", problem, "correct the name, or leave it out")
}

/// Names or values, as many as fit into a message.
fn some(all: impl Iterator<Item = String>) -> String {
    let mut all: Vec<_> = all.collect();
    match all.len() {
        0 => "none".to_owned(),
        count if count > MOST_VALUES => {
            all.truncate(MOST_VALUES);
            format!("{} and {} more", all.join(", "), count - MOST_VALUES)
        }
        _ => all.join(", "),
    }
}

fn expected(ty: &Type) -> &'static str {
    match ty {
        Type::String => "a string",
        Type::Int => "a whole number of 64 bits",
        Type::Float => "a number",
        Type::Bool => "true or false",
        Type::File => "a file, given as --param NAME=@PATH",
        Type::List(_) => "a list",
        Type::Map(_) | Type::Named(_) => "an object",
        Type::Any => "any value",
    }
}

fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a truth value",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}
