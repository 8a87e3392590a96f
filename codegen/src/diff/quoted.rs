//! Values of a spec in messages: one line, and nothing that Markdown or a terminal would act on.

use crate::characters::is_deceptive;

/// The value between backticks; it holds none itself.
pub(super) fn quoted(value: impl ToString) -> String {
    format!("`{}`", bare(&value.to_string()))
}

/// Several values, each between backticks.
pub(super) fn list<T: ToString>(values: impl IntoIterator<Item = T>) -> String {
    values.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// The value, or that there is none.
pub(super) fn or_none(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), quoted)
}

/// `old → new`.
pub(super) fn from_to(old: impl ToString, new: impl ToString) -> String {
    format!("{} → {}", quoted(old), quoted(new))
}

/// More of a value helps nobody to recognise it.
const MOST_CHARACTERS: usize = 200;

/// The value on one line, without backticks and in a length that fits one.
pub(super) fn bare(value: &str) -> String {
    let mut text = String::new();
    for (index, c) in value.chars().enumerate() {
        match c {
            _ if index == MOST_CHARACTERS => {
                text.push('…');
                break;
            }
            '`' => text.push('\''),
            c if c.is_control() || is_deceptive(c) => text.extend(c.escape_unicode()),
            c => text.push(c),
        }
    }
    text
}
