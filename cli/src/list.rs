//! `larkspur list`: lists the endpoints of the spec.

use std::io::{IsTerminal as _, Write as _};

use clap::{Args, ValueEnum};
use larkspur_codegen::command::output::{self, Stop, aligned_rows, table};
use larkspur_codegen::index::IndexEntry;
use serde_json::{Value, json};
use terminal_size::{Width, terminal_size};

use crate::endpoints::SpecOption;
use crate::exit_code::exit_codes;

const AFTER_HELP: &str = concat!(
    "\
Examples:
  larkspur list                     all endpoints
  larkspur list media               those with `media` in id, path or summary
  larkspur list 'POST /open-apis/im'
  larkspur list bitable --format json | jq -r '.[].id'

",
    exit_codes!()
);

/// List the endpoints of the spec.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Text to search in id, method and path, and summary, ignoring case.
    filter: Option<String>,
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    spec: SpecOption,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// One line per endpoint.
    Human,
    /// JSON array.
    Json,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let index = arguments.spec.index()?;
    let filter = arguments.filter.as_deref().unwrap_or_default().to_lowercase();
    let mut found: Vec<&IndexEntry> = index.endpoints.iter().collect();
    found.retain(|endpoint| matches_filter(endpoint, &filter));
    if found.is_empty() {
        return Err(Stop::failed(format!(
            "no endpoint with {:?} in its id, path or summary",
            arguments.filter.as_deref().unwrap_or_default()
        )));
    }
    match arguments.format {
        Format::Human => print_table(&found),
        Format::Json => {
            let all: Vec<_> = found.into_iter().map(to_json).collect();
            output::json(&Value::from(all))?;
            Ok(())
        }
    }
}

fn matches_filter(endpoint: &IndexEntry, filter: &str) -> bool {
    let summary = endpoint.summary.as_deref().unwrap_or_default();
    [endpoint.id.as_str(), route(endpoint).as_str(), summary]
        .iter()
        .any(|text| text.to_lowercase().contains(filter))
}

fn route(endpoint: &IndexEntry) -> String {
    format!("{} {}", endpoint.method, endpoint.path)
}

/// Prints a table on a terminal, or a paragraph per endpoint if that is too narrow; a line per endpoint elsewhere.
fn print_table(found: &[&IndexEntry]) -> Result<(), Stop> {
    let rows: Vec<_> = found
        .iter()
        .map(|endpoint| [endpoint.id.clone(), route(endpoint), summary(endpoint)])
        .collect();
    let lines = if std::io::stdout().is_terminal() {
        let width = terminal_size().map_or(usize::MAX, |(Width(width), _)| width.into());
        table_lines(&rows, width)
    } else {
        rows.iter().map(|row| row.join("  ").trim_end().to_owned()).collect()
    };
    let mut output = output::styled();
    for line in lines {
        writeln!(output, "{line}")?;
    }
    output.flush()?;
    Ok(())
}

/// Returns the lines of a table, or of paragraphs if the table is wider than the terminal.
fn table_lines(rows: &[[String; 3]], width: usize) -> Vec<String> {
    let plain = aligned_rows(rows);
    if plain.iter().all(|line| line.chars().count() <= width) {
        return table(["endpoint", "method and path", "summary"], rows);
    }
    let paragraph = |row: &[String; 3]| {
        let [id, route, summary] = row;
        [output::bold(id), format!("  {route}"), format!("  {summary}")]
    };
    rows.iter().flat_map(paragraph).collect()
}

/// Returns the summary, prefixed if the endpoint is deprecated.
fn summary(endpoint: &IndexEntry) -> String {
    let mark = endpoint.deprecated.then(|| match &endpoint.successor {
        Some(successor) => format!("[deprecated: {successor}]"),
        None => "[deprecated]".to_owned(),
    });
    let parts: Vec<_> = mark.into_iter().chain(endpoint.summary.clone()).collect();
    parts.join(" ")
}

fn to_json(endpoint: &IndexEntry) -> Value {
    json!({
        "id": endpoint.id,
        "method": endpoint.method,
        "path": endpoint.path,
        "summary": endpoint.summary,
        "deprecated": endpoint.deprecated,
        "successor": endpoint.successor,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_terminal_gets_paragraphs() {
        let row = ["demo.v1.thing.get", "GET /open-apis/demo", "Get a thing."].map(str::to_owned);
        assert_eq!(table_lines(std::slice::from_ref(&row), 80).len(), 2);
        let paragraphs = table_lines(&[row], 40);
        assert_eq!(paragraphs[1..], ["  GET /open-apis/demo", "  Get a thing."]);
    }
}
