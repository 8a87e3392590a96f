//! Command line of larkspur.

mod call;
mod completions;
mod connection;
mod credentials;
#[cfg(debug_assertions)]
mod disk_faults;
mod documents;
mod download;
mod endpoints;
mod exit_code;
mod list;
mod mock;
mod progress;
mod signals;
mod target;
mod warnings;

use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use larkspur_codegen::command as spec;
use larkspur_codegen::command::output::Stop;

use self::exit_code::exit_codes;

const AFTER_HELP: &str = concat!(
    "\
Examples:
  larkspur demo                            try the SDK against a local mock server
  larkspur list message                    find endpoints
  larkspur call im.v1.message.list --param container_id_type=chat --param container_id=oc_1
  larkspur mock --port 8080                run a mock server for tests in any language
  larkspur export URL --as pdf             export a document to a file
  larkspur media URL --to files            download all images and attachments of a document
  larkspur spec gen --check                compare generated/ with the spec
  larkspur spec check                      report all findings of the spec
  larkspur spec show drive.v1.media.download
  larkspur spec new drive.v1.file.copy --http \"POST /open-apis/...\"
  larkspur spec fmt --check                check the layout of the spec
  larkspur spec diff main HEAD             report what a spec change means for users
  larkspur spec export --format json       export all endpoints for other tools

",
    exit_codes!()
);

/// Work with the Feishu / Lark Open Platform through a reviewable spec.
#[derive(Parser)]
#[command(name = "larkspur", version, after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(mock::DemoArguments),
    Mock(mock::MockArguments),
    Spec(spec::Arguments),
    Download(download::Arguments),
    Call(call::Arguments),
    Api(call::api::Arguments),
    List(list::Arguments),
    Completions(completions::Arguments),
    Export(documents::ExportArguments),
    Media(documents::MediaArguments),
}

fn main() -> ExitCode {
    #[cfg(debug_assertions)]
    disk_faults::install_from_env();
    completions::complete_if_requested(command_with_completions);
    let matches = spec::wrap_help(Arguments::command()).get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.report(),
    }
}

/// Returns the command line with completions of the id in `spec show`, whose arguments codegen/ defines.
fn command_with_completions() -> clap::Command {
    Arguments::command().mut_subcommand("spec", |spec| {
        spec.mut_subcommand("show", |show| {
            show.mut_arg("id", |id| id.add(completions::endpoint_ids()))
        })
    })
}

fn run(command: Command) -> Result<(), Stop> {
    match command {
        Command::Spec(arguments) => spec::run(&arguments, Some(larkspur_mock::embedded_spec)),
        Command::Demo(arguments) => block_on(mock::run_demo(&arguments)),
        Command::Mock(arguments) => block_on(mock::run_mock(&arguments)),
        Command::Download(arguments) => block_on(download::run(&arguments)),
        Command::Call(arguments) => block_on(call::run(&arguments)),
        Command::Api(arguments) => block_on(call::api::run(&arguments)),
        Command::List(arguments) => list::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Export(arguments) => block_on(documents::run_export(&arguments)),
        Command::Media(arguments) => block_on(documents::run_media(&arguments)),
    }
}

/// Time for writes to disk that are in progress when a command ends. A closed terminal or a full pipe may block one for ever.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

fn block_on(command: impl Future<Output = Result<(), Stop>>) -> Result<(), Stop> {
    warnings::print_warnings();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Stop::unable(format!("cannot start the async runtime: {error}")))?;
    let result = runtime.block_on(command);
    runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
    result
}
