//! A field, with all that its row says.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::access;
use super::bounds::Bounds;
use super::enums::{self, Value};
use super::literal::{self, labelled};
use super::note::{Notes, shown};
use super::rows::Parameter;
use super::table::Cell;
use super::tree::{Map, Tree};
use super::types::{self, Type};
use super::words;
use crate::names;

/// A field of an entry.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub key: String,
    pub ty: Type,
    pub required: bool,
    /// The name in Rust, where the one made of the key cannot be.
    pub rust: Option<String>,
    pub secret: bool,
    /// The name of its inline type, where the one made of the parent and the key is taken.
    pub type_name: Option<String>,
    pub bounds: Bounds,
    pub values: Vec<Value>,
    pub default: Option<Json>,
    pub example: Option<Json>,
    pub scopes: Vec<String>,
}

/// Where fields travel, which decides what their types can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    Header,
    Body,
    Multipart,
    Response,
}

/// The fields of a table.
pub(super) fn read(parameters: &[Parameter<'_>], place: Place, notes: &mut Notes) -> Vec<Field> {
    let mut fields: Vec<Field> = parameters
        .iter()
        .map(|parameter| one(parameter, place, notes))
        .collect();
    name(&mut fields, &mut HashSet::new());
    fields
}

fn one(parameter: &Parameter<'_>, place: Place, notes: &mut Notes) -> Field {
    let inside = read(&parameter.inside, place, notes);
    let ty = types::read(&parameter.ty, inside).unwrap_or_else(|ty| {
        let (key, taken) = (shown(&parameter.key), ty.written());
        let message = match parameter.ty.as_str() {
            "" => format!("{key} has no type; taken as `{taken}`"),
            word => format!("{key} has the type {}, and no fields; taken as `{taken}`", shown(word)),
        };
        notes.add(parameter.line, message);
        ty
    });
    let ty = fitting(ty, place, parameter, notes);
    let mut field = Field {
        key: parameter.key.clone(),
        ty,
        required: place == Place::Path || parameter.required && place != Place::Response,
        rust: None,
        secret: false,
        type_name: None,
        bounds: Bounds::default(),
        values: Vec::new(),
        default: None,
        example: None,
        scopes: Vec::new(),
    };
    field.secret = field.ty == Type::String && names::is_secret(&field.key);
    if let Some(cell) = parameter.description {
        field.describe(cell, notes);
    }
    field
}

/// The type, or `string` where the place carries nothing of that shape.
fn fitting(ty: Type, place: Place, parameter: &Parameter<'_>, notes: &mut Notes) -> Type {
    let scalar = |ty: &Type| ty.is_scalar() || *ty == Type::File && place == Place::Multipart;
    let fits = match (place, &ty) {
        (Place::Body | Place::Response, ty) => *ty.heart() != Type::File,
        (Place::Query | Place::Multipart, Type::List(item)) => item.is_scalar(),
        (_, ty) => scalar(ty),
    };
    if fits {
        return ty;
    }
    let key = shown(&parameter.key);
    notes.add(
        parameter.line,
        format!("{key} cannot be `{}` there; taken as `string`", ty.written()),
    );
    Type::String
}

impl Field {
    fn describe(&mut self, cell: &Cell, notes: &mut Notes) {
        self.bounds = Bounds::read(&cell.text, cell.line, &self.ty, notes);
        self.values = enums::read(cell, self.ty.heart(), notes);
        if !self.values.is_empty() && !matches!(self.ty, Type::List(_)) {
            // The values say more, and the format takes one of the two.
            self.bounds = Bounds::default();
        }
        self.access(cell, notes);
        words::note_bounds(&cell.text, cell.line, &self.key, notes);
        if let Some(text) = labelled(&cell.text, &["默认值", "Default value"]) {
            self.default = self.value(text);
            if self.default.is_none() && !literal::is_nothing(text) {
                notes.add(
                    cell.line,
                    format!("the default of {} is no value of it", shown(&self.key)),
                );
            }
        }
        let example = labelled(&cell.text, &["示例值", "Example value", "Example"]);
        self.example = example.and_then(|text| self.value(text)).filter(|_| !self.secret);
        let simple = match &self.ty {
            Type::List(item) => item.is_scalar(),
            ty => ty.is_scalar() && !self.secret,
        };
        if let Some(text) = example.filter(|text| simple && self.example.is_none() && !literal::is_nothing(text)) {
            let message = format!("the example of {} is no value of it: {}", shown(&self.key), shown(text));
            notes.add(cell.line, message);
        }
        let fixed = labelled(&cell.text, &["固定值", "Fixed value"]);
        if let Some(Json::String(text)) = fixed.and_then(|text| self.value(text))
            && self.values.is_empty()
            && names::variant(&text).is_some()
        {
            let fixed = Cell {
                values: vec![text],
                ..Cell::default()
            };
            self.values = enums::read(&fixed, &self.ty, notes);
            self.bounds = Bounds::default();
        }
    }

    /// A value that the loader will take for this field.
    fn value(&self, text: &str) -> Option<Json> {
        let value = literal::value(text, &self.ty)?;
        let known = |value: &Json| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.values.is_empty() || self.values.iter().any(|other| other.value == text)
        };
        let fits = match &value {
            Json::Array(items) => items.iter().all(known),
            one => known(one),
        };
        (fits && self.bounds.allow(&value)).then_some(value)
    }

    fn access(&mut self, cell: &Cell, notes: &mut Notes) {
        for (offset, scope) in &cell.scopes {
            let label = access::label(&cell.text, *offset);
            let fine = match label.and_then(access::value_of) {
                _ if !names::is_scope(scope) => false,
                Some(value) => enums::need(&mut self.values, value, scope),
                None => {
                    self.scopes.push(scope.clone());
                    true
                }
            };
            if !fine {
                notes.add(cell.line, format!("the scope {} was not understood", shown(scope)));
            }
        }
        self.scopes.dedup();
    }

    /// The field of the spec.
    pub fn written(&self) -> Tree {
        let mut map = Map::default();
        map.put("type", Tree::text(self.ty.written()));
        map.put_some("required", self.required.then(|| Tree::literal(true)));
        map.put_some("rust", self.rust.as_ref().map(Tree::text));
        map.put_some("secret", self.secret.then(|| Tree::literal(true)));
        map.put_some("name", self.type_name.as_ref().map(Tree::text));
        self.bounds.write(&mut map);
        let values = (!self.values.is_empty()).then(|| enums::written(&self.values, self.ty.heart()));
        map.put_some("enum", values);
        map.put_some("default", self.default.as_ref().and_then(Tree::json));
        map.put_some("example", self.example.as_ref().and_then(Tree::json));
        map.put_some("scopes", (!self.scopes.is_empty()).then(|| Tree::texts(&self.scopes)));
        if let Type::Object(object) = self.ty.heart() {
            map.put("fields", written(&object.fields));
        }
        map.done()
    }
}

/// The mapping of several fields.
pub(super) fn written(fields: &[Field]) -> Tree {
    Tree::Map(
        fields
            .iter()
            .map(|field| (field.key.clone(), field.written()))
            .collect(),
    )
}

/// Gives a name to each field of which none can be made, or only one that is `taken`.
pub(super) fn name(fields: &mut [Field], taken: &mut HashSet<String>) {
    for (index, field) in fields.iter_mut().enumerate() {
        field.rust = None;
        match names::member(&field.key) {
            Some(name) if taken.insert(name.clone()) => {}
            made => {
                let stem = made.unwrap_or_else(|| "field".to_owned());
                let free = (index + 2..).map(|number| format!("{stem}_{number}"));
                let name = free.into_iter().find(|name| taken.insert(name.clone()));
                field.rust = name;
            }
        }
    }
}

impl Field {
    /// A text of which no more is known, in the path.
    pub fn text(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ty: Type::String,
            required: true,
            rust: None,
            secret: false,
            type_name: None,
            bounds: Bounds::default(),
            values: Vec::new(),
            default: None,
            example: None,
            scopes: Vec::new(),
        }
    }
}
