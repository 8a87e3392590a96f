//! The commands on the spec: `cargo spec ...` and `larkspur spec ...`.
//!
//! Both parse [`Arguments`] and call [`run()`]. No command depends on the SDK, so that all of them work while the spec or the
//! generated code has errors.

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
mod spec_files;

use clap::{Args, Subcommand};

use self::stop::Stop;

pub use self::spec_files::{BuiltIn, find_endpoint, load, read, rendered};

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

/// Runs the command. Commands that only read a spec fall back to `built_in` without `--spec` and outside a repository.
///
/// # Errors
///
/// The [`Stop`] has the message for standard error and the exit code.
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
