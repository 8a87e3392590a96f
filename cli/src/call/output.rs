//! The output of a response: standard output, or a file that is complete or absent.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use larkspur::error::ErrorKind;
use larkspur::{ByteStream, Error, Saved};
use larkspur_codegen::command::output::{self, Stop};
use tempfile::NamedTempFile;

/// Returns how the command ends with the error of a request.
pub(super) fn call_error(error: &Error) -> Stop {
    match error.kind() {
        ErrorKind::Auth(_) => Stop::unable(format!(
            "{}\n  LARKSPUR_APP_ID sets the app, LARKSPUR_USER_TOKEN the user, --caller the kind of token",
            error.report()
        )),
        ErrorKind::Validation(_) | ErrorKind::Config(_) => Stop::unable(error.report()),
        _ => Stop::failed(error.report()),
    }
}

/// The output of one or more JSON values.
pub(super) enum JsonOutput {
    Stdout(Layout),
    /// A temporary file in the directory of the target until it is complete.
    File(NamedTempFile, PathBuf),
}

impl JsonOutput {
    /// Creates an output to a file, or to standard output.
    pub(super) fn new(path: Option<&Path>) -> Result<Self, Stop> {
        let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
            let layout = if io::stdout().is_terminal() {
                Layout::Pretty
            } else {
                Layout::Compact
            };
            return Ok(Self::Stdout(layout));
        };
        let directory = parent_directory(path)?;
        let file = create_temporary(directory).map_err(|error| write_error(path, &error))?;
        Ok(Self::File(file, path.to_owned()))
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
            }
            Self::File(file, path) => writeln!(file, "{text}").map_err(|error| write_error(path, &error))?,
        }
        Ok(())
    }

    /// Moves the complete file to its target.
    pub(super) fn finish(self) -> Result<(), Stop> {
        if let Self::File(file, path) = self {
            file.as_file().sync_all().map_err(|error| write_error(&path, &error))?;
            file.persist(&path).map_err(|error| write_error(&path, &error.error))?;
        }
        Ok(())
    }
}

fn create_temporary(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".larkspur-").suffix(".part");
    #[cfg(unix)]
    {
        // The permissions of any new file, subject to the umask. The default is owner only.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory)
}

/// Returns the directory of an output file. Checked before the request, so that a typo in the path is found early.
fn parent_directory(path: &Path) -> Result<&Path, Stop> {
    if path.is_dir() {
        return Err(Stop::unable(format!(
            "{} is a directory: add a file name",
            path.display()
        )));
    }
    // A rename would replace `/dev/null`, a pipe or a socket by a regular file.
    if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return Err(Stop::unable(format!(
            "{} is not a regular file: redirect standard output to it",
            path.display()
        )));
    }
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if directory.is_dir() {
        return Ok(directory);
    }
    Err(Stop::unable(format!(
        "no such directory: {}: create it first, or choose another file",
        directory.display()
    )))
}

/// Checks the output of a file, which is not written to a terminal.
pub(super) fn check_binary_output(path: Option<&Path>) -> Result<(), Stop> {
    match path.filter(|path| path.as_os_str() != "-") {
        Some(path) if path.is_dir() => Ok(()),
        Some(path) => parent_directory(path).map(|_| ()),
        None if io::stdout().is_terminal() => {
            let problem = "the response is a file and standard output is a terminal: add -o FILE or -o DIRECTORY";
            Err(Stop::unable(problem))
        }
        None => Ok(()),
    }
}

/// Writes a file to a path, to a directory under its own name, or to standard output.
pub(super) async fn write_file(mut download: ByteStream, path: Option<&Path>) -> Result<(), Stop> {
    let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
        while let Some(chunk) = download.chunk().await.map_err(Stop::failed)? {
            let mut output = output::plain();
            output.write_all(&chunk)?;
            output.flush()?;
        }
        return Ok(());
    };
    let saved = if path.is_dir() {
        download.save_in(path).await
    } else {
        download.save(path).await
    };
    let Saved { path, bytes, .. } = saved.map_err(Stop::failed)?;
    output::line(format!("{} ({bytes} bytes)", path.display()))?;
    Ok(())
}

fn write_error(path: &Path, error: &io::Error) -> Stop {
    Stop::unable(format!("cannot write {}: {error}", path.display()))
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
