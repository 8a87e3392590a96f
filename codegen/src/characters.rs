//! Characters that hide or reorder text, and quoting of spec values in messages.

/// Returns whether a character can make text look different from what it is: control characters except tab, line feed and
/// carriage return, which callers decide on, direction marks and zero-width characters.
///
/// U+200C and U+200D are excluded: scripts and emoji need them.
pub(crate) fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Returns whether a character is a control character, or can make text look different from what it is.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control() || is_deceptive(c)
}

/// Returns a hidden character as an escape such as `\u{9b}`, and others unchanged.
pub(crate) fn escape_hidden(c: char) -> impl Iterator<Item = char> {
    let escaped = is_hidden(c).then(|| c.escape_unicode());
    let plain = (!is_hidden(c)).then_some(c);
    escaped.into_iter().flatten().chain(plain)
}

/// Escapes the message of a workflow command of GitHub Actions: a line break would end the command.
pub(crate) fn github_message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a workflow command of GitHub Actions, with the separators of properties.
pub(crate) fn github_property(text: &str) -> String {
    github_message(text).replace(':', "%3A").replace(',', "%2C")
}

/// Formats a value of the spec for a message: in backticks, shortened, on one line, safe for a terminal.
pub(crate) fn quote(text: &str) -> String {
    format!("`{}`", escape(text))
}

/// Formats a value like [`quote`], without the backticks.
pub(crate) fn escape(text: &str) -> String {
    const MAX_CHARACTERS: usize = 60;
    let mut short: String = text.chars().take(MAX_CHARACTERS).flat_map(escape_hidden).collect();
    if text.chars().nth(MAX_CHARACTERS).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_line_breaks_and_separators() {
        assert_eq!(github_message("100%\r\n::error::x"), "100%25%0D%0A::error::x");
        assert_eq!(github_property("a,line=1:b"), "a%2Cline=1%3Ab");
    }
}
