//! `larkspur spec fmt`: the one layout of spec files.

use std::path::PathBuf;

use clap::Args;
use larkspur_codegen::{LayoutError, Source, layout};

use super::file::{self, File};
use super::rendered;
use crate::output;
use crate::repository;
use crate::stop::Stop;

const AFTER_HELP: &str = "\
Examples:
  larkspur spec fmt                        every file of the repository's spec
  larkspur spec fmt --check                say which files would change, and fail if any would
  larkspur spec fmt spec/drive/v1/media.yaml

The first line of a file names the schema for editors; where it is missing or wrong, it is written.
What a file says never changes: keys, values and comments are held against those before, and the API as
well. A file that cannot be read is reported and left as it is.

Exit codes: 0 done, 1 something would change (--check) or has errors, 2 could not run";

/// Write spec files in the one layout: order of keys, indentation, quotes, line breaks.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Only say what would change, and fail if anything would.
    #[arg(long)]
    check: bool,
    /// Files and directories, instead of the spec of the repository around the working directory.
    paths: Vec<PathBuf>,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let mut faults = Vec::new();
    for file in files(&arguments.paths)? {
        match layout(&file.name, &file.bytes) {
            Ok(text) if text.as_bytes() == file.bytes => {}
            Ok(text) if arguments.check => faults.push(differs(&file, &text)),
            Ok(text) => {
                file::replace(&file.path, &text)?;
                output::line(format!("formatted {}", file::shown(&file.path)))?;
            }
            Err(LayoutError::Findings(findings)) => {
                let mut source = Source::new();
                source.add(file.name, file.bytes);
                faults.push(rendered(&findings, &source).message());
            }
            Err(error) => faults.push(error.to_string()),
        }
    }
    match faults.as_slice() {
        [] => Ok(()),
        faults => Err(Stop::failed(faults.join("\n"))),
    }
}

/// The files that are meant, each once.
fn files(paths: &[PathBuf]) -> Result<Vec<File>, Stop> {
    let mut files = Vec::new();
    if paths.is_empty() {
        let root = repository::around_here().ok_or_else(|| Stop::unable(NO_REPOSITORY))?;
        file::collect(&root.join("spec"), &mut files)?;
    }
    for path in paths {
        file::collect(path, &mut files)?;
    }
    if files.is_empty() {
        return Err(Stop::unable("there is no YAML file in what was named"));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

const NO_REPOSITORY: &str = "there is no spec/ and codegen/ in this directory or above it; name files or directories";

/// Says where the first line stands that would change.
fn differs(file: &File, text: &str) -> String {
    let before = String::from_utf8_lossy(&file.bytes);
    let same = before
        .lines()
        .zip(text.lines())
        .take_while(|(before, after)| before == after);
    let line = same.count() + 1;
    let path = file::shown(&file.path);
    format!("{path}:{line}: not in the layout that `larkspur spec fmt` writes")
}
