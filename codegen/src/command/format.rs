//! `spec fmt`: writes spec files in the one layout.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::stop::Stop;
use super::{output, rendered, spec_directory};
use crate::{LayoutError, Source, layout};

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
pub(super) struct Arguments {
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
                replace(&file.path, &text)?;
                output::line(format!("formatted {}", shown(&file.path)))?;
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
        let root = spec_directory().ok_or_else(|| Stop::unable(NO_REPOSITORY))?;
        collect(&root, &mut files)?;
    }
    for path in paths {
        collect(path, &mut files)?;
    }
    if files.is_empty() {
        return Err(Stop::unable("there is no YAML file in what was named"));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

const NO_REPOSITORY: &str = "no directory from here upwards contains spec/ and codegen/: name files or directories";

/// Says where the first line stands that would change.
fn differs(file: &File, text: &str) -> String {
    let before = String::from_utf8_lossy(&file.bytes);
    let same = before
        .lines()
        .zip(text.lines())
        .take_while(|(before, after)| before == after);
    let line = same.count() + 1;
    let path = shown(&file.path);
    format!("{path}:{line}: not in the layout that `larkspur spec fmt` writes")
}

/// More than the loader takes, so that it can say that there is too much.
const MAX_BYTES: u64 = 4 * 1024 * 1024 + 1;

/// A spec file.
pub(super) struct File {
    pub(super) path: PathBuf,
    /// `spec/<project>/<version>/<resource>.yaml`, as findings name it.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// Adds the file at `path`, or every YAML file below it. Symbolic links below it are left alone.
pub(super) fn collect(path: &Path, files: &mut Vec<File>) -> Result<(), Stop> {
    let failed = |error: io::Error| Stop::unable(format!("cannot read {}: {error}", path.display()));
    if !path.is_dir() {
        let mut bytes = Vec::new();
        let file = fs::File::open(path).map_err(failed)?;
        file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(failed)?;
        files.push(File {
            path: path.to_owned(),
            name: name(path),
            bytes,
        });
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        let inner = entry.path();
        let yaml = inner
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        if kind.is_dir() || kind.is_file() && yaml {
            collect(&inner, files)?;
        }
    }
    Ok(())
}

/// The name of a file below a directory of specs, wherever that is.
fn name(path: &Path) -> String {
    let absolute = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let parts: Vec<_> = absolute.iter().map(|part| part.to_string_lossy()).collect();
    let last = parts.len().saturating_sub(3);
    format!("spec/{}", parts[last..].join("/"))
}

/// The path as somebody in the working directory would write it.
pub(super) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

/// Writes a file whole or not at all. What a link leads to is meant, not the link.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), Stop> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    crate::replace_file(&target, text.as_bytes())
        .map_err(|error| Stop::unable(format!("cannot write {}: {error}", path.display())))
}
