//! `spec new`: adds an entry to fill in.

use std::path::PathBuf;

use clap::Args;

use super::output;
use super::spec_files::{NO_REPOSITORY, display_path, read_or_empty, rendered, replace, spec_directory};
use super::stop::Stop;
use crate::{LayoutError, NewEndpoint, ScaffoldError, Source, scaffold, schema};

const AFTER_HELP: &str = "\
Examples:
  larkspur spec new drive.v1.file.copy --http \"POST /open-apis/drive/v1/files/:file_token/copy\"
  larkspur spec new my.v1.thing.get --http \"GET /open-apis/my/v1/things/:thing_id\" --spec spec

The entry is added at the end of spec/drive/v1/file.yaml, which is created if necessary. It is valid; its
comments list what to complete from the page of the endpoint.

Exit codes: 0 done, 1 the entry or the spec has errors and nothing was written, 2 could not run";

/// Add an entry for an endpoint, to be completed.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Id of the endpoint: project.version.resource.method.
    id: String,
    /// Method and path as on the page; parameters start with a colon.
    #[arg(long, value_name = "METHOD PATH")]
    http: String,
    /// Directory of the spec; the default is spec/ of the repository around the working directory.
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let root = arguments.spec.clone().or_else(spec_directory);
    let root = root.ok_or_else(|| Stop::unable(format!("{NO_REPOSITORY} --spec")))?;
    let spec = read_or_empty(&root)?;
    let new = NewEndpoint {
        id: &arguments.id,
        http: &arguments.http,
    };
    let scaffold = scaffold(&spec, new).map_err(|error| explained(error, &spec))?;
    let path = root.join(scaffold.path.trim_start_matches("spec/"));
    replace(&path, &scaffold.text)?;
    output::line(format!("wrote {}:{}", display_path(&path), scaffold.line))?;
    let schema = root.join(schema::FILE_NAME);
    if !schema.is_file() {
        let schema = display_path(&schema);
        output::line(format!("for editors: larkspur spec schema > {schema}"))?;
    }
    Ok(())
}

fn explained(error: ScaffoldError, spec: &Source) -> Stop {
    match error {
        ScaffoldError::Findings { findings, spec } => rendered(&findings, &spec),
        ScaffoldError::Layout(LayoutError::Findings(findings)) => {
            // The file was read alone, so that it is the first of its findings.
            let mut source = Source::new();
            for (path, bytes) in spec.files() {
                if findings.iter().any(|finding| finding.path == path) {
                    source.add(path, bytes);
                }
            }
            rendered(&findings, &source)
        }
        error => Stop::failed(error),
    }
}
