//! Findings as SARIF 2.1.0, the format of code scanning.

use std::io::{self, Write};

use larkspur_codegen::finding::Rule;
use larkspur_codegen::lint::Report;
use larkspur_codegen::{Finding, Source};
use serde_json::{Value, json};

use super::{level, list};

const LEVELS: [&str; 3] = ["note", "warning", "error"];

pub(super) fn write(out: &mut impl Write, report: &Report, source: &Source) -> io::Result<()> {
    let found = report.findings.iter().map(|finding| result(finding, source));
    let allowed = report.allowed.iter().map(|allowed| {
        let mut result = result(&allowed.finding, source);
        result["suppressions"] = json!([{ "kind": "inSource", "justification": allowed.reason }]);
        result
    });
    let driver = json!({
        "name": "larkspur spec check",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": Rule::all().map(rule).collect::<Vec<_>>(),
    });
    write!(
        out,
        "{{\n\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n\"version\": \"2.1.0\",\n\
         \"runs\": [{{\n\"tool\": {{ \"driver\": {driver} }},\n\"columnKind\": \"unicodeCodePoints\",\n\
         \"results\": "
    )?;
    list(out, found.chain(allowed))?;
    writeln!(out, "\n}}]\n}}")
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.meaning },
        "help": { "text": format!("docs/rules.md#{} has an example.", rule.id) },
        "defaultConfiguration": { "level": level(rule.severity, LEVELS) },
    })
}

fn result(finding: &Finding, source: &Source) -> Value {
    let text = match &finding.help {
        Some(help) => format!("{}; {help}", finding.message),
        None => finding.message.clone(),
    };
    json!({
        "ruleId": finding.rule,
        "ruleIndex": Rule::all().position(|rule| rule.id == finding.rule),
        "level": level(finding.severity(), LEVELS),
        "message": { "text": text },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&finding.path), "uriBaseId": "%SRCROOT%" },
            "region": {
                "startLine": finding.origin.line,
                "startColumn": finding.origin.column,
                "endColumn": finding.end_column(source),
            },
        }}],
    })
}

/// The path as a relative URI.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes()
        .map(|byte| match byte {
            byte if plain(byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
