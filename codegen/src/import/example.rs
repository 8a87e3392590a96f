//! The JSON that a page shows as an example.

use serde_json::Value;

use super::field::Field;
use super::note::{Notes, shown};
use super::page::Document;
use super::titles;
use super::types::Type;

/// The first value of the section with one of these titles that can be read, or of the sections that part it.
pub(super) fn of(document: &Document<'_>, names: &[&str]) -> Option<Value> {
    let start = document.sections.iter().position(|section| section.is(names))?;
    let (own, behind) = document.sections[start..].split_first()?;
    let parts = behind.iter().take_while(|section| !titles::is_known(section.title));
    let texts = [own].into_iter().chain(parts).map(|section| section.text());
    texts.into_iter().find_map(|text| first(&text))
}

/// Notes the keys of an example that its table does not have, which may be the rows of it that were not understood.
pub(super) fn note_unknown(example: &Value, fields: &[Field], line: u32, notes: &mut Notes) {
    let mut unknown = Vec::new();
    compare(example, fields, &mut unknown);
    unknown.sort_unstable();
    unknown.dedup();
    for key in unknown {
        notes.add(
            line,
            format!("the example has the key {}, and the table has not", shown(key)),
        );
    }
}

fn compare<'v>(value: &'v Value, fields: &[Field], unknown: &mut Vec<&'v str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| compare(item, fields, unknown)),
        Value::Object(object) => {
            for (key, value) in object {
                match fields.iter().find(|field| field.key == *key) {
                    None => unknown.push(key),
                    Some(field) => inside(value, &field.ty, unknown),
                }
            }
        }
        _ => {}
    }
}

fn inside<'v>(value: &'v Value, ty: &Type, unknown: &mut Vec<&'v str>) {
    match (ty, value) {
        (Type::Object(object), value) => compare(value, &object.fields, unknown),
        (Type::List(item), Value::Array(values)) => values.iter().for_each(|value| inside(value, item, unknown)),
        (Type::Map(item), Value::Object(values)) => values.values().for_each(|value| inside(value, item, unknown)),
        _ => {}
    }
}

fn first(text: &str) -> Option<Value> {
    let start = text.find(['{', '['])?;
    parsed(&text[start..]).or_else(|| parsed(&strict(&text[start..])))
}

fn parsed(text: &str) -> Option<Value> {
    serde_json::Deserializer::from_str(text).into_iter().next()?.ok()
}

/// The text without what people add to JSON: words behind `//`, and commas behind the last of several.
fn strict(text: &str) -> String {
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
    use super::first;

    #[test]
    fn the_first_value_counts_whatever_stands_around_it() {
        assert_eq!(first("```json\n{\"a\": 1}\n```\n{\"b\": 2}").unwrap()["a"], 1);
    }

    #[test]
    fn comments_and_commas_too_many_are_no_hindrance() {
        let value = first("{\"a\": [\"http://x\", // the first\n], \"b\\\"//\": 2,\n}").unwrap();
        assert_eq!(value, serde_json::json!({"a": ["http://x"], "b\"//": 2}));
    }

    #[test]
    fn what_is_no_json_is_none() {
        for text in ["", "words", "{a: 1}", "{\"a\": 0/1/-1}", "[1, 2"] {
            assert_eq!(first(text), None, "{text}");
        }
    }
}
