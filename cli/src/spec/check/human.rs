//! Findings as rustc prints them.

use std::io::{self, Write};

use larkspur_codegen::Source;
use larkspur_codegen::lint::Report;

use super::{Counts, files};

/// Each finding with its line; the output takes the colours off where nobody could see them.
pub(super) fn write(out: &mut impl Write, report: &Report, source: &Source) -> io::Result<()> {
    for (index, finding) in report.findings.rendered(source, true).enumerate() {
        let apart = if index == 0 { "" } else { "\n" };
        writeln!(out, "{apart}{finding}")?;
    }
    let Counts {
        errors,
        warnings,
        notes,
    } = Counts::of(report);
    if errors + warnings == 0 {
        let allowed = match report.allowed.len() {
            0 => String::new(),
            count => format!(", {count} allowed"),
        };
        let noted = match notes {
            0 => String::new(),
            1 => ", 1 note".to_owned(),
            count => format!(", {count} notes"),
        };
        let apart = if report.findings.is_empty() { "" } else { "\n" };
        let files = files(source);
        writeln!(out, "{apart}no error and no warning in {files}{noted}{allowed}")?;
    }
    Ok(())
}
