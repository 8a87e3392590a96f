//! `cargo spec`: the commands on the spec, in a program that does not compile the SDK. build.rs runs its `gen`.

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser};
use larkspur_codegen::command::{self, Arguments};

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Work with the spec of larkspur: check it, change it, and write what follows from it.
#[derive(Parser)]
#[command(name = "larkspur-spec", bin_name = "cargo spec", version)]
struct Program {
    #[command(flatten)]
    arguments: Arguments,
}

fn main() -> ExitCode {
    let matches = command::wrap_help(with_own_name(Program::command())).get_matches();
    let program = Program::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match command::run(&program.arguments, None) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.report(),
    }
}

/// The examples in the help call this program `cargo spec`, as its users do.
fn with_own_name(command: clap::Command) -> clap::Command {
    command.mut_subcommands(|command| match command.get_after_help() {
        Some(help) => {
            let help = help.to_string().replace("larkspur spec", "cargo spec");
            command.after_help(help)
        }
        None => command,
    })
}
