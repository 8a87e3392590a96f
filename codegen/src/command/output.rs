//! Standard output: styled on a terminal, plain elsewhere, and never a panic when it is closed.

use std::io::{self, Write as _};

const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// Writes a line.
pub fn line(text: impl AsRef<str>) -> io::Result<()> {
    let mut output = anstream::stdout();
    writeln!(output, "{}", text.as_ref())?;
    output.flush()
}

/// For a text of many lines with styles. Whoever writes flushes at the end, which tells whether all has arrived.
pub fn styled() -> impl io::Write {
    io::BufWriter::new(anstream::stdout())
}

/// The same for a program that reads: nothing is looked at on its way.
pub fn plain() -> impl io::Write {
    io::BufWriter::new(io::stdout().lock())
}

/// The text as it stands out; anstream takes the style off where nobody could see it.
pub fn bold(text: &str) -> String {
    format!("{BOLD}{text}{PLAIN}")
}

/// Whether standard error shows colours.
pub fn colour_on_stderr() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}
