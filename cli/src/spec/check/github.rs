//! Findings as workflow commands, which GitHub shows as annotations of the lines.

use std::io::{self, Write};

use larkspur_codegen::lint::Report;
use larkspur_codegen::{Finding, Source};

use super::level;

pub(super) fn write(out: &mut impl Write, report: &Report, source: &Source) -> io::Result<()> {
    for finding in &report.findings {
        writeln!(out, "{}", command(finding, source))?;
    }
    Ok(())
}

fn command(finding: &Finding, source: &Source) -> String {
    let level = level(finding.severity(), ["notice", "warning", "error"]);
    let text = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    format!(
        "::{level} file={},line={},col={},endColumn={},title={}::{}",
        property(&finding.path),
        finding.origin.line,
        finding.origin.column,
        finding.end_column(source),
        property(finding.rule),
        message(&text),
    )
}

/// Line ends would end the command.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// In a property, what parts properties has to go too.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{message, property};

    #[test]
    fn no_text_can_end_a_command_and_begin_another() {
        assert_eq!(message("100%\r\n::error::x"), "100%25%0D%0A::error::x");
        assert_eq!(property("a,line=1:b"), "a%2Cline=1%3Ab");
    }
}
