//! `spec check`: reports every finding of the spec at once.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::output::{self, Stop};
use super::spec_files::{BuiltIn, Choice};
use crate::finding::{Rule, Severity};
use crate::lint::{self, Report};
use crate::{Finding, Source};

const AFTER_HELP: &str = "\
Examples:
  larkspur spec check                               the whole spec
  larkspur spec check spec/drive                    findings of the files below spec/drive
  larkspur spec check --format github               annotations in a GitHub workflow
  larkspur spec check --format sarif > spec.sarif   for code scanning

The whole spec is always checked; PATHS only filter the findings.
docs/spec/rules.md lists every rule with an example, and shows how to allow a warning.
docs/spec/check.md describes the formats.

Exit codes: 0 no errors or warnings, 1 errors or warnings, 2 could not run; notes do not count";

/// Report every finding of the spec.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Only report findings of these files and directories of the spec.
    #[arg(value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    choice: Choice,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// With the source line and a caret.
    Human,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands, which GitHub shows as annotations.
    Github,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, built_in: BuiltIn) -> Result<(), Stop> {
    let source = arguments.choice.source(built_in)?;
    let chosen = chosen(&arguments.paths, arguments.choice.directory().as_deref(), &source)?;
    let report = filter(lint::check(&source), &chosen);
    write(arguments.format, &report, &source)?;
    let counts = Counts::new(&report);
    if counts.errors + counts.warnings > 0 {
        return Err(Stop::failed(counts.sentence()));
    }
    Ok(())
}

fn write(format: Format, report: &Report, source: &Source) -> io::Result<()> {
    let mut out: Box<dyn Write> = match format {
        Format::Human => Box::new(output::styled()),
        _ => Box::new(output::plain()),
    };
    match format {
        Format::Human => write_human(&mut out, report, source)?,
        Format::Json => write_json(&mut out, report, source)?,
        Format::Sarif => write_sarif(&mut out, report, source)?,
        Format::Github => write_github(&mut out, report, source)?,
    }
    out.flush()
}

/// Returns the findings of the chosen files.
fn filter(mut report: Report, chosen: &Chosen) -> Report {
    report.findings.retain(|finding| chosen.contains(&finding.path));
    report.allowed.retain(|allowed| chosen.contains(&allowed.finding.path));
    report
}

/// The number of findings by severity.
#[derive(Default)]
struct Counts {
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl Counts {
    fn new(report: &Report) -> Self {
        let mut counts = Self::default();
        for finding in &report.findings {
            match finding.severity() {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Note => counts.notes += 1,
            }
        }
        counts
    }

    fn sentence(&self) -> String {
        let counted = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        format!(
            "{}, {}, {}; docs/spec/rules.md explains each",
            counted(self.errors, "error"),
            counted(self.warnings, "warning"),
            counted(self.notes, "note")
        )
    }
}

/// Returns the word of a format for a severity.
fn level(severity: Severity, [note, warning, error]: [&'static str; 3]) -> &'static str {
    match severity {
        Severity::Note => note,
        Severity::Warning => warning,
        Severity::Error => error,
    }
}

/// Writes a JSON list with one line for each value, without collecting the values.
fn list(out: &mut impl Write, values: impl Iterator<Item = Value>) -> io::Result<()> {
    out.write_all(b"[")?;
    for (index, value) in values.enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        out.write_all(value.to_string().as_bytes())?;
    }
    out.write_all(b"\n]")
}

/// Returns the number of spec files as text.
fn files(source: &Source) -> String {
    match source.len() {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    }
}

/// Files and directories of the spec, as findings name them; empty for the whole spec.
struct Chosen(Vec<String>);

impl Chosen {
    /// Returns whether a file is selected.
    fn contains(&self, file: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|name| lies_in(file, name))
    }
}

/// Finds paths in the spec that was read from `directory`.
fn chosen(paths: &[PathBuf], directory: Option<&Path>, source: &Source) -> Result<Chosen, Stop> {
    let names = paths.iter().map(|path| {
        let name = match directory {
            Some(directory) => spec_path(path, directory)?,
            None => path
                .to_string_lossy()
                .trim_start_matches("./")
                .trim_end_matches('/')
                .to_owned(),
        };
        if source.files().any(|(file, _)| lies_in(file, &name)) {
            Ok(name)
        } else {
            Err(Stop::unable(format!("{} contains no file of the spec", path.display())))
        }
    });
    Ok(Chosen(names.collect::<Result<_, _>>()?))
}

fn lies_in(file: &str, name: &str) -> bool {
    file.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns `spec/drive` for a path to the directory `drive` of the spec.
fn spec_path(path: &Path, directory: &Path) -> Result<String, Stop> {
    let real = |path: &Path| {
        let found = path.canonicalize();
        found.map_err(|error| Stop::unable(format!("cannot find {}: {error}", path.display())))
    };
    let (path, directory) = (real(path)?, real(directory)?);
    if directory.starts_with(&path) {
        return Ok("spec".to_owned());
    }
    let Ok(below) = path.strip_prefix(&directory) else {
        let (path, directory) = (path.display(), directory.display());
        return Err(Stop::unable(format!("{path} is not in the spec directory {directory}")));
    };
    let parts = below.iter().map(|part| format!("/{}", part.to_string_lossy()));
    Ok(format!("spec{}", parts.collect::<String>()))
}

/// Writes each finding with its source line; anstream removes colours outside a terminal.
fn write_human(out: &mut impl Write, report: &Report, source: &Source) -> io::Result<()> {
    for (index, finding) in report.findings.render_each(source, true).enumerate() {
        let apart = if index == 0 { "" } else { "\n" };
        writeln!(out, "{apart}{finding}")?;
    }
    let Counts {
        errors,
        warnings,
        notes,
    } = Counts::new(report);
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
        writeln!(out, "{apart}no errors or warnings in {files}{noted}{allowed}")?;
    }
    Ok(())
}

/// Increases when a key is removed or changes its meaning, not with new keys.
const SCHEMA_VERSION: u32 = 1;

fn write_json(out: &mut impl Write, report: &Report, source: &Source) -> io::Result<()> {
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
    } = Counts::new(report);
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

const LEVELS: [&str; 3] = ["note", "warning", "error"];

fn write_sarif(out: &mut impl Write, report: &Report, source: &Source) -> io::Result<()> {
    let found = report.findings.iter().map(|finding| sarif_result(finding, source));
    let allowed = report.allowed.iter().map(|allowed| {
        let mut result = sarif_result(&allowed.finding, source);
        result["suppressions"] = json!([{ "kind": "inSource", "justification": allowed.reason }]);
        result
    });
    let driver = json!({
        "name": "larkspur spec check",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": Rule::all().map(sarif_rule).collect::<Vec<_>>(),
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

fn sarif_rule(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.meaning },
        "help": { "text": format!("docs/spec/rules.md#{} has an example.", rule.id) },
        "defaultConfiguration": { "level": level(rule.severity, LEVELS) },
    })
}

fn sarif_result(finding: &Finding, source: &Source) -> Value {
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

/// Returns the path as a relative URI.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes()
        .map(|byte| match byte {
            byte if plain(byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

fn write_github(out: &mut impl Write, report: &Report, source: &Source) -> io::Result<()> {
    for finding in &report.findings {
        writeln!(out, "{}", workflow_command(finding, source))?;
    }
    Ok(())
}

fn workflow_command(finding: &Finding, source: &Source) -> String {
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

/// Escapes line breaks, which would end the command.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes separators of properties as well.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{message, property};

    #[test]
    fn escapes_line_breaks_and_separators() {
        assert_eq!(message("100%\r\n::error::x"), "100%25%0D%0A::error::x");
        assert_eq!(property("a,line=1:b"), "a%2Cline=1%3Ab");
    }
}
