//! `spec fmt`: formats spec files.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::output::{self, Stop};
use super::spec_directory::SpecOption;
use super::spec_files::{File, collect, display_path, rendered, replace};
use crate::layout::{ERRORS_FILE, ErrorNames, layout_with_names};
use crate::{LayoutError, Source};

const AFTER_HELP: &str = "\
Examples:
  larkspur spec fmt                        every file of the nearest spec
  larkspur spec fmt --check                list the files that would change, and fail if any would
  larkspur spec fmt spec/drive/v1/media.yaml

The first line of a file names the schema for editors; it is added or corrected.
The error codes of an endpoint have their names in errors.yaml as comments.
The content never changes: keys, values, comments and the resulting API are compared with those before.
A file with errors is reported and not changed.

Exit codes: 0 done, 1 files would change (--check) or have errors, 2 could not run";

/// Format spec files: order of keys, indentation, quotes, line breaks.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Only list the files that would change, and fail if any would.
    #[arg(long)]
    check: bool,
    /// Files and directories; the default is the whole spec.
    paths: Vec<PathBuf>,
    #[command(flatten)]
    spec: SpecOption,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let mut errors = Vec::new();
    let mut names = NamesByDirectory::default();
    for file in files(arguments)? {
        match layout_with_names(&file.name, &file.bytes, &names.of(&file)) {
            Ok(text) if text.as_bytes() == file.bytes => {}
            Ok(text) if arguments.check => errors.push(describe_difference(&file, &text)),
            Ok(text) => {
                replace(&file.path, &text)?;
                output::line(format!("formatted {}", display_path(&file.path)))?;
            }
            Err(LayoutError::Findings(findings)) => {
                let mut source = Source::new();
                source.add(file.name, file.bytes);
                errors.push(rendered(&findings, &source).message());
            }
            Err(error) => errors.push(error.to_string()),
        }
    }
    match errors.as_slice() {
        [] => Ok(()),
        errors => Err(Stop::failed(errors.join("\n"))),
    }
}

/// The names of error codes, by the directory of their `errors.yaml`.
#[derive(Default)]
struct NamesByDirectory(HashMap<PathBuf, ErrorNames>);

impl NamesByDirectory {
    /// Returns the names for the entries of a file. Without a readable `errors.yaml` the comments stay.
    fn of(&mut self, file: &File) -> ErrorNames {
        let directory = file.path.parent().map(PathBuf::from).unwrap_or_default();
        let read = |directory: &PathBuf| fs::read(directory.join(ERRORS_FILE)).map(|bytes| ErrorNames::read(&bytes));
        let names = self
            .0
            .entry(directory)
            .or_insert_with_key(|directory| read(directory).unwrap_or_default());
        names.clone()
    }
}

/// Returns the selected files without duplicates.
fn files(arguments: &Arguments) -> Result<Vec<File>, Stop> {
    let mut places = arguments.paths.clone();
    if places.is_empty() || arguments.spec.named().is_some() {
        places.push(arguments.spec.directory()?);
    }
    let mut files = Vec::new();
    for place in places {
        let before = files.len();
        collect(&place, &mut files)?;
        if files.len() == before {
            return Err(Stop::unable(format!("{} contains no YAML file", place.display())));
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

/// Returns the place of the first line that would change.
fn describe_difference(file: &File, text: &str) -> String {
    let before = String::from_utf8_lossy(&file.bytes);
    let same = before
        .lines()
        .zip(text.lines())
        .take_while(|(before, after)| before == after);
    let line = same.count() + 1;
    let path = display_path(&file.path);
    format!("{path}:{line}: not formatted: run `larkspur spec fmt`")
}
