//! Command line of larkspur.

mod call;
mod completions;
mod credentials;
mod demo;
mod document;
mod download;
mod export;
mod facts;
mod known;
mod list;
mod media;
mod mock;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use larkspur_codegen::command::{self as spec, output, stop, table};

use crate::stop::Stop;

const AFTER_HELP: &str = "\
Examples:
  larkspur demo                            the whole line at work, on this machine alone
  larkspur list message                    which endpoints have to do with messages?
  larkspur call im.v1.message.list --param container_id_type=chat --param container_id=oc_1
  larkspur mock --port 8080                a stand-in for the platform, for tests in any language
  larkspur export URL --as pdf             a document as a file
  larkspur media URL --to files            all images and attachments of a document
  larkspur spec gen --check                does generated/ fit the spec?
  larkspur spec check                      every finding of the spec at once
  larkspur spec show drive.v1.media.download
  larkspur spec new drive.v1.file.copy --http \"POST /open-apis/...\"
  larkspur spec fmt --check                is the spec in its one layout?
  larkspur spec diff main HEAD             what a change of the spec means for users
  larkspur spec export --format json       every endpoint of the spec, for tools

Exit codes: 0 done, 1 findings or a failed call, 2 wrong usage or could not run";

/// Works with the Feishu / Lark Open Platform through a spec that people can review.
#[derive(Parser)]
#[command(name = "larkspur", version, after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Arguments),
    Mock(mock::Arguments),
    Spec(spec::Arguments),
    Download(download::Arguments),
    Call(call::Arguments),
    List(list::Arguments),
    Completions(completions::Arguments),
    Export(export::Arguments),
    Media(media::Arguments),
}

fn main() -> ExitCode {
    completions::answer(completed);
    let arguments = Arguments::parse();
    match run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.report(),
    }
}

/// The command line with completions of ids in `spec show`, whose arguments codegen/ defines.
fn completed() -> clap::Command {
    Arguments::command().mut_subcommand("spec", |spec| {
        spec.mut_subcommand("show", |show| show.mut_arg("id", |id| id.add(completions::endpoints())))
    })
}

fn run(command: Command) -> Result<(), Stop> {
    match command {
        Command::Spec(arguments) => spec::run(&arguments, Some(larkspur_mock::embedded_spec)),
        Command::Demo(arguments) => wait_for(demo::run(&arguments)),
        Command::Mock(arguments) => wait_for(mock::run(&arguments)),
        Command::Download(arguments) => wait_for(download::run(&arguments)),
        Command::Call(arguments) => wait_for(call::run(&arguments)),
        Command::List(arguments) => list::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Export(arguments) => wait_for(export::run(&arguments)),
        Command::Media(arguments) => wait_for(media::run(&arguments)),
    }
}

/// Runs what needs the network to its end.
fn wait_for(work: impl Future<Output = Result<(), Stop>>) -> Result<(), Stop> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime
        .map_err(|error| Stop::unable(format!("cannot start: {error}")))?
        .block_on(work)
}
