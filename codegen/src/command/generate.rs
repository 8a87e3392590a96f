//! The outputs of the spec: `spec gen`, `spec export` and `spec schema`.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::output::{self, Stop};
use super::spec_directory::{BuiltIn, SpecOrBuiltIn, named_or_nearest};
use super::spec_files::{display_path, load, read_selected, rendered};
use crate::export::{self, OpenApiOptions, OpenApiVersion};
use crate::generate::{self, GenerateError};

const AFTER_HELP: &str = "\
Examples:
  larkspur spec gen                        write what differs
  larkspur spec gen --check                fail if anything differs, and write nothing

Exit codes: 0 everything is up to date, 1 the spec has errors or files differ (--check), 2 could not run";

/// Generate the Rust code from the spec.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Only report what differs, and fail if anything does.
    #[arg(long)]
    check: bool,
    /// Directory that contains spec/ and Cargo.toml. The default is the one of the nearest spec/ with YAML files, from the
    /// working directory up to the root of the repository.
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

/// Runs `spec gen`.
pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let root = match &arguments.root {
        Some(root) => root.clone(),
        None => root_of_nearest_spec()?,
    };
    if arguments.check {
        return generate::check(&root).map_err(explained);
    }
    let report = generate::write(&root).map_err(explained)?;
    for path in &report.written {
        output::line(format!("wrote {}", path.display()))?;
    }
    for path in &report.removed {
        output::line(format!("removed {}", path.display()))?;
    }
    Ok(())
}

/// Returns the directory that contains the nearest spec and a manifest.
fn root_of_nearest_spec() -> Result<PathBuf, Stop> {
    let spec = named_or_nearest(None)?;
    let root = spec.parent().unwrap_or(Path::new("/"));
    if !root.join("Cargo.toml").is_file() {
        let spec = display_path(&spec);
        return Err(Stop::unable(format!(
            "cannot generate from {spec}: there is no Cargo.toml next to it: set the directory that contains both with --root"
        )));
    }
    Ok(root.to_owned())
}

/// Findings appear with their lines on a terminal, and one line each elsewhere: build.rs turns these into errors of cargo.
fn explained(error: GenerateError) -> Stop {
    match error {
        GenerateError::Findings { findings, source } if io::stderr().is_terminal() => rendered(&findings, &source),
        error if error.exit_code() == 1 => Stop::failed(error),
        error => Stop::unable(error),
    }
}

const EXPORT_HELP: &str = "\
Examples:
  larkspur spec export --format json | jq -r '.endpoints[].id'
  larkspur spec export --format json --spec ../other/spec > api.json
  larkspur spec export --format openapi > openapi.json
  larkspur spec export --format openapi --openapi-version 3.0 --server http://127.0.0.1:8080

docs/spec/export.md describes the JSON, docs/spec/openapi.md the OpenAPI document.

Exit codes: 0 done, 1 the spec has errors, 2 could not run";

/// Print every endpoint of the spec for tools.
#[derive(Args)]
#[command(after_help = EXPORT_HELP)]
pub(super) struct ExportArguments {
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Version of the OpenAPI document.
    #[arg(long, value_enum, default_value_t = Version::V3_1, value_name = "VERSION")]
    openapi_version: Version,
    /// URL of the server in the OpenAPI document, in place of those of the platform.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    #[command(flatten)]
    spec: SpecOrBuiltIn,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// The whole spec as JSON.
    Json,
    /// An OpenAPI document.
    Openapi,
}

#[derive(Clone, Copy, ValueEnum)]
enum Version {
    #[value(name = "3.0")]
    V3_0,
    #[value(name = "3.1")]
    V3_1,
}

impl ExportArguments {
    fn check(&self) -> Result<(), Stop> {
        let Some(url) = &self.server else { return Ok(()) };
        if matches!(self.format, Format::Json) {
            return Err(Stop::unable("--server is for OpenAPI documents: add --format openapi"));
        }
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(Stop::unable(format!(
                "--server: invalid URL {url:?}: expected https:// or http://"
            )));
        }
        Ok(())
    }
}

/// Runs the command.
pub(super) fn print_export(arguments: &ExportArguments, built_in: BuiltIn) -> Result<(), Stop> {
    arguments.check()?;
    let api = load(&read_selected(&arguments.spec, built_in)?)?;
    let document = match arguments.format {
        Format::Json => export::json(&api),
        Format::Openapi => {
            let options = OpenApiOptions {
                version: match arguments.openapi_version {
                    Version::V3_0 => OpenApiVersion::V3_0,
                    Version::V3_1 => OpenApiVersion::V3_1,
                },
                server: arguments.server.clone(),
            };
            export::openapi(&api, &options)
        }
    };
    output::line(serde_json::to_string_pretty(&document).map_err(Stop::unable)?)?;
    Ok(())
}

const SCHEMA_HELP: &str = "\
Examples:
  larkspur spec schema > spec/schema.json  the schema in the first line of spec files

Editors with yaml-language-server (VS Code: the extension `YAML` of Red Hat) then complete and explain
keys, and mark errors.

Exit codes: 0 done, 2 could not run";

/// Print the JSON Schema of a spec file.
#[derive(Args)]
#[command(after_help = SCHEMA_HELP)]
pub(super) struct SchemaArguments {}

/// Runs the command.
pub(super) fn print_schema() -> Result<(), Stop> {
    output::line(crate::schema::text().trim_end())?;
    Ok(())
}
