//! Example and default values of fields, and the JSON examples of a page.

use std::collections::HashMap;

use serde_json::Value;

use super::super::model::{Field, Notes, Type, quoted};
use super::super::page::{Document, headings, is_wide};
use crate::characters::is_hidden;

/// The maximum length of an example in characters.
const MAX_LENGTH: usize = 200;

/// Parses a value of a type; `None` if the text is not one.
pub(super) fn parse_value(text: &str, ty: &Type) -> Option<Value> {
    let text = text.trim();
    let bare = text
        .strip_prefix('`')
        .and_then(|text| text.strip_suffix('`'))
        .unwrap_or(text);
    if bare.is_empty() || bare.chars().count() > MAX_LENGTH {
        return None;
    }
    match ty {
        Type::String => parse_string(bare),
        Type::Int => unquoted(bare).parse::<i64>().ok().map(Value::from),
        Type::Float => {
            let number = unquoted(bare)
                .parse::<f64>()
                .ok()
                .filter(|number| number.abs() < 1e15)?;
            Some(serde_json::Number::from_f64(number)?.into())
        }
        Type::Bool => unquoted(bare).parse::<bool>().ok().map(Value::from),
        Type::List(item) if item.is_scalar() => parse_list(bare, item),
        _ => None,
    }
}

fn unquoted(text: &str) -> &str {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or(text).trim()
}

fn parse_string(text: &str) -> Option<Value> {
    let parsed = serde_json::from_str(text).ok().filter(Value::is_string);
    let value = parsed.unwrap_or_else(|| Value::from(unquoted(text)));
    let is_valid = value.as_str().is_some_and(is_literal);
    is_valid.then_some(value)
}

fn parse_list(text: &str, item: &Type) -> Option<Value> {
    // Some pages show a single item without brackets.
    let is_single = *item == Type::String && !text.contains(['[', ']', ',', '"']);
    let parsed: Value = if is_single {
        Value::from(vec![text])
    } else {
        serde_json::from_str(text).ok()?
    };
    let fits = |value: &Value| match item {
        Type::String => value.as_str().is_some_and(is_literal),
        Type::Int => value.is_i64(),
        Type::Float => value.is_number(),
        Type::Bool => value.is_boolean(),
        _ => false,
    };
    let items = parsed.as_array()?;
    (!items.is_empty() && items.iter().all(fits)).then_some(parsed)
}

/// Whether a text states that there is no value, such as `-` or `N/A`.
pub(super) fn is_absent(text: &str) -> bool {
    let bare = text.trim().trim_matches(['`', '"', '\\']);
    bare.chars().all(|c| c == '-') || matches!(bare, "无" | "N/A" | "None" | "null")
}

/// Whether a text is a value, not a sentence.
fn is_literal(text: &str) -> bool {
    !text.is_empty() && !text.contains(is_hidden) && !is_sentence(text) && !matches!(text, "无" | "-")
}

/// Whether a text is a sentence, or long enough to be one.
pub(super) fn is_sentence(text: &str) -> bool {
    const MAX_WIDE_CHARS: usize = 12;
    let wide = text.chars().filter(|c| is_wide(*c)).count();
    let is_long = text.chars().count() > MAX_LENGTH;
    is_long || text.contains(['，', '。', '；', '`']) || text.contains("](") || wide > MAX_WIDE_CHARS
}

/// Returns the first JSON value in the section with one of these headings, including its subsections.
pub(super) fn find_json(document: &Document<'_>, titles: &[&str]) -> Option<Value> {
    let start = document
        .sections
        .iter()
        .position(|section| section.has_heading(titles))?;
    let (section, following) = document.sections[start..].split_first()?;
    let subsections = following
        .iter()
        .take_while(|section| !headings::is_heading(section.title));
    let texts = [section].into_iter().chain(subsections).map(|section| section.text());
    texts.into_iter().find_map(|text| first_json(&text))
}

/// Adds a note for each key of an example that is missing in the table: its row may have been misread.
pub(super) fn note_unknown_keys(example: &Value, fields: &[Field], line: u32, notes: &mut Notes) {
    let mut unknown = Vec::new();
    collect_unknown(example, &KnownFields::new(fields), &mut unknown);
    unknown.sort_unstable();
    unknown.dedup();
    for key in unknown {
        notes.add(
            line,
            format!("the example has the key {}, which is missing in the table", quoted(key)),
        );
    }
}

/// The fields of an object by key, each with the type and the fields of the object in it.
struct KnownFields<'f>(HashMap<&'f str, (&'f Type, KnownFields<'f>)>);

impl<'f> KnownFields<'f> {
    fn new(fields: &'f [Field]) -> Self {
        let known = |field: &'f Field| {
            let inner: &[Field] = match field.ty.innermost() {
                Type::Object(object) => &object.fields,
                _ => &[],
            };
            (field.key.as_str(), (&field.ty, Self::new(inner)))
        };
        Self(fields.iter().map(known).collect())
    }
}

fn collect_unknown<'v>(value: &'v Value, fields: &KnownFields<'_>, unknown: &mut Vec<&'v str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_unknown(item, fields, unknown)),
        Value::Object(object) => {
            for (key, value) in object {
                match fields.0.get(key.as_str()) {
                    None => unknown.push(key),
                    Some((ty, inner)) => collect_nested(value, ty, inner, unknown),
                }
            }
        }
        _ => {}
    }
}

/// `inner` are the fields of the object inside the lists and maps of `ty`.
fn collect_nested<'v>(value: &'v Value, ty: &Type, inner: &KnownFields<'_>, unknown: &mut Vec<&'v str>) {
    match (ty, value) {
        (Type::Object(_), value) => collect_unknown(value, inner, unknown),
        (Type::List(item), Value::Array(values)) => values
            .iter()
            .for_each(|value| collect_nested(value, item, inner, unknown)),
        (Type::Map(item), Value::Object(values)) => values
            .values()
            .for_each(|value| collect_nested(value, item, inner, unknown)),
        _ => {}
    }
}

fn first_json(text: &str) -> Option<Value> {
    let start = text.find(['{', '['])?;
    parse_json(&text[start..]).or_else(|| parse_json(&strict_json(&text[start..])))
}

fn parse_json(text: &str) -> Option<Value> {
    serde_json::Deserializer::from_str(text).into_iter().next()?.ok()
}

/// Removes `//` comments and trailing commas.
fn strict_json(text: &str) -> String {
    let (mut clean, mut in_string, mut escaped) = (String::new(), false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if !escaped => in_string = !in_string,
            '/' if !in_string && chars.peek() == Some(&'/') => {
                while chars.next_if(|c| *c != '\n').is_some() {}
                continue;
            }
            '}' | ']' if !in_string => {
                let bare = clean.trim_end().trim_end_matches(',').len();
                clean.truncate(bare);
            }
            _ => {}
        }
        escaped = in_string && c == '\\' && !escaped;
        clean.push(c);
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_quotes_from_values() {
        assert_eq!(parse_value("\"a\\\"b\"", &Type::String), Some("a\"b".into()));
        assert_eq!(parse_value("`7`", &Type::Int), Some(7.into()));
    }

    #[test]
    fn reads_a_list_shown_as_one_item() {
        let list = Type::List(Box::new(Type::String));
        assert_eq!(
            parse_value("[\"a\", \"b\"]", &list),
            Some(serde_json::json!(["a", "b"]))
        );
        assert_eq!(parse_value("a", &list), Some(serde_json::json!(["a"])));
        assert_eq!(parse_value("a, b", &list), None);
    }

    #[test]
    fn rejects_values_of_another_type() {
        assert_eq!(parse_value("seven", &Type::Int), None);
        for words in ["这是一句话，不是值。", "see [there](https://x)", "无"] {
            assert_eq!(parse_value(words, &Type::String), None, "{words}");
        }
        assert_eq!(parse_value("[1, \"a\"]", &Type::List(Box::new(Type::Int))), None);
    }

    #[test]
    fn finds_the_first_json_value() {
        assert_eq!(first_json("```json\n{\"a\": 1}\n```\n{\"b\": 2}").unwrap()["a"], 1);
    }

    #[test]
    fn accepts_comments_and_trailing_commas() {
        let value = first_json("{\"a\": [\"http://x\", // the first\n], \"b\\\"//\": 2,\n}").unwrap();
        assert_eq!(value, serde_json::json!({"a": ["http://x"], "b\"//": 2}));
    }

    #[test]
    fn rejects_text_without_json() {
        for text in ["", "words", "{a: 1}", "{\"a\": 0/1/-1}", "[1, 2"] {
            assert_eq!(first_json(text), None, "{text}");
        }
    }
}
