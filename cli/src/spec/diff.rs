//! `larkspur spec diff`: what a change of the spec means for those who use the SDK.

mod revision;

use std::path::Path;

use clap::{Args, ValueEnum};
use larkspur_codegen::Source;
use larkspur_codegen::diff::{self, Changes};
use larkspur_codegen::model::Api;

use super::{load, read};
use crate::output;
use crate::stop::Stop;

const AFTER_HELP: &str = "\
OLD and NEW are directories with spec files, or git revisions of the repository around the working
directory, whose spec/ is read without a checkout. What is a directory is taken for one.

Examples:
  larkspur spec diff main HEAD             what this branch means for users
  larkspur spec diff main spec             the same with what is not committed
  larkspur spec diff main HEAD --format markdown > comment.md

docs/diff-rules.md lists the rules.

Exit codes: 0 nothing is breaking, 1 something is, 2 could not run";

/// Say what a change of the spec means for users: what breaks, and which version follows.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The spec as it was: a directory or a git revision.
    old: String,
    /// The spec as it is to be: a directory or a git revision.
    new: String,
    /// In which format.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For a person.
    Text,
    /// For a comment on a pull request.
    Markdown,
    /// For a program.
    Json,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let (old, new) = (side(&arguments.old)?, side(&arguments.new)?);
    let changes = diff::diff(&old, &new);
    let text = match arguments.format {
        Format::Text => changes.text(),
        Format::Markdown => changes.markdown(),
        Format::Json => serde_json::to_string_pretty(&changes.json()).map_err(Stop::unable)?,
    };
    output::line(text.trim_end())?;
    verdict(&changes)
}

/// One of the two specs. What does not load cannot be compared, which is no finding about the change.
fn side(name: &str) -> Result<Api, Stop> {
    let source = source(name)?;
    load(&source).map_err(|stop| match stop {
        Stop::Failed(findings) => Stop::unable(format!("the spec of `{name}` is not right:\n\n{findings}")),
        other => other,
    })
}

fn source(name: &str) -> Result<Source, Stop> {
    let directory = Path::new(name);
    if directory.is_dir() {
        read(directory)
    } else {
        revision::read(name)
    }
}

fn verdict(changes: &Changes) -> Result<(), Stop> {
    match changes.breaking() {
        0 => Ok(()),
        1 => Err(Stop::failed("1 change is breaking")),
        count => Err(Stop::failed(format!("{count} changes are breaking"))),
    }
}
