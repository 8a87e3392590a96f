//! `larkspur spec check`: every finding of the spec at once.

mod github;
mod human;
mod json;
mod paths;
mod sarif;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use larkspur_codegen::Source;
use larkspur_codegen::finding::Severity;
use larkspur_codegen::lint::{self, Report};
use serde_json::Value;

use super::Choice;
use crate::output;
use crate::stop::Stop;

const AFTER_HELP: &str = "\
Examples:
  larkspur spec check                               the whole spec
  larkspur spec check spec/drive                    what concerns the files below spec/drive
  larkspur spec check --format github               annotations in a GitHub workflow
  larkspur spec check --format sarif > spec.sarif   for code scanning

Always the whole spec is read; PATHS only choose what is told of it.
docs/rules.md has every rule with an example, and how to allow a warning in place.
docs/spec-check.md describes the formats.

Exit codes: 0 clean, 1 errors or warnings, 2 could not run; notes are for information";

/// Find what is wrong with the spec.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Tell only what concerns these files and directories of the spec.
    #[arg(value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// In which format.
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
pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let source = arguments.choice.source()?;
    let chosen = paths::chosen(&arguments.paths, arguments.choice.directory().as_deref(), &source)?;
    let report = told(lint::check(&source), &chosen);
    write(arguments.format, &report, &source)?;
    let counts = Counts::of(&report);
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
        Format::Human => human::write(&mut out, report, source)?,
        Format::Json => json::write(&mut out, report, source)?,
        Format::Sarif => sarif::write(&mut out, report, source)?,
        Format::Github => github::write(&mut out, report, source)?,
    }
    out.flush()
}

/// What a report says of the chosen files.
fn told(mut report: Report, chosen: &paths::Chosen) -> Report {
    report.findings.retain(|finding| chosen.has(&finding.path));
    report.allowed.retain(|allowed| chosen.has(&allowed.finding.path));
    report
}

/// How many findings there are of each severity.
#[derive(Default)]
struct Counts {
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl Counts {
    fn of(report: &Report) -> Self {
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
            "{}, {}, {}; docs/rules.md explains each",
            counted(self.errors, "error"),
            counted(self.warnings, "warning"),
            counted(self.notes, "note")
        )
    }
}

/// A severity in the words of a format.
fn level(severity: Severity, [note, warning, error]: [&'static str; 3]) -> &'static str {
    match severity {
        Severity::Note => note,
        Severity::Warning => warning,
        Severity::Error => error,
    }
}

/// A JSON list with a line for each value, written one by one: a file may have very many findings.
fn list(out: &mut impl Write, values: impl Iterator<Item = Value>) -> io::Result<()> {
    out.write_all(b"[")?;
    for (index, value) in values.enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        out.write_all(value.to_string().as_bytes())?;
    }
    out.write_all(b"\n]")
}

/// The number of spec files, for people.
fn files(source: &Source) -> String {
    match source.len() {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    }
}
