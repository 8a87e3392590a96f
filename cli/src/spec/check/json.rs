//! Findings as one JSON object; docs/spec-check.md describes every key.

use std::io::{self, Write};

use larkspur_codegen::lint::Report;
use larkspur_codegen::{Finding, Source};
use serde_json::{Value, json};

use super::{Counts, list};

/// Raised when a key goes or changes its meaning; a new key leaves it as it is.
const SCHEMA_VERSION: u32 = 1;

pub(super) fn write(out: &mut impl Write, report: &Report, source: &Source) -> io::Result<()> {
    let findings = report.findings.iter().map(|finding| finding_json(finding, source));
    let allowed = report.allowed.iter().map(|allowed| {
        let mut json = finding_json(&allowed.finding, source);
        json["reason"] = json!(allowed.reason);
        json
    });
    let Counts {
        errors,
        warnings,
        notes,
    } = Counts::of(report);
    write!(
        out,
        "{{\n\"schema\": {SCHEMA_VERSION},\n\"errors\": {errors},\n\"warnings\": {warnings},\n\"notes\": {notes},\n\
         \"findings\": "
    )?;
    list(out, findings)?;
    write!(out, ",\n\"allowed\": ")?;
    list(out, allowed)?;
    writeln!(out, "\n}}")
}

fn finding_json(finding: &Finding, source: &Source) -> Value {
    json!({
        "rule": finding.rule,
        "severity": finding.severity().to_string(),
        "path": finding.path,
        "line": finding.origin.line,
        "column": finding.origin.column,
        "end_column": finding.end_column(source),
        "message": finding.message,
        "help": finding.help,
    })
}
