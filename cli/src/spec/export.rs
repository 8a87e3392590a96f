//! `larkspur spec export`: every endpoint of the spec, in a format for tools.

use clap::{Args, ValueEnum};
use larkspur_codegen::export;

use super::{Choice, load};
use crate::output;
use crate::stop::Stop;

const AFTER_HELP: &str = "\
Examples:
  larkspur spec export --format json | jq -r '.endpoints[].id'
  larkspur spec export --format json --spec ../other/spec > api.json
  larkspur spec export --format openapi > openapi.json

docs/spec-export.md describes the JSON, docs/openapi.md the OpenAPI document.

Exit codes: 0 done, 1 the spec has errors, 2 could not run";

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
    /// All that the spec says, in a form of our own.
    Json,
    /// An OpenAPI 3.1 document.
    Openapi,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let api = load(&arguments.choice.source()?)?;
    let document = match arguments.format {
        Format::Json => export::json(&api),
        Format::Openapi => export::openapi(&api),
    };
    output::line(serde_json::to_string_pretty(&document).map_err(Stop::unable)?)?;
    Ok(())
}
