//! What a line of the list says: a token, or a JSON object.

use serde_json::{Map, Value};

/// What a line says.
#[derive(Default)]
pub(crate) struct Line {
    pub token: Option<String>,
    /// The name that the file is to get.
    pub name: Option<String>,
    /// All else, by the names that the endpoint has for it.
    pub parameters: Map<String, Value>,
}

impl Line {
    /// What this line says, which is not empty and has no blanks at its ends.
    pub(super) fn read(line: &str) -> Result<Self, String> {
        match line.starts_with('{') {
            true => json(line),
            false => plain(line),
        }
    }
}

fn plain(line: &str) -> Result<Line, String> {
    if line.contains(char::is_whitespace) {
        return Err("it holds white space: give a token alone, or a JSON line such as {\"token\": \"...\"}".to_owned());
    }
    Ok(Line {
        token: Some(line.to_owned()),
        ..Line::default()
    })
}

fn json(line: &str) -> Result<Line, String> {
    let mut parameters: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| format!("it is no JSON object: {error}"))?;
    let mut own = |key: &str| match parameters.remove(key) {
        None => Ok(None),
        Some(value) => text(key, &value),
    };
    let (token, name) = (own("token")?, own("name")?);
    Ok(Line {
        token,
        name,
        parameters,
    })
}

/// A value as it travels; null is none.
pub(super) fn text(key: &str, value: &Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Bool(value) => Ok(Some(value.to_string())),
        Value::Array(_) | Value::Object(_) => Err(format!("`{key}` is a list or an object: give a text")),
    }
}
