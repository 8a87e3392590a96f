//! Spec files on disk: reading, naming and replacing them.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::output::{self, Stop};
use super::spec_directory::{BuiltIn, SpecOrBuiltIn, enclosing_spec, is_yaml};
use crate::model::{Api, Endpoint, Module};
use crate::source::{refuse_links, write_below};
use crate::{Findings, Source, names};

/// Reads the spec files below a directory.
///
/// # Errors
///
/// A file cannot be read, or the directory contains no YAML file.
pub fn read(directory: &Path) -> Result<Source, Stop> {
    let place = directory.display();
    let source = Source::read_dir(directory)
        .map_err(|error| Stop::unable(format!("cannot read the spec in {place}: {error}")))?;
    if source.is_empty() {
        return Err(Stop::unable(format!("{place} contains no YAML file")));
    }
    Ok(source)
}

/// Reads the spec that the user selects, or the built-in one if no directory has a spec.
pub(super) fn read_selected(spec: &SpecOrBuiltIn, built_in: BuiltIn) -> Result<Source, Stop> {
    match (spec.directory(), built_in) {
        (Ok(directory), _) => read(&directory),
        (Err(_), Some(built_in)) => Ok(built_in()),
        (Err(stop), None) => Err(stop),
    }
}

/// Reads the spec, which is empty if the directory does not exist.
pub(super) fn read_or_empty(directory: &Path) -> Result<Source, Stop> {
    if !directory.exists() {
        return Ok(Source::new());
    }
    let place = directory.display();
    Source::read_dir(directory).map_err(|error| Stop::unable(format!("cannot read the spec in {place}: {error}")))
}

/// Resolves the spec.
///
/// # Errors
///
/// The findings with their source lines.
pub fn load(source: &Source) -> Result<Api, Stop> {
    crate::load(source).map_err(|findings| rendered(&findings, source))
}

/// Renders findings with their source lines.
pub fn rendered(findings: &Findings, source: &Source) -> Stop {
    Stop::failed(findings.render(source, output::colour_on_stderr()))
}

/// Finds the endpoint with this id, and the index of its module.
///
/// # Errors
///
/// A message with the most similar id.
pub fn find_endpoint<'a>(api: &'a Api, id: &str) -> Result<(usize, &'a Endpoint), String> {
    let mut all = api.modules.iter().enumerate().flat_map(with_index);
    all.find(|(_, endpoint)| endpoint.id == id).ok_or_else(|| {
        let near = names::nearest(id, api.endpoints().map(|(_, endpoint)| endpoint.id.as_str()));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`larkspur list` lists all endpoints".to_owned(),
        };
        format!("unknown endpoint {id:?}: {help}")
    })
}

fn with_index((index, module): (usize, &Module)) -> impl Iterator<Item = (usize, &Endpoint)> {
    module.endpoints.iter().map(move |endpoint| (index, endpoint))
}

/// One byte more than the limit of the loader, which reports larger files.
const MAX_BYTES: u64 = 4 * 1024 * 1024 + 1;

/// A spec file.
pub(super) struct File {
    pub(super) path: PathBuf,
    /// `spec/<project>/<version>/<resource>.yaml` or `spec/types.yaml`, as findings name it.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// Adds the file at `path`, or every YAML file below it. Symbolic links below it are skipped.
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
        if kind.is_dir() || kind.is_file() && is_yaml(&inner) {
            collect(&inner, files)?;
        }
    }
    Ok(())
}

/// Returns `spec/` and the last three components of a path; only the last one for the types of the platform, which are in no
/// directory of a version.
fn name(path: &Path) -> String {
    let absolute = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let parts: Vec<_> = absolute.iter().map(|part| part.to_string_lossy()).collect();
    let is_platform = match parts.as_slice() {
        [.., directory, file] => file == "types.yaml" && !names::is_version(directory),
        _ => false,
    };
    let last = parts.len().saturating_sub(if is_platform { 1 } else { 3 });
    format!("spec/{}", parts[last..].join("/"))
}

/// Returns the path relative to the working directory, if it is below it.
pub(super) fn display_path(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

/// Replaces a spec file, unless a symbolic link below the directory of its spec leads to it.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), Stop> {
    let failed = |error: io::Error| Stop::unable(format!("cannot write {}: {error}", path.display()));
    let absolute = std::path::absolute(path).map_err(failed)?;
    let root = enclosing_spec(&absolute);
    let below = absolute.strip_prefix(root).unwrap_or(&absolute);
    write_below(root, below, text.as_bytes()).map_err(failed)
}

/// Writes a file of the spec in `root`, whose name starts with `spec/`, and returns its path.
pub(super) fn write(root: &Path, name: &str, text: &[u8]) -> Result<PathBuf, Stop> {
    let below = below_root(name);
    write_below(root, below, text).map_err(|error| Stop::unable(format!("cannot write {name}: {error}")))?;
    Ok(root.join(below))
}

/// Checks that no symbolic link leads to a file of the spec in `root`, whose name starts with `spec/`.
pub(super) fn check_links(root: &Path, name: &str) -> Result<(), Stop> {
    refuse_links(root, below_root(name)).map_err(|error| Stop::unable(format!("cannot write {name}: {error}")))
}

/// Returns the path of a file of the spec below the root of the spec: `drive/v1/file.yaml` for `spec/drive/v1/file.yaml`.
fn below_root(name: &str) -> &Path {
    // Once: a project may be called `spec`.
    Path::new(name.strip_prefix("spec/").unwrap_or(name))
}
