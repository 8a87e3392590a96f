//! YAML values that the importer writes.

use crate::layout;

/// A YAML value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Yaml {
    /// A string, quoted where necessary.
    Text(String),
    /// Written without quotes: a number, a boolean, a date or a rate limit.
    Literal(String),
    List(Vec<Yaml>),
    Map(Vec<(String, Yaml)>),
}

impl Yaml {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn literal(value: impl ToString) -> Self {
        Self::Literal(value.to_string())
    }

    pub fn texts<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(|text| Self::text(text.as_ref())).collect())
    }

    /// Converts a JSON value; `None` if it contains null.
    pub fn json(value: &serde_json::Value) -> Option<Self> {
        use serde_json::Value;
        Some(match value {
            Value::Null => return None,
            Value::Bool(value) => Self::literal(value),
            Value::Number(value) => Self::literal(value),
            Value::String(text) => Self::text(text),
            Value::Array(items) => Self::List(items.iter().map(Self::json).collect::<Option<_>>()?),
            Value::Object(entries) => {
                let entry = |(key, value): (&String, &Value)| Some((key.clone(), Self::json(value)?));
                Self::Map(entries.iter().map(entry).collect::<Option<_>>()?)
            }
        })
    }

    /// Appends the value in block style. `spec fmt` formats it later.
    pub fn write(&self, indent: usize, out: &mut String) {
        let pad = " ".repeat(indent);
        match self {
            Self::Text(text) => out.push_str(&format!(" {}\n", layout::scalar(text))),
            Self::Literal(text) => out.push_str(&format!(" {text}\n")),
            Self::List(items) if items.is_empty() => out.push_str(" []\n"),
            Self::Map(entries) if entries.is_empty() => out.push_str(" {}\n"),
            Self::List(items) => {
                out.push('\n');
                for item in items {
                    out.push_str(&format!("{pad}-"));
                    item.write(indent + 2, out);
                }
            }
            Self::Map(entries) => {
                out.push('\n');
                for (key, value) in entries {
                    out.push_str(&format!("{pad}{}:", key_scalar(key)));
                    value.write(indent + 2, out);
                }
            }
        }
    }
}

/// Builds a mapping key by key.
#[derive(Default)]
pub(super) struct MapBuilder(Vec<(String, Yaml)>);

impl MapBuilder {
    pub fn put(&mut self, key: &str, value: Yaml) {
        self.0.push((key.to_owned(), value));
    }

    pub fn put_some(&mut self, key: &str, value: Option<Yaml>) {
        self.0.extend(value.map(|value| (key.to_owned(), value)));
    }

    pub fn finish(self) -> Yaml {
        Yaml::Map(self.0)
    }

    /// Returns the mapping, if it has a key.
    pub fn finish_non_empty(self) -> Option<Yaml> {
        (!self.0.is_empty()).then(|| self.finish())
    }
}

/// Returns a key: an error code without quotes, and other texts quoted where necessary.
fn key_scalar(key: &str) -> String {
    let is_code = key.parse::<i64>().is_ok_and(|code| code.to_string() == key);
    if is_code { key.to_owned() } else { layout::scalar(key) }
}
