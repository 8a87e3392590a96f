//! `larkspur spec`: the spec, for those who write it and for tools.

mod check;
mod diff;
mod export;
mod file;
mod fmt;
mod import;
mod new;
mod schema;
mod show;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use larkspur_codegen::model::Api;
use larkspur_codegen::{Findings, Source};

use crate::output;
use crate::repository;
use crate::stop::Stop;

/// Work with the spec.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Diff(diff::Arguments),
    Export(export::Arguments),
    Fmt(fmt::Arguments),
    Import(import::Arguments),
    New(new::Arguments),
    Schema(schema::Arguments),
    Show(show::Arguments),
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Stop> {
    match &arguments.command {
        Command::Check(arguments) => check::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Export(arguments) => export::run(arguments),
        Command::Fmt(arguments) => fmt::run(arguments),
        Command::Import(arguments) => import::run(arguments),
        Command::New(arguments) => new::run(arguments),
        Command::Schema(arguments) => schema::run(arguments),
        Command::Show(arguments) => show::run(arguments),
    }
}

/// Which spec a command works on.
#[derive(Args)]
pub(crate) struct Choice {
    /// Directory of the spec, instead of that of the repository around the working directory; outside
    /// of a repository the spec that this program was built with is taken.
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
}

impl Choice {
    /// The files of the spec.
    pub(crate) fn source(&self) -> Result<Source, Stop> {
        match self.directory() {
            Some(directory) => read(&directory),
            None => Ok(larkspur_mock::embedded_spec()),
        }
    }

    /// The directory of the spec; `None` where it is the one that this program was built with.
    pub(crate) fn directory(&self) -> Option<PathBuf> {
        let around = || repository::around_here().map(|root| root.join("spec"));
        self.spec.clone().or_else(around)
    }
}

/// The files of the spec in a directory.
pub(crate) fn read(directory: &Path) -> Result<Source, Stop> {
    let place = directory.display();
    let source = Source::read_dir(directory)
        .map_err(|error| Stop::unable(format!("cannot read the spec in {place}: {error}")))?;
    if source.is_empty() {
        return Err(Stop::unable(format!("there is no YAML file in {place}")));
    }
    Ok(source)
}

/// The spec, resolved; its findings are shown with the lines that they are about.
pub(crate) fn load(source: &Source) -> Result<Api, Stop> {
    larkspur_codegen::load(source).map_err(|findings| rendered(&findings, source))
}

/// Findings as a person reads them.
pub(crate) fn rendered(findings: &Findings, source: &Source) -> Stop {
    Stop::failed(findings.render(source, output::colour_on_stderr()))
}
