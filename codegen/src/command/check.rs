//! `spec check`: reports every finding of the spec at once.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::output::{self, Stop};
use super::spec_directory::{SpecOption, nearest_spec, spec_of, working_directory};
use super::spec_files::{display_path, read};
use crate::characters::{github_message, github_property};
use crate::finding::{Rule, Severity};
use crate::lint::{self, Report};
use crate::{Finding, Source};

const AFTER_HELP: &str = "\
Examples:
  larkspur spec check                               the whole spec
  larkspur spec check spec/drive                    findings of the files below spec/drive
  larkspur spec check ../my-crate/spec              the spec of another crate
  larkspur spec check --format github               annotations in a GitHub workflow
  larkspur spec check --format sarif > spec.sarif   for code scanning

Without --spec, the spec that PATHS are in is checked, else the nearest one. It is always checked as a whole; PATHS
filter the findings. The output names the directory that was read, and the number of files.
docs/spec/rules.md lists every rule with an example, and shows how to allow a warning.
docs/spec/check.md describes the formats.

Exit codes: 0 no errors or warnings, 1 errors or warnings, 2 could not run; notes do not count";

/// Report every finding of the spec.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Only report findings of these files and directories of one spec.
    #[arg(value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    spec: SpecOption,
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
pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let directory = directory(arguments)?;
    let source = read(&directory)?;
    let chosen = chosen(&arguments.paths, &directory, &source)?;
    let checked = Checked {
        directory: display_path(&directory),
        files: source.files().filter(|(path, _)| chosen.contains(path)).count(),
        report: filter(lint::check(&source), &chosen),
        source,
    };
    write(arguments.format, &checked)?;
    let counts = Counts::new(&checked.report);
    if counts.errors + counts.warnings > 0 {
        let sentence = counts.sentence();
        return Err(Stop::failed(format!(
            "{sentence} in {}; docs/spec/rules.md explains each",
            checked.extent()
        )));
    }
    Ok(())
}

/// Returns the directory of `--spec`, else the spec that the paths are in, else the nearest one.
fn directory(arguments: &Arguments) -> Result<PathBuf, Stop> {
    let (None, Some(first)) = (arguments.spec.named(), arguments.paths.first()) else {
        return arguments.spec.directory();
    };
    // The nearest spec may be reached through a symbolic link, which the path as such does not show.
    let nearest = nearest_spec(&working_directory()?);
    match nearest.filter(|nearest| lies_below(first, nearest)) {
        Some(nearest) => Ok(nearest),
        None => spec_of(first),
    }
}

fn lies_below(path: &Path, directory: &Path) -> bool {
    let real = path
        .canonicalize()
        .and_then(|path| Ok((path, directory.canonicalize()?)));
    real.is_ok_and(|(path, directory)| path.starts_with(directory))
}

/// A spec that was checked.
struct Checked {
    directory: String,
    /// The number of files whose findings are reported.
    files: usize,
    report: Report,
    source: Source,
}

impl Checked {
    /// Returns what was checked: `3 files of spec`, `1 of 3 files of spec`.
    fn extent(&self) -> String {
        let all = self.source.len();
        let counted = match (self.files, all) {
            (1, 1) => "1 file".to_owned(),
            (files, all) if files == all => format!("{all} files"),
            (files, all) => format!("{files} of {all} files"),
        };
        format!("{counted} of {}", self.directory)
    }

    /// Returns the line of a check without errors and warnings.
    fn success(&self) -> Option<String> {
        let counts = Counts::new(&self.report);
        if counts.errors + counts.warnings > 0 {
            return None;
        }
        let allowed = match self.report.allowed.len() {
            0 => String::new(),
            count => format!(", {count} allowed"),
        };
        let noted = match counts.notes {
            0 => String::new(),
            1 => ", 1 note".to_owned(),
            count => format!(", {count} notes"),
        };
        Some(format!("no errors or warnings in {}{noted}{allowed}", self.extent()))
    }
}

fn write(format: Format, checked: &Checked) -> io::Result<()> {
    let mut out: Box<dyn Write> = match format {
        Format::Human | Format::Github => Box::new(output::styled()),
        Format::Json | Format::Sarif => Box::new(output::json_writer()),
    };
    match format {
        Format::Human => write_human(&mut out, checked)?,
        Format::Json => write_json(&mut out, checked)?,
        Format::Sarif => write_sarif(&mut out, checked)?,
        Format::Github => write_github(&mut out, checked)?,
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
            "{}, {}, {}",
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

/// Files and directories of the spec, as findings name them; empty for the whole spec.
struct Chosen(Vec<String>);

impl Chosen {
    /// Returns whether a file is selected.
    fn contains(&self, file: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|name| lies_in(file, name))
    }
}

/// Finds paths in the spec that was read from `directory`.
fn chosen(paths: &[PathBuf], directory: &Path, source: &Source) -> Result<Chosen, Stop> {
    let names = paths.iter().map(|path| {
        let name = spec_path(path, directory)?;
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
fn write_human(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    let Checked { report, source, .. } = checked;
    for (index, finding) in report.findings.render_each(source, true).enumerate() {
        let apart = if index == 0 { "" } else { "\n" };
        writeln!(out, "{apart}{finding}")?;
    }
    if let Some(line) = checked.success() {
        let apart = if report.findings.is_empty() { "" } else { "\n" };
        writeln!(out, "{apart}{line}")?;
    }
    Ok(())
}

/// Increases when a key is removed or changes its meaning, not with new keys.
const SCHEMA_VERSION: u32 = 1;

fn write_json(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    let Checked { report, source, .. } = checked;
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
    let (directory, files) = (json!(checked.directory), checked.files);
    write!(
        out,
        "{{\n\"schema\": {SCHEMA_VERSION},\n\"spec\": {directory},\n\"files\": {files},\n\"errors\": {errors},\n\"warnings\": {warnings},\n\"notes\": {notes},\n\
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

fn write_sarif(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    let Checked { report, source, .. } = checked;
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
    let properties = json!({ "spec": checked.directory, "files": checked.files });
    write!(
        out,
        "{{\n\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n\"version\": \"2.1.0\",\n\
         \"runs\": [{{\n\"tool\": {{ \"driver\": {driver} }},\n\"columnKind\": \"unicodeCodePoints\",\n\
         \"properties\": {properties},\n\"results\": "
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

fn write_github(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    let Checked { report, source, .. } = checked;
    for finding in &report.findings {
        writeln!(out, "{}", workflow_command(finding, source))?;
    }
    // A line that is not a command appears in the log only.
    checked.success().iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn workflow_command(finding: &Finding, source: &Source) -> String {
    let level = level(finding.severity(), ["notice", "warning", "error"]);
    let text = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    format!(
        "::{level} file={},line={},col={},endColumn={},title={}::{}",
        github_property(&finding.path),
        finding.origin.line,
        finding.origin.column,
        finding.end_column(source),
        github_property(finding.rule),
        github_message(&text),
    )
}
