//! The commands on the spec: `cargo spec ...`, and `larkspur spec ...` of the command line.
//!
//! Both parse [`Arguments`] and call [`run()`]. Nothing here compiles or calls the SDK, so that every command works
//! while the spec or the generated code has errors.

pub mod output;
pub mod stop;
pub mod table;

mod check;
mod diff;
mod format;
mod generate;
mod import;
mod new;
mod show;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::model::{Api, Endpoint, Module};
use crate::{Findings, Source, names};
use stop::Stop;

/// Work with the spec.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Diff(diff::Arguments),
    Export(generate::ExportArguments),
    Fmt(format::Arguments),
    Gen(generate::Arguments),
    Import(import::Arguments),
    New(new::Arguments),
    Schema(generate::SchemaArguments),
    Show(show::Arguments),
}

/// The spec that the program was built with, if it has one.
pub type BuiltIn = Option<fn() -> Source>;

/// Runs the command. `built_in` is read where the command may use it and neither `--spec` nor a repository is there.
///
/// # Errors
///
/// The [`Stop`] holds the message for standard error and decides the exit code.
pub fn run(arguments: &Arguments, built_in: BuiltIn) -> Result<(), Stop> {
    match &arguments.command {
        Command::Check(arguments) => check::run(arguments, built_in),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Export(arguments) => generate::print_export(arguments, built_in),
        Command::Fmt(arguments) => format::run(arguments),
        Command::Gen(arguments) => generate::run(arguments),
        Command::Import(arguments) => import::run(arguments),
        Command::New(arguments) => new::run(arguments),
        Command::Schema(_) => generate::print_schema(),
        Command::Show(arguments) => show::run(arguments, built_in),
    }
}

/// Selects the spec that a command reads.
#[derive(Args)]
struct Choice {
    /// Directory of the spec, instead of that of the repository around the working directory; outside
    /// of a repository the spec that this program was built with is taken.
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
}

impl Choice {
    /// The files of the spec.
    fn source(&self, built_in: BuiltIn) -> Result<Source, Stop> {
        match (self.directory(), built_in) {
            (Some(directory), _) => read(&directory),
            (None, Some(built_in)) => Ok(built_in()),
            (None, None) => Err(Stop::unable(format!("{NO_REPOSITORY} --spec"))),
        }
    }

    /// The directory of the spec; `None` selects the built-in spec.
    fn directory(&self) -> Option<PathBuf> {
        self.spec.clone().or_else(spec_directory)
    }
}

/// Begins the message of every command that finds no repository; the option that names the directory ends it.
const NO_REPOSITORY: &str =
    "no directory from here upwards contains spec/ and codegen/: name the directory of the spec with";

/// The nearest directory upwards from the working directory that contains a spec and its generator.
fn repository() -> Option<PathBuf> {
    find_upwards(|path| path.join("spec").is_dir() && path.join("codegen/Cargo.toml").is_file())
}

/// `spec/` of the repository around the working directory.
fn spec_directory() -> Option<PathBuf> {
    repository().map(|root| root.join("spec"))
}

/// The nearest directory upwards from the working directory that is wanted.
fn find_upwards(is_wanted: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|path| is_wanted(path)).map(Path::to_owned)
}

/// Reads the spec files below a directory.
///
/// # Errors
///
/// A file cannot be read, or there is no YAML file.
pub fn read(directory: &Path) -> Result<Source, Stop> {
    let place = directory.display();
    let source = Source::read_dir(directory)
        .map_err(|error| Stop::unable(format!("cannot read the spec in {place}: {error}")))?;
    if source.is_empty() {
        return Err(Stop::unable(format!("there is no YAML file in {place}")));
    }
    Ok(source)
}

/// Reads the spec so far; it may not exist yet.
fn read_or_empty(directory: &Path) -> Result<Source, Stop> {
    if !directory.exists() {
        return Ok(Source::new());
    }
    let place = directory.display();
    Source::read_dir(directory).map_err(|error| Stop::unable(format!("cannot read the spec in {place}: {error}")))
}

/// Resolves the spec.
///
/// # Errors
///
/// The findings, with the lines that they are about.
pub fn load(source: &Source) -> Result<Api, Stop> {
    crate::load(source).map_err(|findings| rendered(&findings, source))
}

/// Findings as a person reads them.
pub fn rendered(findings: &Findings, source: &Source) -> Stop {
    Stop::failed(findings.render(source, output::colour_on_stderr()))
}

/// Finds the endpoint with this id, and the index of its module.
///
/// # Errors
///
/// A message that names the endpoint that was probably meant.
pub fn find_endpoint<'a>(api: &'a Api, id: &str) -> Result<(usize, &'a Endpoint), String> {
    let mut all = api.modules.iter().enumerate().flat_map(with_index);
    all.find(|(_, endpoint)| endpoint.id == id).ok_or_else(|| {
        let near = names::nearest(id, api.endpoints().map(|(_, endpoint)| endpoint.id.as_str()));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`larkspur list` has all of them".to_owned(),
        };
        format!("there is no endpoint {id:?} in the spec; {help}")
    })
}

fn with_index((index, module): (usize, &Module)) -> impl Iterator<Item = (usize, &Endpoint)> {
    module.endpoints.iter().map(move |endpoint| (index, endpoint))
}
