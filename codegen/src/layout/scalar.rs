//! Scalars: plain where that is safe, else in quotes; several lines as a block.

use granit_parser::ScalarStyle;

use super::read::Scalar;
use crate::characters::is_deceptive;

/// Where a scalar stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// After a key or a dash.
    Block,
    /// In brackets, or as a key.
    Flow,
}

/// Plain words that YAML, or an older YAML, takes for something else.
const WORDS: &[&str] = &[
    "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf",
];

/// A scalar on one line.
pub(super) fn line(scalar: &Scalar, place: Where) -> String {
    let text = &scalar.text;
    let plain = match scalar.style {
        // An empty line in a plain text is a line break.
        ScalarStyle::Plain => !text.contains('\n') && (place == Where::Block || !text.contains(BRACKETS)),
        _ => is_safe(text) && (place == Where::Block || !text.contains(BRACKETS)),
    };
    match (plain, scalar.style) {
        (true, ScalarStyle::Plain) if text.is_empty() && place == Where::Flow => "null".to_owned(),
        (true, _) => text.clone(),
        (false, _) => quoted(text),
    }
}

const BRACKETS: [char; 5] = ['[', ']', '{', '}', ','];

/// Whether a text that is not plain can become so and stays the text it is.
fn is_safe(text: &str) -> bool {
    text.starts_with(char::is_alphabetic)
        && !text.ends_with(|c: char| c.is_whitespace() || c == ':')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.chars().any(|c| c.is_control() || is_deceptive(c))
        && !WORDS.contains(&text.to_lowercase().as_str())
}

/// Double quotes; single ones where there would be something to escape and nothing to double.
fn quoted(text: &str) -> String {
    let escapes = text.contains(['"', '\\']);
    let hidden = text.chars().any(|c| c.is_control() || is_deceptive(c));
    if escapes && !hidden && !text.contains('\'') {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            _ if c.is_control() || is_deceptive(c) => quoted.push_str(&format!("\\U{:08X}", u32::from(c))),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The mark of a block of lines and its lines; `None` where the text is better in quotes.
pub(super) fn block(scalar: &Scalar) -> Option<(&'static str, Vec<&str>)> {
    let folded = matches!(scalar.style, ScalarStyle::Literal | ScalarStyle::Folded);
    let (mark, body) = match scalar.text.strip_suffix('\n') {
        Some(body) => ("|", body),
        None => ("|-", scalar.text.as_str()),
    };
    let lines: Vec<&str> = body.split('\n').collect();
    let several = lines.len() > 1 || mark == "|";
    let hidden = |c: char| c != '\n' && c != '\t' && (c.is_control() || is_deceptive(c));
    let clean = !body.is_empty()
        && !body.starts_with(char::is_whitespace)
        && !body.ends_with('\n')
        && !body.contains(hidden)
        && lines.iter().all(|line| line.is_empty() || !line.trim().is_empty());
    (folded && several && clean).then_some((mark, lines))
}

#[cfg(test)]
mod tests {
    use super::{Scalar, ScalarStyle, Where, line};

    fn from_quotes(text: &str, place: Where) -> String {
        let scalar = Scalar {
            text: text.to_owned(),
            style: ScalarStyle::DoubleQuoted,
        };
        line(&scalar, place)
    }

    #[test]
    fn quotes_that_say_nothing_are_left_out() {
        assert_eq!(from_quotes("drive:drive:readonly", Where::Flow), "drive:drive:readonly");
        assert_eq!(from_quotes("It's fine.", Where::Block), "It's fine.");
    }

    #[test]
    fn quotes_that_keep_a_text_a_text_stay() {
        for text in [
            "", " a", "a ", "012", "true", "No", "~", "- a", "a: b", "a #b", "a:", "*a", "[string]", "#",
        ] {
            assert_eq!(from_quotes(text, Where::Block), format!("\"{text}\""));
        }
        assert_eq!(from_quotes("a, b", Where::Flow), "\"a, b\"");
        assert_eq!(from_quotes("a, b", Where::Block), "a, b");
    }

    #[test]
    fn what_would_have_to_be_escaped_stands_in_single_quotes() {
        assert_eq!(from_quotes("\"a\"", Where::Block), "'\"a\"'");
        assert_eq!(from_quotes("\"'\"", Where::Block), "\"\\\"'\\\"\"");
        assert_eq!(from_quotes("\"\n", Where::Block), "\"\\\"\\n\"");
    }
}
