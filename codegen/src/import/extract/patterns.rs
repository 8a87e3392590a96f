//! Regular expressions in the descriptions of fields.

use super::super::model::{Field, Notes, Type, quoted};
use crate::pattern::compile;

const LABELS: [&str; 2] = ["正则校验", "Regular expression"];

/// Returns the pattern in a description, if its syntax is supported and the example of the page matches it.
pub(super) fn read_pattern(field: &Field, text: &str, line: u32, notes: &mut Notes) -> Option<String> {
    let labelled = |row: &str| {
        let row = row.trim().trim_start_matches(['-', '*', ' ']);
        let row = row
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .trim_start_matches(['.', ' ']);
        LABELS
            .iter()
            .find_map(|label| row.strip_prefix(label))
            .map(str::to_owned)
    };
    let rest = text.lines().find_map(labelled)?;
    let pattern = rest.trim_start_matches([':', '：', ' ']).trim_end();
    // The pattern itself may contain a backtick only if it is not quoted.
    let quoted_pattern = pattern.strip_prefix('`').and_then(|pattern| pattern.split_once('`'));
    let pattern = escape_nested_brackets(quoted_pattern.map_or(pattern, |(pattern, _)| pattern));
    let mut skip = |reason: &str| {
        notes.add(line, format!("skipped the pattern {}: {reason}", quoted(&pattern)));
        None
    };
    if field.ty != Type::String || !field.values.is_empty() {
        return skip("the field is not a text");
    }
    let compiled = match compile(&pattern) {
        Ok(compiled) => compiled,
        Err(error) => return skip(&error),
    };
    let values = [&field.example, &field.default].into_iter().flatten();
    let mut texts = values.filter_map(|value| value.as_str());
    if texts.any(|text| !compiled.is_match(text)) {
        return skip("the example does not match it");
    }
    Some(pattern)
}

/// Escapes `[` in a class, which some engines take literally there.
fn escape_nested_brackets(pattern: &str) -> String {
    let mut escaped = String::with_capacity(pattern.len());
    let (mut in_class, mut after_backslash) = (false, false);
    for c in pattern.chars() {
        match c {
            _ if after_backslash => after_backslash = false,
            '\\' => after_backslash = true,
            '[' if in_class => escaped.push('\\'),
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, example: Option<&str>) -> (Option<String>, usize) {
        let mut notes = Notes::new("page");
        let field = Field {
            example: example.map(Into::into),
            ..Field::new("name", Type::String)
        };
        let pattern = read_pattern(&field, text, 1, &mut notes);
        (pattern, notes.finish().len())
    }

    #[test]
    fn reads_quoted_and_bare_patterns() {
        let expected = (Some("^[a-z]{1,3}$".to_owned()), 0);
        assert_eq!(read("x\n- 正则校验：`^[a-z]{1,3}$`", Some("abc")), expected);
        assert_eq!(read("1. x\n2. 正则校验：^[a-z]{1,3}$", None), expected);
        assert_eq!(read("Regular expression: `^[a-z]{1,3}$`", None), expected);
        assert_eq!(read("正则校验：`^[^[\\]]+$`", None).0.as_deref(), Some(r"^[^\[\]]+$"));
        assert_eq!(read("x", None), (None, 0));
    }

    #[test]
    fn notes_unusable_patterns() {
        assert_eq!(read("正则校验：`^(?=a)`", None), (None, 1));
        assert_eq!(read("正则校验：`^[a-z]$`", Some("abc")), (None, 1));
    }
}
