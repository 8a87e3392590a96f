//! Standard output: styled on a terminal, plain elsewhere, and never a panic when it is closed.

use std::io::{self, Write as _};

const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// Writes a line.
pub(crate) fn line(text: impl AsRef<str>) -> io::Result<()> {
    let mut output = anstream::stdout();
    writeln!(output, "{}", text.as_ref())?;
    output.flush()
}

/// The text as it stands out; anstream takes the style off where nobody could see it.
pub(crate) fn bold(text: &str) -> String {
    format!("{BOLD}{text}{PLAIN}")
}

/// Whether standard error shows colours.
pub(crate) fn colour_on_stderr() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}
