//! `larkspur spec show`: one endpoint, for a person.

mod facts;
mod fields;

use clap::Args;
use larkspur_codegen::model::{Api, Endpoint, Module};
use larkspur_codegen::signatures;

use super::{Choice, load};
use crate::completions;
use crate::known;
use crate::output::{self, bold};
use crate::stop::Stop;

const AFTER_HELP: &str = "\
Examples:
  larkspur spec show drive.v1.media.download
  larkspur spec show my.v1.thing.get --spec ../my-crate/spec

Exit codes: 0 done, 1 no such endpoint, or the spec has errors; 2 could not run";

/// Print an endpoint: its functions in Rust, and every fact that the spec has.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Id of the endpoint, such as drive.v1.media.download.
    #[arg(add = completions::endpoints())]
    id: String,
    #[command(flatten)]
    choice: Choice,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let api = load(&arguments.choice.source()?)?;
    let (index, endpoint) = known::find(&api, &arguments.id).map_err(Stop::failed)?;
    for line in described(&api, index, endpoint)? {
        output::line(line)?;
    }
    Ok(())
}

fn described(api: &Api, index: usize, endpoint: &Endpoint) -> Result<Vec<String>, Stop> {
    let module = &api.modules[index];
    let mut lines = vec![bold(&endpoint.id)];
    lines.extend(endpoint.summary.clone());
    lines.push(String::new());
    lines.extend(facts::lines(module, endpoint));
    section(
        &mut lines,
        &rust_path(module, endpoint),
        functions(api, index, endpoint)?,
    );
    section(&mut lines, "Request", fields::request(api, endpoint));
    section(&mut lines, "Answer", fields::answer(api, endpoint));
    section(&mut lines, "Errors", facts::errors(endpoint));
    section(&mut lines, "Notes", facts::notes(endpoint));
    Ok(lines)
}

/// Adds lines under a heading; none where there are none.
fn section(lines: &mut Vec<String>, heading: &str, content: Vec<String>) {
    if !content.is_empty() {
        lines.extend([String::new(), bold(heading)]);
        lines.extend(content.into_iter().map(|line| format!("  {line}")));
    }
}

fn rust_path(module: &Module, endpoint: &Endpoint) -> String {
    let Module {
        project, version, rust, ..
    } = module;
    format!("larkspur::{project}::{version}::{rust}::{}", endpoint.rust)
}

/// What the emitter gives the request type.
fn functions(api: &Api, index: usize, endpoint: &Endpoint) -> Result<Vec<String>, Stop> {
    let signatures = signatures(api, index, endpoint).map_err(Stop::failed)?;
    let lines = signatures.iter().flat_map(|signature| signature.lines());
    Ok(lines.map(str::to_owned).collect())
}
