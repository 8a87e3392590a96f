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
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;
    use serde_json::Value;

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

    /// JSON of any shape, with whatever characters in its keys and texts.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..5).prop_map(Value::from),
                btree_map(".*", inner, 0..5).prop_map(|entries| entries.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_layout_means_the_same_and_writes_no_control_characters(value in any_json()) {
            for sent in [value.to_string(), format!("{value:#}")] {
                for layout in [Layout::Compact, Layout::Pretty] {
                    let laid_out = lay_out(&sent, layout);
                    let read: Value = serde_json::from_str(&laid_out)?;
                    prop_assert_eq!(&read, &value);
                    prop_assert!(!laid_out.contains(|c: char| c.is_control() && c != '\n'));
                    prop_assert!(layout == Layout::Pretty || !laid_out.contains('\n'));
                }
            }
        }
    }

    #[test]
    fn a_control_character_reaches_no_terminal() {
        let laid_out = lay_out("\"\u{9b}2J\u{7f}\"", Layout::Pretty);
        assert_eq!(laid_out, r#""\u009b2J\u007f""#);
    }
}
