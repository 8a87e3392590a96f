//! Type expressions: `string`, `[TmpDownloadUrl]`, `{string: [int]}`.

use super::value::nearest;
use super::{Reader, shown};
use crate::finding;
use crate::model::Type;
use crate::names;
use crate::yaml::{Node, Value};

/// Deeper nesting of lists and maps is refused.
const MAX_DEPTH: usize = 8;

/// A type expression, taken apart.
#[derive(Debug)]
pub(super) struct Expression {
    /// Lists and maps around the heart, the outermost first.
    around: Vec<Around>,
    pub heart: Heart,
}

#[derive(Debug, Clone, Copy)]
enum Around {
    List,
    Map,
}

/// What stands inside all lists and maps.
#[derive(Debug)]
pub(super) enum Heart {
    /// Something without a name, such as text.
    Plain(Type),
    /// An object whose fields stand under `fields:`.
    Object,
    /// A type with a name.
    Named(String),
}

impl Expression {
    /// The whole type, once the heart's is known.
    pub fn wrap(&self, heart: Type) -> Type {
        self.around.iter().rev().fold(heart, |inner, around| match around {
            Around::List => Type::List(Box::new(inner)),
            Around::Map => Type::Map(Box::new(inner)),
        })
    }

    /// `None` where the text is no expression.
    fn parse(text: &str) -> Option<Self> {
        let mut around = Vec::new();
        let mut rest = text.trim();
        while let Some((layer, inner)) = peel(rest) {
            around.push(layer);
            rest = inner.trim();
            if around.len() > MAX_DEPTH {
                return None;
            }
        }
        Some(Self {
            around,
            heart: heart(rest)?,
        })
    }
}

/// Takes one list or map off.
fn peel(text: &str) -> Option<(Around, &str)> {
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Some((Around::List, inner));
    }
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let (key, value) = inner.split_once(':')?;
    (key.trim() == "string").then_some((Around::Map, value))
}

fn heart(text: &str) -> Option<Heart> {
    Some(match text {
        "string" => Heart::Plain(Type::String),
        "int" => Heart::Plain(Type::Int),
        "float" => Heart::Plain(Type::Float),
        "bool" => Heart::Plain(Type::Bool),
        "any" => Heart::Plain(Type::Any),
        "file" => Heart::Plain(Type::File),
        "object" => Heart::Object,
        name if names::is_camel(name) => Heart::Named(name.to_owned()),
        _ => return None,
    })
}

impl Reader<'_> {
    /// Reads a type expression.
    pub(super) fn expression(&mut self, node: &Node) -> Option<Expression> {
        if matches!(node.value, Value::List(_) | Value::Map(_)) {
            self.report_with_help(
                finding::TYPE_EXPRESSION,
                node.origin,
                "a type expression is text",
                r#"put it in quotes: "[string]""#,
            );
            return None;
        }
        let text = self.text(node)?;
        let expression = Expression::parse(&text);
        if expression.is_none() {
            let message = format!("{} is no type", shown(&text));
            let help = "a type is string, int, float, bool, any, file, object, [T], {string: T} or a name in CamelCase";
            self.report_with_help(finding::TYPE_EXPRESSION, node.origin, message, help);
        }
        expression
    }

    /// The type that a name means: one of the resource, else one that the project shares.
    pub(super) fn resolve(&mut self, name: &str, node: &Node) -> Option<Type> {
        let own = self.types.named(self.module, name);
        let id = own.or_else(|| self.types.named(self.shared?, name));
        if id.is_none() && (self.complete || self.shared.is_some()) {
            let known = self.types.known_names(self.module, self.shared);
            let help = nearest(name, &known).map_or_else(
                || "define it under `types:` of this file, or in the project's types.yaml".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("there is no type {}", shown(name));
            self.report_with_help(finding::UNRESOLVED_TYPE, node.origin, message, help);
        }
        id.map(Type::Named)
    }
}
