//! Text for a terminal: values of a response cannot move the cursor, hide text or change its order.

use std::borrow::Cow;

/// Returns the text with escaped control characters, such as `\u{9b}`, except line breaks.
///
/// Escaped are also the characters that change the direction of other text.
pub fn escape(text: &str) -> Cow<'_, str> {
    replace(
        text,
        |c| is_unsafe(c) && c != '\n',
        |c| format!("\\u{{{:x}}}", u32::from(c)),
    )
}

/// Returns text of this program with escaped control characters, except line breaks and sequences that set colours.
///
/// Values of a response pass through [`escape`] first.
pub fn escape_styled(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('\u{1b}') {
        let (before, from) = rest.split_at(start);
        escaped.push_str(&escape(before));
        let length = style_length(from);
        let (style, after) = from.split_at(length.unwrap_or(1));
        match length {
            Some(_) => escaped.push_str(style),
            None => escaped.push_str(&escape(style)),
        }
        rest = after;
    }
    escaped.push_str(&escape(rest));
    Cow::Owned(escaped)
}

/// Returns JSON with escaped control characters in its strings, such as `\u009b`. The value is unchanged.
pub fn escape_json(json: &str) -> Cow<'_, str> {
    // Valid JSON contains these characters in strings only, and none of them follows a backslash.
    replace(
        json,
        |c| is_unsafe(c) && !matches!(c, '\n' | '\r' | '\t'),
        |c| format!("\\u{:04x}", u32::from(c)),
    )
}

/// Returns whether a terminal may act on the character, or change the order of others.
pub fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn replace(text: &str, is_replaced: impl Fn(char) -> bool, replacement: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(&is_replaced) {
        return Cow::Borrowed(text);
    }
    let mut replaced = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_replaced(c) {
            replaced.push_str(&replacement(c));
        } else {
            replaced.push(c);
        }
    }
    Cow::Owned(replaced)
}

/// Returns the length of the sequence at the start of the text, if it sets colours: `ESC [ 1 ; 31 m`.
fn style_length(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    parameters[end..].starts_with('m').then_some("\u{1b}[".len() + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_controls_and_text_direction() {
        assert_eq!(
            escape("a\u{9b}2J\u{7f}\u{1b}[2J\r\nb\u{202e}c"),
            "a\\u{9b}2J\\u{7f}\\u{1b}[2J\\u{d}\nb\\u{202e}c"
        );
        assert!(matches!(escape("封面 (1).png"), Cow::Borrowed(_)));
    }

    #[test]
    fn styled_text_keeps_colours_only() {
        assert_eq!(
            escape_styled("\u{1b}[1;31mred\u{1b}[0m \u{1b}[2J \u{1b}]0;title\u{7}\u{1b}"),
            "\u{1b}[1;31mred\u{1b}[0m \\u{1b}[2J \\u{1b}]0;title\\u{7}\\u{1b}"
        );
    }

    #[test]
    fn escaped_json_has_the_same_value() {
        let value = serde_json::json!({"na\u{7f}me": ["\u{9b}2J", "a\tb\nc", "\u{202e}\\"]});
        for json in [value.to_string(), format!("{value:#}")] {
            let escaped = escape_json(&json);
            assert!(!escaped.contains(|c| is_unsafe(c) && c != '\n'), "{escaped}");
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&escaped).ok().as_ref(),
                Some(&value)
            );
        }
    }
}
