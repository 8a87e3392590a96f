//! What the type column of a page means.

use super::field::Field;

/// The type of a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Type {
    String,
    Int,
    Float,
    Bool,
    Any,
    File,
    List(Box<Type>),
    Map(Box<Type>),
    Object(Object),
    /// An object that has become a type with a name.
    Named(String),
}

/// An object of a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Object {
    /// What the page calls its type, if it does.
    pub name: Option<String>,
    pub fields: Vec<Field>,
}

impl Type {
    /// The type below lists and maps.
    pub fn heart(&self) -> &Self {
        match self {
            Self::List(inner) | Self::Map(inner) => inner.heart(),
            other => other,
        }
    }

    pub fn heart_mut(&mut self) -> &mut Self {
        match self {
            Self::List(inner) | Self::Map(inner) => inner.heart_mut(),
            other => other,
        }
    }

    pub fn is_scalar(&self) -> bool {
        matches!(self, Self::String | Self::Int | Self::Float | Self::Bool)
    }

    /// The type expression of the spec.
    pub fn written(&self) -> String {
        match self {
            Self::String => "string".to_owned(),
            Self::Int => "int".to_owned(),
            Self::Float => "float".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Any => "any".to_owned(),
            Self::File => "file".to_owned(),
            Self::List(inner) => format!("[{}]", inner.written()),
            Self::Map(inner) => format!("{{string: {}}}", inner.written()),
            Self::Object(_) => "object".to_owned(),
            Self::Named(name) => name.clone(),
        }
    }
}

/// Deeper lists than any page has.
const MAX_DEPTH: usize = 6;

/// The type that a page means by `text`, for a parameter with these fields inside. `Err` has what to take where the
/// word says nothing.
pub(super) fn read(text: &str, fields: Vec<Field>) -> Result<Type, Type> {
    below(text.trim(), fields, 0)
}

fn below(text: &str, fields: Vec<Field>, depth: usize) -> Result<Type, Type> {
    if depth > MAX_DEPTH {
        return Err(Type::Any);
    }
    let wrap = |inner: Result<Type, Type>, outer: fn(Box<Type>) -> Type| match inner {
        Ok(inner) => Ok(outer(Box::new(inner))),
        Err(inner) => Err(outer(Box::new(inner))),
    };
    if let Some(item) = text.strip_suffix("[]") {
        return wrap(below(item.trim(), fields, depth + 1), Type::List);
    }
    let lower = text.to_ascii_lowercase();
    let inner = |name: &str| {
        let rest = lower.strip_prefix(name)?.trim().strip_prefix('<')?.strip_suffix('>')?;
        Some(rest.trim().to_owned())
    };
    if let Some(item) = ["list", "array"].iter().find_map(|name| inner(name)) {
        return wrap(below(&item, fields, depth + 1), Type::List);
    }
    if let Some((_, value)) = inner("map").as_ref().and_then(|both| both.split_once(',')) {
        return wrap(below(value.trim(), fields, depth + 1), Type::Map);
    }
    if matches!(lower.as_str(), "array" | "list") {
        return wrap(below("object", fields, depth + 1), Type::List);
    }
    word(text, &lower, fields)
}

fn word(text: &str, lower: &str, fields: Vec<Field>) -> Result<Type, Type> {
    if !fields.is_empty() {
        let named = !matches!(
            lower,
            "" | "-" | "object" | "undefined" | "struct" | "map" | "string" | "union"
        );
        let name = named.then(|| text.to_owned());
        return Ok(Type::Object(Object { name, fields }));
    }
    Ok(match lower {
        "string" | "str" | "enum" | "text" | "string(enum)" => Type::String,
        "int" | "integer" | "int32" | "int64" | "long" | "number(int)" => Type::Int,
        "float" | "double" | "number" | "number(float)" => Type::Float,
        "boolean" | "bool" => Type::Bool,
        "file" | "binary" => Type::File,
        "object" | "struct" | "map" | "union" | "any" | "json" => Type::Any,
        _ => return Err(Type::Any),
    })
}
