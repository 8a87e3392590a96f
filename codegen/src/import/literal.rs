//! Examples and defaults: what stands behind a label of a description, as a value of the field's type.

use serde_json::Value;

use super::types::Type;

/// Longer examples tell nobody more.
const MAX_LENGTH: usize = 200;

/// What stands behind a label such as `**示例值**：`, to the end of its line.
pub(super) fn labelled<'t>(text: &'t str, labels: &[&str]) -> Option<&'t str> {
    let after = |line: &'t str| {
        let line = line.trim();
        let rest = labels.iter().find_map(|label| {
            let bare = line.trim_start_matches('*');
            bare.strip_prefix(label)
        })?;
        let rest = rest.trim_start_matches(['*', '：', ':', ' ']);
        Some(rest.trim()).filter(|rest| !rest.is_empty())
    };
    text.lines().find_map(after)
}

/// A value of the type, as JSON; `None` where the text is none.
pub(super) fn value(text: &str, ty: &Type) -> Option<Value> {
    let text = text.trim();
    let bare = text
        .strip_prefix('`')
        .and_then(|text| text.strip_suffix('`'))
        .unwrap_or(text);
    if bare.is_empty() || bare.chars().count() > MAX_LENGTH {
        return None;
    }
    match ty {
        Type::String => string(bare),
        Type::Int => unquoted(bare).parse::<i64>().ok().map(Value::from),
        Type::Float => {
            let number = unquoted(bare)
                .parse::<f64>()
                .ok()
                .filter(|number| number.abs() < 1e15)?;
            Some(serde_json::Number::from_f64(number)?.into())
        }
        Type::Bool => unquoted(bare).parse::<bool>().ok().map(Value::from),
        Type::List(item) if item.is_scalar() => list(bare, item),
        _ => None,
    }
}

fn unquoted(text: &str) -> &str {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or(text).trim()
}

fn string(text: &str) -> Option<Value> {
    let parsed = serde_json::from_str(text).ok().filter(Value::is_string);
    let value = parsed.unwrap_or_else(|| Value::from(unquoted(text)));
    let fine = value.as_str().is_some_and(is_literal);
    fine.then_some(value)
}

fn list(text: &str, item: &Type) -> Option<Value> {
    // Some pages show one item.
    let bare = *item == Type::String && !text.contains(['[', ']', ',', '"']);
    let parsed: Value = match bare {
        true => Value::from(vec![text]),
        false => serde_json::from_str(text).ok()?,
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

/// Whether a text says that there is no value.
pub(super) fn is_nothing(text: &str) -> bool {
    let bare = text.trim().trim_matches(['`', '"', '\\']);
    bare.chars().all(|c| c == '-') || matches!(bare, "无" | "N/A" | "None" | "null")
}

/// Whether a text is a value and no sentence about one.
pub(super) fn is_literal(text: &str) -> bool {
    const MAX_WORDS: usize = 12;
    let hidden = |c: char| c.is_control() || crate::characters::is_deceptive(c);
    let wide = text.chars().filter(|c| is_wide(*c)).count();
    let sentence = text.contains(['，', '。', '；', '`']) || text.contains("](") || wide > MAX_WORDS;
    !text.is_empty() && !text.contains(hidden) && !sentence && !matches!(text, "无" | "-")
}

/// Whether it is a character of Chinese or its punctuation.
pub(super) fn is_wide(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

#[cfg(test)]
mod tests {
    use super::{Type, labelled, value};

    #[test]
    fn a_label_may_have_its_colon_inside_or_outside_of_the_stars() {
        for text in ["**示例值**：7", "**示例值：**7", "word\n  **示例值：** 7 "] {
            assert_eq!(labelled(text, &["示例值"]), Some("7"), "{text}");
        }
        assert_eq!(labelled("示例", &["示例值"]), None);
    }

    #[test]
    fn a_text_loses_its_quotes() {
        assert_eq!(value("\"a\\\"b\"", &Type::String), Some("a\"b".into()));
        assert_eq!(value("`7`", &Type::Int), Some(7.into()));
    }

    #[test]
    fn a_list_may_be_shown_as_one_of_its_items() {
        let list = Type::List(Box::new(Type::String));
        assert_eq!(value("[\"a\", \"b\"]", &list), Some(serde_json::json!(["a", "b"])));
        assert_eq!(value("a", &list), Some(serde_json::json!(["a"])));
        assert_eq!(value("a, b", &list), None);
    }

    #[test]
    fn what_is_no_value_of_the_type_is_none() {
        assert_eq!(value("seven", &Type::Int), None);
        for words in ["这是一句话，不是值。", "see [there](https://x)", "无"] {
            assert_eq!(value(words, &Type::String), None, "{words}");
        }
        assert_eq!(value("[1, \"a\"]", &Type::List(Box::new(Type::Int))), None);
    }
}
