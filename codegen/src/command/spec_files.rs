//! The spec that a command reads, and spec files on disk.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{self, Stop};
use crate::model::{Api, Endpoint, Module};
use crate::{Findings, Source, names};

/// The spec that is built into the program, if any.
pub type BuiltIn = Option<fn() -> Source>;

/// Selects the spec that a command reads.
#[derive(Args)]
pub(super) struct Choice {
    /// Directory of the spec. The default is spec/ of the repository around the working directory, or outside a repository
    /// the built-in spec of the program, if it has one.
    #[arg(long, value_name = "DIR")]
    spec: Option<PathBuf>,
}

impl Choice {
    /// Reads the files of the spec.
    pub(super) fn source(&self, built_in: BuiltIn) -> Result<Source, Stop> {
        match (self.directory(), built_in) {
            (Some(directory), _) => read(&directory),
            (None, Some(built_in)) => Ok(built_in()),
            (None, None) => Err(Stop::unable(format!("{NO_REPOSITORY} --spec"))),
        }
    }

    /// Returns the directory of the spec; `None` selects the built-in spec.
    pub(super) fn directory(&self) -> Option<PathBuf> {
        self.spec.clone().or_else(spec_directory)
    }
}

/// The message outside a repository, without the option at its end.
pub(super) const NO_REPOSITORY: &str =
    "no parent directory contains spec/ and codegen/: set the directory of the spec with";

/// Returns the nearest directory, from the working directory upwards, that contains a spec and the generator.
pub(super) fn repository() -> Option<PathBuf> {
    find_upwards(|path| path.join("spec").is_dir() && path.join("codegen/Cargo.toml").is_file())
}

/// Returns `spec/` of the repository around the working directory.
pub(super) fn spec_directory() -> Option<PathBuf> {
    repository().map(|root| root.join("spec"))
}

/// Returns the nearest directory, from the working directory upwards, that `is_wanted` accepts.
pub(super) fn find_upwards(is_wanted: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().find(|path| is_wanted(path)).map(Path::to_owned)
}

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
    /// `spec/<project>/<version>/<resource>.yaml`, as findings name it.
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
        let yaml = inner
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        if kind.is_dir() || kind.is_file() && yaml {
            collect(&inner, files)?;
        }
    }
    Ok(())
}

/// Returns `spec/` and the last three components of a path.
fn name(path: &Path) -> String {
    let absolute = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let parts: Vec<_> = absolute.iter().map(|part| part.to_string_lossy()).collect();
    let last = parts.len().saturating_sub(3);
    format!("spec/{}", parts[last..].join("/"))
}

/// Returns the path relative to the working directory, if it is below it.
pub(super) fn display_path(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

/// Writes a file atomically, following symbolic links.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), Stop> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    crate::replace_file(&target, text.as_bytes())
        .map_err(|error| Stop::unable(format!("cannot write {}: {error}", path.display())))
}
