//! `larkspur gen`: keeps generated/ in step with the spec.

use std::path::PathBuf;

use clap::Args;
use larkspur_codegen::generate::{self, GenerateError, Report};

use crate::output;
use crate::repository;
use crate::spec::rendered;
use crate::stop::Stop;

const AFTER_HELP: &str = "\
Examples:
  larkspur gen                             write what differs
  larkspur gen --check                     fail if anything differs, and write nothing

Where generated/ does not compile, `cargo gen` does the same without this program.";

/// Write the Rust code that follows from the spec.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Only say what differs, and fail if anything does.
    #[arg(long)]
    check: bool,
    /// Root of the repository, instead of the one around the working directory.
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let around = || repository::around_here().ok_or_else(|| Stop::unable(NO_REPOSITORY));
    let root = arguments.root.clone().map_or_else(around, Ok)?;
    if arguments.check {
        return generate::check(&root).map_err(explained);
    }
    let report = generate::write(&root).map_err(explained)?;
    told(&report)
}

const NO_REPOSITORY: &str =
    "there is no spec/ and codegen/ in this directory or above it; name the repository with --root";

fn told(report: &Report) -> Result<(), Stop> {
    for path in &report.written {
        output::line(format!("wrote {}", path.display()))?;
    }
    for path in &report.removed {
        output::line(format!("removed {}", path.display()))?;
    }
    Ok(())
}

fn explained(error: GenerateError) -> Stop {
    match error {
        GenerateError::Findings { findings, source } => rendered(&findings, &source),
        error if error.exit_code() == 1 => Stop::failed(error),
        error => Stop::unable(error),
    }
}
