//! `larkspur spec schema`: the spec format for editors.

use clap::Args;

use crate::output;
use crate::stop::Stop;

const AFTER_HELP: &str = "\
Examples:
  larkspur spec schema > spec/schema.json  what the spec files of this repository name in their first line

An editor with yaml-language-server (VS Code: the extension `YAML` of Red Hat) then completes keys,
shows what they mean and marks what is wrong.

Exit codes: 0 done, 2 could not run";

/// Print the JSON Schema of a spec file.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {}

/// Runs the command.
pub(super) fn run(_: &Arguments) -> Result<(), Stop> {
    output::line(larkspur_codegen::schema::text().trim_end())?;
    Ok(())
}
