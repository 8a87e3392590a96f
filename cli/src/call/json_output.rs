//! The output of JSON responses: standard output, or a file that is complete or absent.

use std::io::{self, IsTerminal as _, Write as _};

use larkspur_codegen::command::output::{self, Stop};
use larkspur_codegen::command::terminal;

use crate::target::{OutputFile, OverwriteOption, Target};

/// The output of one or more JSON values.
pub(super) enum JsonOutput {
    Stdout(Layout),
    File(OutputFile),
}

impl JsonOutput {
    /// Creates an output to a file, or to standard output.
    pub(super) fn new(target: &Target, overwrite: OverwriteOption) -> Result<Self, Stop> {
        match target {
            Target::Stdout if io::stdout().is_terminal() => Ok(Self::Stdout(Layout::Pretty)),
            Target::Stdout => Ok(Self::Stdout(Layout::Compact)),
            Target::File(path) => Ok(Self::File(OutputFile::create(path, overwrite)?)),
            Target::Directory(path) => Err(Stop::unable(format!(
                "{} is a directory: add a file name",
                path.display()
            ))),
        }
    }

    /// Writes one of several values on a line.
    pub(super) fn write_line(&mut self, json: &str) -> Result<(), Stop> {
        self.write(&format_json(json, Layout::Compact))
    }

    /// Writes the only value, formatted for people on a terminal and in a file.
    pub(super) fn write_value(&mut self, json: &str) -> Result<(), Stop> {
        let layout = match self {
            Self::Stdout(layout) => *layout,
            Self::File(..) => Layout::Pretty,
        };
        self.write(&format_json(json, layout))
    }

    fn write(&mut self, text: &str) -> Result<(), Stop> {
        match self {
            Self::Stdout(_) => {
                let mut output = output::plain();
                writeln!(output, "{text}")?;
                output.flush()?;
                Ok(())
            }
            Self::File(file) => file.write(format!("{text}\n").as_bytes()),
        }
    }

    /// Moves the complete file to its target.
    pub(super) fn finish(self) -> Result<(), Stop> {
        match self {
            Self::Stdout(_) => Ok(()),
            Self::File(file) => file.finish().map(drop),
        }
    }
}

/// The layout of JSON text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// One value per line, for people.
    Pretty,
    /// Everything on one line, for programs.
    Compact,
}

/// Formats JSON text without a final line break. Numbers and strings keep their spelling, so that nothing is lost.
///
/// Control characters in strings are escaped, so that a response cannot control a terminal.
fn format_json(json: &str, layout: Layout) -> String {
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
    /// Writes the rest of a string after its opening quote.
    fn string(&mut self, characters: &mut impl Iterator<Item = char>) {
        self.out.push('"');
        let mut escaped = false;
        for character in characters {
            match character {
                control if terminal::is_unsafe(control) => self.out.push_str(&format!("\\u{:04x}", u32::from(control))),
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
    fn keeps_spelling_of_tokens() {
        assert_eq!(
            format_json(SENT, Layout::Compact),
            r#"{"b":[1.10,12345678901234567890123,{}],"a":{"x\"}":[],"y\\":null}}"#
        );
        let pretty = "{\n  \"b\": [\n    1.10,\n    12345678901234567890123,\n    {}\n  ],\n  \"a\": {\n    \
                      \"x\\\"}\": [],\n    \"y\\\\\": null\n  }\n}";
        assert_eq!(format_json(SENT, Layout::Pretty), pretty);
    }

    /// JSON of any shape, with arbitrary characters in keys and strings.
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
        fn layouts_keep_value_and_escape_controls(value in any_json()) {
            for sent in [value.to_string(), format!("{value:#}")] {
                for layout in [Layout::Compact, Layout::Pretty] {
                    let laid_out = format_json(&sent, layout);
                    let read: Value = serde_json::from_str(&laid_out)?;
                    prop_assert_eq!(&read, &value);
                    prop_assert!(!laid_out.contains(|c: char| c.is_control() && c != '\n'));
                    prop_assert!(layout == Layout::Pretty || !laid_out.contains('\n'));
                }
            }
        }
    }

    #[test]
    fn escapes_control_characters() {
        let laid_out = format_json("\"\u{9b}2J\u{7f}\"", Layout::Pretty);
        assert_eq!(laid_out, r#""\u009b2J\u007f""#);
    }
}
