//! Findings as rustc prints them.

use larkspur_codegen::Source;
use larkspur_codegen::lint::Report;

use super::{Counts, files};

/// Each finding with its line; the output takes the colours off where nobody could see them.
pub(super) fn text(report: &Report, source: &Source) -> String {
    let mut text = report.findings.render(source, true);
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
        text.push_str(&format!("no error and no warning in {}{noted}{allowed}", files(source)));
    }
    text
}
