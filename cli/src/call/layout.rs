//! JSON text in another layout: the same tokens, none of them read as a number or a text that could lose something.

/// How JSON is laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// For people: a line for each value.
    Pretty,
    /// For programs: all on one line.
    Compact,
}

/// The JSON text in this layout, without a line break at its end. Control characters in strings are written as escapes,
/// which mean the same, so that no answer can write to a terminal what it likes.
pub(super) fn lay_out(json: &str, layout: Layout) -> String {
    let mut writer = Writer {
        out: String::with_capacity(json.len()),
        layout,
        depth: 0,
    };
    let mut characters = json.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => writer.string(&mut characters),
            '{' | '[' => {
                while characters.next_if(char::is_ascii_whitespace).is_some() {}
                let empty = characters.next_if(|next| matches!(next, '}' | ']'));
                writer.open(character, empty);
            }
            '}' | ']' => writer.close(character),
            ',' => writer.comma(),
            ':' => writer.colon(),
            blank if blank.is_ascii_whitespace() => {}
            other => writer.out.push(other),
        }
    }
    writer.out
}

struct Writer {
    out: String,
    layout: Layout,
    depth: usize,
}

impl Writer {
    /// The rest of a string whose opening quote has been read.
    fn string(&mut self, characters: &mut impl Iterator<Item = char>) {
        self.out.push('"');
        let mut escaped = false;
        for character in characters {
            match character {
                control if control.is_control() => self.out.push_str(&format!("\\u{:04x}", u32::from(control))),
                other => self.out.push(other),
            }
            match character {
                '"' if !escaped => return,
                '\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
    }

    fn open(&mut self, bracket: char, empty: Option<char>) {
        self.out.push(bracket);
        match empty {
            Some(closing) => self.out.push(closing),
            None => {
                self.depth += 1;
                self.line();
            }
        }
    }

    fn close(&mut self, bracket: char) {
        self.depth = self.depth.saturating_sub(1);
        self.line();
        self.out.push(bracket);
    }

    fn comma(&mut self) {
        self.out.push(',');
        self.line();
    }

    fn colon(&mut self) {
        self.out.push(':');
        if self.layout == Layout::Pretty {
            self.out.push(' ');
        }
    }

    fn line(&mut self) {
        if self.layout == Layout::Pretty {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", self.depth));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &str = r#" { "b" : [ 1.10, 12345678901234567890123, {} ], "a":{ "x\"}" : [ ] , "y\\":null } } "#;

    #[test]
    fn every_token_stays_as_it_was_sent() {
        assert_eq!(
            lay_out(SENT, Layout::Compact),
            r#"{"b":[1.10,12345678901234567890123,{}],"a":{"x\"}":[],"y\\":null}}"#
        );
        let pretty = "{\n  \"b\": [\n    1.10,\n    12345678901234567890123,\n    {}\n  ],\n  \"a\": {\n    \
                      \"x\\\"}\": [],\n    \"y\\\\\": null\n  }\n}";
        assert_eq!(lay_out(SENT, Layout::Pretty), pretty);
    }

    #[test]
    fn a_layout_means_the_same() {
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect(text);
        for text in [SENT, "\"\u{9b}2J\u{7f}\"", "[]", "-0.5e-3", "[[[]],[{}]]"] {
            for layout in [Layout::Compact, Layout::Pretty] {
                assert_eq!(value(&lay_out(text, layout)), value(text));
            }
        }
    }

    #[test]
    fn a_control_character_reaches_no_terminal() {
        let laid_out = lay_out("\"\u{9b}2J\u{7f}\"", Layout::Pretty);
        assert_eq!(laid_out, r#""\u009b2J\u007f""#);
    }
}
