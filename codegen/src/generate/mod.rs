//! Keeps generated/ consistent with the spec: one plan, which is carried out or checked.
//!
//! The whole spec is read, checked and rendered in cache before any file changes. If there are findings, nothing is
//! written.

mod cache;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use self::cache::{Cache, CacheFile};
use crate::emit::{self, EmitError, FeatureBlockError, Part, Parts};
use crate::model::Api;
use crate::source::{refuse_links, write_below};
use crate::{Findings, Source, load, parallel};

/// The files that [`write()`] changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Files that were written, relative to the root.
    pub written: Vec<PathBuf>,
    /// Files that were removed, relative to the root.
    pub removed: Vec<PathBuf>,
}

/// Writes the generated files that differ from `root/spec`, and removes obsolete ones.
///
/// `root` contains `spec/`, `generated/` and the `Cargo.toml` with the block of features. Only files with the mark of the
/// generator are removed. A cache in `root/target` shortens the next run of the same program; a damaged cache is ignored.
///
/// # Errors
///
/// The spec has findings, or a file cannot be read, written or removed.
pub fn write(root: &Path) -> Result<Report, GenerateError> {
    let mut report = Report::default();
    let file = CacheFile::open(root);
    let cache = file.as_ref().map(CacheFile::load);
    let changes = plan_changes(root, cache.as_ref())?;
    for path in changes.keys() {
        refuse_links(root, path).map_err(failed("write", root.join(path)))?;
    }
    for (path, change) in changes {
        match change {
            Change::Write { text, .. } => {
                write_file(root, &path, &text)?;
                report.written.push(path);
            }
            Change::Remove => {
                remove_file(root, &path)?;
                report.removed.push(path);
            }
        }
    }
    if let (Some(cache), Some(file)) = (cache, &file) {
        cache.save(file);
    }
    Ok(report)
}

/// Checks that [`write()`] would change nothing. It ignores the cache.
///
/// # Errors
///
/// As [`write()`]; [`GenerateError::Differs`] lists the files that differ.
pub fn check(root: &Path) -> Result<(), GenerateError> {
    let differences: Vec<_> = plan_changes(root, None)?
        .into_iter()
        .map(|(path, change)| Difference {
            path,
            state: change.state(),
        })
        .collect();
    if differences.is_empty() {
        Ok(())
    } else {
        Err(GenerateError::Differs(differences))
    }
}

/// An error of [`write()`] or [`check()`].
#[derive(Debug)]
#[non_exhaustive]
pub enum GenerateError {
    /// The spec has findings; nothing was written.
    Findings {
        /// The findings.
        findings: Findings,
        /// The spec, for the source lines.
        source: Box<Source>,
    },
    /// The spec cannot become Rust; nothing was written.
    Emit(EmitError),
    /// Generated files differ from the spec.
    Differs(Vec<Difference>),
    /// The block of features in Cargo.toml cannot be replaced.
    Features(FeatureBlockError),
    /// A file could not be read, written or removed.
    Io {
        /// The operation: `read`, `write`, `remove`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
}

/// A generated file that differs from the spec.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Relative to the root.
    pub path: PathBuf,
    /// The difference.
    pub state: State,
}

/// How a file differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The file does not exist.
    Missing,
    /// The text differs.
    Stale,
    /// The spec no longer has its source.
    LeftOver,
}

impl GenerateError {
    /// Returns the exit code of a program: 1 if the spec or the files are wrong, 2 if it could not run.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Findings { .. } | Self::Emit(_) | Self::Differs(_) => 1,
            Self::Features(_) | Self::Io { .. } => 2,
        }
    }
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Findings { findings, .. } => write!(f, "{findings}"),
            Self::Emit(error) => write!(f, "{error}"),
            Self::Features(error) => write!(f, "{error}"),
            Self::Io { action, path, error } => write!(f, "could not {action} {}: {error}", path.display()),
            Self::Differs(differences) => {
                writeln!(f, "generated files differ from spec/:")?;
                for Difference { path, state } in differences {
                    writeln!(f, "  {state}: {}", slashed(path))?;
                }
                write!(f, "run `cargo spec gen` and commit the result")
            }
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::LeftOver => "left over",
        })
    }
}

impl std::error::Error for GenerateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Emit(error) => Some(error),
            Self::Features(error) => Some(error),
            Self::Io { error, .. } => Some(error),
            Self::Findings { .. } | Self::Differs(_) => None,
        }
    }
}

impl From<EmitError> for GenerateError {
    fn from(error: EmitError) -> Self {
        Self::Emit(error)
    }
}

impl From<FeatureBlockError> for GenerateError {
    fn from(error: FeatureBlockError) -> Self {
        Self::Features(error)
    }
}

/// Returns the path with slashes on every system.
fn slashed(path: &Path) -> String {
    path.iter()
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

/// The manifest with the block of features.
const MANIFEST: &str = "Cargo.toml";

/// The directory of the spec.
const SPEC: &str = "spec";

/// A change of a file.
enum Change {
    Write { text: String, exists: bool },
    Remove,
}

impl Change {
    fn state(&self) -> State {
        match self {
            Self::Write { exists: true, .. } => State::Stale,
            Self::Write { exists: false, .. } => State::Missing,
            Self::Remove => State::LeftOver,
        }
    }

    /// Returns the change that gives a file this text.
    fn replace(text: String, found: Option<&[u8]>) -> Option<Self> {
        let exists = found.is_some();
        (found != Some(text.as_bytes())).then_some(Self::Write { text, exists })
    }
}

/// A file of the output, and its change.
type Wanted = (PathBuf, Option<Change>);

/// Returns every necessary change by path.
fn plan_changes(root: &Path, cache: Option<&Cache<'_>>) -> Result<BTreeMap<PathBuf, Change>, GenerateError> {
    let api = model(root, cache)?;
    let parts = Parts::new(&api)?;
    let mut wanted = BTreeSet::new();
    let mut changes = BTreeMap::new();
    let mut all = parallel::map(&parts.all(), |&part| render_part(root, &parts, part, cache));
    all.push(manifest(root, &api).map(|manifest| vec![manifest]));
    for files in all {
        for (path, change) in files? {
            changes.extend(change.map(|change| (path.clone(), change)));
            wanted.insert(path);
        }
    }
    for path in generated_files(root, &wanted)? {
        changes.insert(path, Change::Remove);
    }
    Ok(changes)
}

/// Loads the spec.
fn model(root: &Path, cache: Option<&Cache<'_>>) -> Result<Api, GenerateError> {
    let directory = root.join(SPEC);
    let source = Source::read_dir(&directory).map_err(|error| GenerateError::Io {
        action: "read",
        path: directory,
        error,
    })?;
    let loaded = match cache {
        Some(cache) => load::load_with(&source, |file, text| cache.parse(file, text)),
        None => load(&source),
    };
    loaded.map_err(|findings| GenerateError::Findings {
        findings,
        source: Box::new(source),
    })
}

/// Returns the files of a part, which is rendered unless the cache proves that they are current.
fn render_part(
    root: &Path,
    parts: &Parts<'_>,
    part: Part,
    cache: Option<&Cache<'_>>,
) -> Result<Vec<Wanted>, GenerateError> {
    let slice = parts.slice(part);
    let cache = cache.and_then(|cache| Some((cache, cache::hash_slice(&slice)?)));
    let mut found = BTreeMap::new();
    for path in parts.paths(part)? {
        found.insert(path.clone(), read_file(root, &path)?);
    }
    if let Some((cache, hash)) = cache
        && cache.all_fresh(&found, hash)
    {
        return Ok(found.into_keys().map(|path| (path, None)).collect());
    }
    let rendered = parts.render(part, &slice)?.into_iter().map(|(path, text)| {
        if let Some((cache, hash)) = cache {
            cache.note(&path, hash, &text);
        }
        let found = found.get(&path).and_then(Option::as_deref);
        let change = Change::replace(text, found);
        (path, change)
    });
    Ok(rendered.collect())
}

/// Returns the manifest with its features.
fn manifest(root: &Path, api: &Api) -> Result<Wanted, GenerateError> {
    let path = PathBuf::from(MANIFEST);
    let found = read_text(root, &path)?;
    let text = emit::replace_features(&found, &emit::gated_projects(api))?;
    Ok((path, Change::replace(text, Some(found.as_bytes()))))
}

/// Reads a file; `None` if it does not exist.
fn read_file(root: &Path, path: &Path) -> Result<Option<Vec<u8>>, GenerateError> {
    let path = root.join(path);
    match fs::read(&path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

/// Reads a file that must exist.
fn read_text(root: &Path, path: &Path) -> Result<String, GenerateError> {
    let path = root.join(path);
    fs::read_to_string(&path).map_err(failed("read", path))
}

/// Returns the files below `generated/` that have the generator's mark and are not in `except`, relative to `root`.
fn generated_files(root: &Path, except: &BTreeSet<PathBuf>) -> Result<Vec<PathBuf>, GenerateError> {
    let mut found = Vec::new();
    let mut directories = vec![PathBuf::from(emit::DIRECTORY)];
    while let Some(directory) = directories.pop() {
        let absolute = root.join(&directory);
        let entries = match fs::read_dir(&absolute) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(failed("read", absolute)(error)),
        };
        for entry in entries {
            let entry = entry.map_err(failed("read", absolute.clone()))?;
            let path = directory.join(entry.file_name());
            let kind = entry.file_type().map_err(failed("read", entry.path()))?;
            // Symbolic links are skipped.
            if kind.is_dir() {
                directories.push(path);
            } else if kind.is_file()
                && !except.contains(&path)
                && read_file(root, &path)?.is_some_and(|content| emit::is_generated(&content))
            {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// Writes a file atomically: to a temporary file, which is renamed.
fn write_file(root: &Path, path: &Path, text: &str) -> Result<(), GenerateError> {
    write_below(root, path, text.as_bytes()).map_err(failed("write", root.join(path)))
}

/// Removes a file and the directories that become empty.
fn remove_file(root: &Path, path: &Path) -> Result<(), GenerateError> {
    let absolute = root.join(path);
    match fs::remove_file(&absolute) {
        // Another build, for example in an editor, has removed it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        result => result.map_err(failed("remove", absolute))?,
    }
    for directory in path
        .ancestors()
        .skip(1)
        .filter(|directory| directory.starts_with(emit::DIRECTORY))
    {
        // Fails if the directory is not empty.
        if directory == Path::new(emit::DIRECTORY) || fs::remove_dir(root.join(directory)).is_err() {
            break;
        }
    }
    Ok(())
}

fn failed(action: &'static str, path: PathBuf) -> impl FnOnce(io::Error) -> GenerateError {
    move |error| GenerateError::Io { action, path, error }
}
