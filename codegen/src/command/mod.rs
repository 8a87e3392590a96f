//! The commands on the spec: `cargo spec ...` and `larkspur spec ...`.
//!
//! Both parse [`Arguments`] and call [`run()`]. No command depends on the SDK, so that all of them work while the spec or the
//! generated code has errors.

pub mod output;
pub mod terminal;

mod add_entries;
mod check;
mod diff;
mod format;
mod generate;
mod help;
mod share;
mod show;
mod spec_directory;
mod spec_files;

use clap::{Args, Subcommand};

use self::output::Stop;

pub use self::help::wrap_help;
pub use self::spec_directory::BuiltIn;
pub use self::spec_files::{find_endpoint, load, read, rendered};

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
    Import(add_entries::ImportArguments),
    New(add_entries::NewArguments),
    Schema(generate::SchemaArguments),
    Share(share::Arguments),
    Show(show::Arguments),
}

/// Runs the command. `spec export` and `spec show` fall back to `built_in` where no directory has a spec; commands that check
/// or change files never do.
///
/// # Errors
///
/// The [`Stop`] has the message for standard error and the exit code.
pub fn run(arguments: &Arguments, built_in: BuiltIn) -> Result<(), Stop> {
    match &arguments.command {
        Command::Check(arguments) => check::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Export(arguments) => generate::print_export(arguments, built_in),
        Command::Fmt(arguments) => format::run(arguments),
        Command::Gen(arguments) => generate::run(arguments),
        Command::Import(arguments) => add_entries::run_import(arguments),
        Command::New(arguments) => add_entries::run_new(arguments),
        Command::Schema(_) => generate::print_schema(),
        Command::Share(arguments) => share::run(arguments),
        Command::Show(arguments) => show::run(arguments, built_in),
    }
}
