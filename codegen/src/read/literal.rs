//! Reads examples and defaults as values of their field's type; check/literals.rs checks bounds and enum values.

use super::reader::Literal;
use serde_json::{Map, Number, Value as Json};

use super::reader::Reader;
use super::type_table::Shape;
use super::value::{Entries, parse_integer, parse_number};
use crate::finding;
use crate::model::{Bounds, Origin, Type};
use crate::yaml::{Node, Value};

impl Reader<'_> {
    /// Reads the value of `key` as a value of type `ty` and records it for the checks.
    pub(super) fn read_literal_key(
        &mut self,
        entries: &Entries<'_>,
        key: &str,
        ty: &Type,
        bounds: Bounds,
    ) -> Option<Json> {
        let node = entries.get(key)?;
        self.at_key(key, |reader| {
            let value = reader.read_literal(node, ty)?;
            let subject = reader.format_subject();
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

    fn read_literal(&mut self, node: &Node, ty: &Type) -> Option<Json> {
        match ty {
            Type::String => self.read_literal_text(node),
            Type::Int => self.read_integer(node).map(Json::from),
            Type::Float => self.read_number(node).map(Json::from),
            Type::Bool => self.read_flag(node).map(Json::from),
            Type::Any => self.read_untyped_literal(node),
            Type::File => {
                self.report(
                    finding::KEY_NOT_APPLICABLE,
                    node.origin,
                    "a file cannot have an example or a default",
                );
                None
            }
            Type::List(item) => {
                let items = self.expect_list(node)?;
                items.iter().map(|node| self.read_literal(node, item)).collect()
            }
            Type::Map(value) => {
                let entries = self.expect_mapping(node)?;
                let values = entries
                    .iter()
                    .map(|(key, node)| Some((key.text.clone(), self.read_literal(node, value)?)));
                Some(Json::Object(values.collect::<Option<Map<_, _>>>()?))
            }
            Type::Named(id) => match self.types.shape(*id) {
                Shape::StringEnum => self.read_literal_text(node),
                Shape::IntEnum => self.read_integer(node).map(Json::from),
                Shape::Object => {
                    self.expect_mapping(node)?;
                    self.read_untyped_literal(node)
                }
            },
        }
    }

    /// Reads text that may be empty: some fields default to it.
    fn read_literal_text(&mut self, node: &Node) -> Option<Json> {
        match &node.value {
            Value::Text(text) if text.is_empty() => Some(Json::from("")),
            Value::Text(text) if text.contains('\n') => {
                let lines = text.lines().map(|line| self.check_text_line(line, node.origin));
                lines.collect::<Option<Vec<()>>>()?;
                Some(Json::from(text.as_str()))
            }
            _ => self.read_text(node).map(Json::from),
        }
    }

    fn check_text_line(&mut self, line: &str, origin: Origin) -> Option<()> {
        let value = Value::Text(format!("{line}."));
        self.read_text(&Node { value, origin }).map(drop)
    }

    /// Reads a value without a declared type by the type of its YAML scalar.
    fn read_untyped_literal(&mut self, node: &Node) -> Option<Json> {
        match &node.value {
            Value::Null => Some(Json::Null),
            Value::Text(_) => self.read_literal_text(node),
            Value::Literal(text) => Some(parse_untyped_scalar(&node.value, text)),
            Value::List(items) => items.iter().map(|item| self.read_untyped_literal(item)).collect(),
            Value::Map(entries) => {
                let values = entries
                    .iter()
                    .map(|(key, node)| Some((key.text.clone(), self.read_untyped_literal(node)?)));
                Some(Json::Object(values.collect::<Option<Map<_, _>>>()?))
            }
        }
    }
}

fn parse_untyped_scalar(value: &Value, text: &str) -> Json {
    let number = parse_integer(value)
        .map(Number::from)
        .or_else(|| parse_number(value).and_then(Number::from_f64));
    match (text, number) {
        ("true", _) => Json::Bool(true),
        ("false", _) => Json::Bool(false),
        (_, Some(number)) => Json::Number(number),
        (_, None) => Json::from(text),
    }
}
