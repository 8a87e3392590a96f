//! `larkspur list`: the endpoints of the spec.

use std::io::{IsTerminal as _, Write as _};

use clap::{Args, ValueEnum};
use larkspur_codegen::model::Endpoint;
use serde_json::{Value, json};

use crate::known::Known;
use crate::output;
use crate::stop::Stop;
use crate::table::{aligned, lines};

const AFTER_HELP: &str = "\
Examples:
  larkspur list                     every endpoint
  larkspur list media               those with `media` in their id, path or summary
  larkspur list 'POST /open-apis/im'
  larkspur list bitable --format json | jq -r '.[].id'

Exit codes: 0 done, 1 none was found, 2 could not run";

/// List the endpoints of the spec.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Only those with this text in their id, method and path, or summary, whatever its capitals.
    filter: Option<String>,
    /// In which format.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    known: Known,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A line for each.
    Human,
    /// A list of objects.
    Json,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let api = arguments.known.all()?;
    let filter = arguments.filter.as_deref().unwrap_or_default().to_lowercase();
    let mut found: Vec<&Endpoint> = api.endpoints().map(|(_, endpoint)| endpoint).collect();
    found.retain(|endpoint| has(endpoint, &filter));
    found.sort_by_key(|endpoint| &endpoint.id);
    if found.is_empty() {
        return Err(Stop::failed(format!(
            "no endpoint has {:?} in its id, path or summary",
            arguments.filter.as_deref().unwrap_or_default()
        )));
    }
    match arguments.format {
        Format::Human => human(&found),
        Format::Json => {
            let all: Vec<_> = found.into_iter().map(described).collect();
            output::line(serde_json::to_string_pretty(&all).map_err(Stop::unable)?)?;
            Ok(())
        }
    }
}

fn has(endpoint: &Endpoint, filter: &str) -> bool {
    let summary = endpoint.summary.as_deref().unwrap_or_default();
    [endpoint.id.as_str(), route(endpoint).as_str(), summary]
        .iter()
        .any(|text| text.to_lowercase().contains(filter))
}

fn route(endpoint: &Endpoint) -> String {
    format!("{} {}", endpoint.method.as_str(), endpoint.path)
}

/// A table, whose headings are for people alone.
fn human(found: &[&Endpoint]) -> Result<(), Stop> {
    let rows: Vec<_> = found
        .iter()
        .map(|endpoint| [endpoint.id.clone(), route(endpoint), told(endpoint)])
        .collect();
    let lines = match std::io::stdout().is_terminal() {
        true => lines(["endpoint", "method and path", "summary"], &rows),
        false => aligned(&rows),
    };
    let mut output = output::styled();
    for line in lines {
        writeln!(output, "{line}")?;
    }
    output.flush()?;
    Ok(())
}

/// The summary, behind a mark where the endpoint should no longer be used.
fn told(endpoint: &Endpoint) -> String {
    let summary = endpoint.summary.clone();
    let mark = endpoint
        .deprecated
        .as_ref()
        .map(|deprecation| match &deprecation.successor {
            Some(successor) => format!("[deprecated: {successor}]"),
            None => "[deprecated]".to_owned(),
        });
    let parts: Vec<_> = mark.into_iter().chain(summary).collect();
    parts.join(" ")
}

fn described(endpoint: &Endpoint) -> Value {
    json!({
        "id": endpoint.id,
        "method": endpoint.method.as_str(),
        "path": endpoint.path,
        "summary": endpoint.summary,
        "deprecated": endpoint.deprecated.is_some(),
        "successor": endpoint.deprecated.as_ref().and_then(|deprecation| deprecation.successor.as_ref()),
    })
}
