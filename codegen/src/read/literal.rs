//! Examples and defaults, as values of a field's type.

use super::reader::Literal;
use serde_json::{Map, Number, Value as Json};

use super::reader::Reader;
use super::type_table::Shape;
use super::value::{Entries, integer_of, number_of};
use crate::finding;
use crate::model::{Bounds, Origin, Type};
use crate::yaml::{Node, Value};

impl Reader<'_> {
    /// Reads the value of `key` as a value of type `ty`.
    pub(super) fn literal_of(&mut self, entries: &Entries<'_>, key: &str, ty: &Type, bounds: Bounds) -> Option<Json> {
        let node = entries.get(key)?;
        self.inside(key, |reader| {
            let value = reader.literal(node, ty)?;
            let subject = reader.subject();
            reader.literals.push(Literal {
                value: value.clone(),
                ty: ty.clone(),
                bounds,
                origin: node.origin,
                subject,
            });
            Some(value)
        })
    }

    fn literal(&mut self, node: &Node, ty: &Type) -> Option<Json> {
        match ty {
            Type::String => self.literal_text(node),
            Type::Int => self.integer(node).map(Json::from),
            Type::Float => self.number(node).map(Json::from),
            Type::Bool => self.flag(node).map(Json::from),
            Type::Any => self.natural(node),
            Type::File => {
                self.report(
                    finding::KEY_NOT_APPLICABLE,
                    node.origin,
                    "a file has no value in a spec",
                );
                None
            }
            Type::List(item) => {
                let items = self.sequence(node)?;
                items.iter().map(|node| self.literal(node, item)).collect()
            }
            Type::Map(value) => {
                let entries = self.mapping(node)?;
                let values = entries
                    .iter()
                    .map(|(key, node)| Some((key.text.clone(), self.literal(node, value)?)));
                Some(Json::Object(values.collect::<Option<Map<_, _>>>()?))
            }
            Type::Named(id) => match self.types.shape(*id) {
                Shape::StringEnum => self.literal_text(node),
                Shape::IntEnum => self.integer(node).map(Json::from),
                Shape::Object => {
                    self.mapping(node)?;
                    self.natural(node)
                }
            },
        }
    }

    /// Text may be empty here: that is what some fields default to.
    fn literal_text(&mut self, node: &Node) -> Option<Json> {
        match &node.value {
            Value::Text(text) if text.is_empty() => Some(Json::from("")),
            Value::Text(text) if text.contains('\n') => {
                let lines = text.lines().map(|line| self.text_line(line, node.origin));
                lines.collect::<Option<Vec<()>>>()?;
                Some(Json::from(text.as_str()))
            }
            _ => self.text(node).map(Json::from),
        }
    }

    fn text_line(&mut self, line: &str, origin: Origin) -> Option<()> {
        let value = Value::Text(format!("{line}."));
        self.text(&Node { value, origin }).map(drop)
    }

    /// The value that a node most likely means, where no type says it.
    fn natural(&mut self, node: &Node) -> Option<Json> {
        match &node.value {
            Value::Null => Some(Json::Null),
            Value::Text(_) => self.literal_text(node),
            Value::Literal(text) => Some(natural_scalar(&node.value, text)),
            Value::List(items) => items.iter().map(|item| self.natural(item)).collect(),
            Value::Map(entries) => {
                let values = entries
                    .iter()
                    .map(|(key, node)| Some((key.text.clone(), self.natural(node)?)));
                Some(Json::Object(values.collect::<Option<Map<_, _>>>()?))
            }
        }
    }
}

fn natural_scalar(value: &Value, text: &str) -> Json {
    let number = integer_of(value)
        .map(Number::from)
        .or_else(|| number_of(value).and_then(Number::from_f64));
    match (text, number) {
        ("true", _) => Json::Bool(true),
        ("false", _) => Json::Bool(false),
        (_, Some(number)) => Json::Number(number),
        (_, None) => Json::from(text),
    }
}
