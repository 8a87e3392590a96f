//! Standard output: styled on a terminal, plain elsewhere. A closed pipe is an error, not a panic.

use std::io::{self, Write as _};

const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// Writes a line.
///
/// # Errors
///
/// Standard output is closed or cannot be written.
pub fn line(text: impl AsRef<str>) -> io::Result<()> {
    let mut output = anstream::stdout();
    writeln!(output, "{}", text.as_ref())?;
    output.flush()
}

/// Returns a buffered writer for styled text. The caller flushes it, which reports errors.
pub fn styled() -> impl io::Write {
    io::BufWriter::new(anstream::stdout())
}

/// Returns a buffered writer for machine-readable text, which is written unchanged.
pub fn plain() -> impl io::Write {
    io::BufWriter::new(io::stdout().lock())
}

/// Returns the text in bold; anstream removes the style outside a terminal.
pub fn bold(text: &str) -> String {
    format!("{BOLD}{text}{PLAIN}")
}

/// Returns whether standard error shows colours.
pub fn colour_on_stderr() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}
