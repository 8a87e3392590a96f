//! Standard output, tables, and the reason why a command ends early.
//!
//! Output is styled on a terminal and plain elsewhere. A closed pipe is an error, not a panic.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::terminal;

const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// Writes a line, with escaped control characters.
///
/// # Errors
///
/// Standard output is closed or cannot be written.
pub fn line(text: impl AsRef<str>) -> io::Result<()> {
    let mut output = anstream::stdout();
    writeln!(output, "{}", terminal::escape_styled(text.as_ref()))?;
    output.flush()
}

/// Writes an indented JSON value, with escaped control characters.
///
/// # Errors
///
/// Standard output is closed or cannot be written.
pub fn json(value: &Value) -> io::Result<()> {
    let text = format!("{value:#}");
    let mut output = plain();
    writeln!(output, "{}", terminal::escape_json(&text))?;
    output.flush()
}

/// Writes a line to standard error, with escaped control characters. Errors are ignored: there is no place to report them.
pub fn note(text: impl AsRef<str>) {
    let _ = writeln!(anstream::stderr(), "{}", terminal::escape_styled(text.as_ref()));
}

/// Returns a writer for styled text, with escaped control characters. The caller flushes it, which writes the text and reports
/// errors.
pub fn styled() -> impl io::Write {
    EscapingWriter {
        text: Vec::new(),
        escape: terminal::escape_styled,
        output: anstream::stdout(),
    }
}

/// Returns a writer for one JSON value, with escaped control characters. The caller flushes it, which writes the text and reports
/// errors.
pub fn json_writer() -> impl io::Write {
    EscapingWriter {
        text: Vec::new(),
        escape: terminal::escape_json,
        output: io::stdout().lock(),
    }
}

/// Collects text until it is flushed, since a part of a text could be split within a character or a style.
struct EscapingWriter<W> {
    text: Vec<u8>,
    escape: fn(&str) -> Cow<'_, str>,
    output: W,
}

impl<W: io::Write> io::Write for EscapingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let text = std::mem::take(&mut self.text);
        let text = (self.escape)(&String::from_utf8_lossy(&text)).into_owned();
        self.output.write_all(text.as_bytes())?;
        self.output.flush()
    }
}

/// Returns a buffered writer for machine-readable text, which is written unchanged.
pub fn plain() -> impl io::Write {
    io::BufWriter::new(io::stdout().lock())
}

/// Writes the bytes of a file to standard output.
///
/// # Errors
///
/// Standard output is closed or cannot be written.
pub fn bytes(bytes: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(bytes)?;
    output.flush()
}

/// Returns the text in bold; anstream removes the style outside a terminal.
pub fn bold(text: &str) -> String {
    format!("{BOLD}{text}{PLAIN}")
}

/// Returns whether standard error shows colours.
pub fn colour_on_stderr() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}

/// The number of spaces between columns.
const GAP: usize = 2;

/// Returns the lines of a table with headings and aligned columns. Control characters in cells are escaped.
pub fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> Vec<String> {
    let headings = headings.map(str::to_owned);
    let rows = escape_cells(rows);
    let widths = column_widths(rows.iter().chain([&headings]));
    let mut lines = vec![bold(&table_line(&headings, &widths))];
    lines.extend(rows.iter().map(|row| table_line(row, &widths)));
    lines
}

/// Returns the lines of a table without headings. Control characters in cells are escaped.
pub fn aligned_rows<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let rows = escape_cells(rows);
    let widths = column_widths(rows.iter());
    rows.iter().map(|row| table_line(row, &widths)).collect()
}

fn escape_cells<const N: usize>(rows: &[[String; N]]) -> Vec<[String; N]> {
    rows.iter()
        .map(|row| std::array::from_fn(|column| terminal::escape(&row[column]).replace('\n', " ")))
        .collect()
}

fn column_widths<'r, const N: usize>(rows: impl Iterator<Item = &'r [String; N]> + Clone) -> [usize; N] {
    std::array::from_fn(|column| rows.clone().map(|row| row[column].width()).max().unwrap_or(0))
}

fn table_line<const N: usize>(row: &[String; N], widths: &[usize; N]) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', width + GAP - cell.width()));
    }
    line.trim_end().to_owned()
}

/// The reason why a command ends early. docs/cli/exit-codes.md has the table of exit codes.
#[derive(Debug)]
pub enum Stop {
    /// The command ran with a negative result: findings, a rejected call, wrong bytes. Exit code 1.
    Failed(String),
    /// The command could not run. Exit code 2.
    Unable(String),
    /// SIGINT interrupted the command, as Ctrl-C sends it. Exit code 130.
    Interrupted(String),
    /// SIGTERM interrupted the command. Exit code 143.
    Terminated(String),
    /// The reader of the output closed the pipe, as `head` does. Exit code 0.
    OutputClosed,
}

impl Stop {
    /// Creates a [`Stop::Failed`].
    pub fn failed(message: impl ToString) -> Self {
        Self::Failed(message.to_string())
    }

    /// Creates a [`Stop::Unable`].
    pub fn unable(message: impl ToString) -> Self {
        Self::Unable(message.to_string())
    }

    /// Returns the message, for a command that continues and reports all messages at its end.
    pub fn message(self) -> String {
        match self {
            Self::Failed(message) | Self::Unable(message) | Self::Interrupted(message) | Self::Terminated(message) => {
                message
            }
            Self::OutputClosed => String::new(),
        }
    }

    /// Writes the message to standard error and returns the exit code.
    pub fn report(self) -> ExitCode {
        let (message, code) = match self {
            Self::Failed(message) => (message, 1),
            Self::Unable(message) => (message, 2),
            // 128 plus the number of the signal, as shells report it.
            Self::Interrupted(message) => (message, 130),
            Self::Terminated(message) => (message, 143),
            Self::OutputClosed => return ExitCode::SUCCESS,
        };
        // The exit code is enough if standard error is closed as well.
        note(message.trim_end());
        ExitCode::from(code)
    }
}

/// Converts an error of standard output; errors of other files name the file.
impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::Unable(format!("cannot write to standard output: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{EscapingWriter, table, terminal};

    #[test]
    fn written_text_cannot_control_a_terminal() -> std::io::Result<()> {
        let mut output = Vec::new();
        let mut writer = EscapingWriter {
            text: Vec::new(),
            escape: terminal::escape_styled,
            output: &mut output,
        };
        // The clear sequence is in two parts.
        for part in ["\u{1b}[1mname\u{1b}[0m ", "\u{1b}", "[2J\u{9b}2J\n"] {
            write!(writer, "{part}")?;
        }
        writer.flush()?;
        let expected = "\u{1b}[1mname\u{1b}[0m \\u{1b}[2J\\u{9b}2J\n";
        assert_eq!(String::from_utf8_lossy(&output), expected);
        Ok(())
    }

    #[test]
    fn aligns_columns_with_wide_characters() {
        let rows = [["a", "1"], ["封面", "2"]].map(|row| row.map(str::to_owned));
        let lines = table(["name", "n"], &rows);
        assert_eq!(lines[1..], ["a     1", "封面  2"]);
    }
}
