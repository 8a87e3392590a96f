//! Findings as one JSON object; docs/spec-check.md describes every key.

use larkspur_codegen::lint::Report;
use larkspur_codegen::{Finding, Source};
use serde_json::{Value, json};

use super::Counts;
use crate::stop::Stop;

/// Raised when a key goes or changes its meaning; a new key leaves it as it is.
const SCHEMA_VERSION: u32 = 1;

pub(super) fn text(report: &Report, source: &Source) -> Result<String, Stop> {
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| finding_json(finding, source))
        .collect();
    let allowed: Vec<Value> = report
        .allowed
        .iter()
        .map(|allowed| {
            let mut json = finding_json(&allowed.finding, source);
            json["reason"] = json!(allowed.reason);
            json
        })
        .collect();
    let counts = Counts::of(report);
    let json = json!({
        "schema": SCHEMA_VERSION,
        "errors": counts.errors,
        "warnings": counts.warnings,
        "notes": counts.notes,
        "findings": findings,
        "allowed": allowed,
    });
    serde_json::to_string_pretty(&json).map_err(Stop::unable)
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
