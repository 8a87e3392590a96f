//! Characters that show a text other than it is: the one list for what reads, writes and quotes a spec.

/// Whether a character could make a text look other than it is: control characters but tab, line feed and
/// carriage return, which are for the caller to judge, marks of direction, and what takes no room.
///
/// U+200C and U+200D are none of them: scripts and emoji need them.
pub(crate) fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// A value of the spec in a message: in backticks, not too long, on one line, harmless on a terminal.
pub(crate) fn quote(text: &str) -> String {
    format!("`{}`", escape(text))
}

/// As [`quote`], without the backticks.
pub(crate) fn escape(text: &str) -> String {
    const MAX_CHARACTERS: usize = 60;
    let mut short: String = text
        .chars()
        .take(MAX_CHARACTERS)
        .flat_map(|c| {
            let escape = c.is_control() || is_deceptive(c);
            let escaped = escape.then(|| c.escape_unicode());
            let plain = (!escape).then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect();
    if text.chars().nth(MAX_CHARACTERS).is_some() {
        short.push('…');
    }
    short
}
