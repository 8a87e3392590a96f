//! `larkspur spec export`: every endpoint of the spec, in a format for tools.

use clap::{Args, ValueEnum};

use super::{Choice, load};
use crate::output;
use crate::stop::Stop;

const AFTER_HELP: &str = "\
Examples:
  larkspur spec export --format json | jq -r '.endpoints[].id'
  larkspur spec export --format json --spec ../other/spec > api.json

docs/spec-export.md describes what is printed.";

/// Print every endpoint of the spec.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// In which format.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    #[command(flatten)]
    choice: Choice,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Json,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let api = load(&arguments.choice.source()?)?;
    let text = match arguments.format {
        Format::Json => serde_json::to_string_pretty(&larkspur_codegen::export::json(&api)),
    };
    output::line(text.map_err(Stop::unable)?)?;
    Ok(())
}
