//! Which spec a command reads: the directory that the user names, else the nearest `spec/`, else the built-in spec.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::output::Stop;
use crate::{Source, names};

/// The spec that is built into the program, if any.
pub type BuiltIn = Option<fn() -> Source>;

/// Selects the spec of a command that checks or changes files, which is never the built-in one.
#[derive(Args)]
pub(super) struct SpecOption {
    /// Directory of the spec. The default is the nearest spec/ with YAML files, from the working directory up to the root
    /// of the repository.
    #[arg(long = "spec", value_name = "DIR")]
    directory: Option<PathBuf>,
}

impl SpecOption {
    /// Returns the directory that the user names.
    pub(super) fn named(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// Returns the directory of the spec.
    pub(super) fn directory(&self) -> Result<PathBuf, Stop> {
        named_or_nearest(self.named())
    }
}

/// Selects the spec of a command that only reads it.
#[derive(Args)]
pub(super) struct SpecOrBuiltIn {
    /// Directory of the spec. The default is the nearest spec/ with YAML files, from the working directory up to the root
    /// of the repository, else the built-in spec of the program, if it has one.
    #[arg(long = "spec", value_name = "DIR")]
    directory: Option<PathBuf>,
}

impl SpecOrBuiltIn {
    /// Returns the directory of the spec, or an error if the built-in one is to be used.
    pub(super) fn directory(&self) -> Result<PathBuf, Stop> {
        named_or_nearest(self.directory.as_deref())
    }
}

/// Returns the directory that the user names, or the nearest spec.
pub(super) fn named_or_nearest(named: Option<&Path>) -> Result<PathBuf, Stop> {
    match named {
        Some(directory) => Ok(directory.to_owned()),
        None => nearest_spec(&working_directory()?).ok_or_else(|| Stop::unable(NO_SPEC)),
    }
}

const NO_SPEC: &str = "cannot find a spec: neither the working directory nor one above it in the repository has a spec/ with \
    YAML files: set the directory with --spec";

pub(super) fn working_directory() -> Result<PathBuf, Stop> {
    std::env::current_dir().map_err(|error| Stop::unable(format!("cannot find the working directory: {error}")))
}

/// Returns the nearest `spec/` with YAML files, from a directory up to the root of its repository.
pub(super) fn nearest_spec(from: &Path) -> Option<PathBuf> {
    let candidates = up_to_repository(from).map(|directory| directory.join("spec"));
    let mut candidates = candidates.filter(|path| contains_yaml(path)).peekable();
    while let Some(candidate) = candidates.next() {
        let is_inside_next = candidates.peek().is_some_and(|next| candidate.parent() == Some(next));
        // `spec/spec` is a project called `spec`, unless it has projects itself.
        if !is_inside_next || is_spec(&candidate) {
            return Some(candidate);
        }
    }
    None
}

/// Returns the spec that a file or directory belongs to, or that a directory contains.
///
/// # Errors
///
/// The path does not exist, or has no relation to a spec.
pub(super) fn spec_of(path: &Path) -> Result<PathBuf, Stop> {
    let found = path.canonicalize();
    let real = found.map_err(|error| Stop::unable(format!("cannot find {}: {error}", path.display())))?;
    match nearest_spec(&real) {
        Some(spec) if real.starts_with(&spec) || spec.starts_with(&real) => Ok(spec),
        _ if is_spec(&real) => Ok(real),
        _ => Err(Stop::unable(format!("{} contains no spec file", path.display()))),
    }
}

/// Returns the outermost directory called `spec` around a file, in its repository; otherwise the file's own directory.
pub(super) fn enclosing_spec(file: &Path) -> &Path {
    let parent = file.parent().unwrap_or(file);
    let called_spec = up_to_repository(parent).filter(|path| path.ends_with("spec"));
    called_spec.last().unwrap_or(parent)
}

/// Returns the directories from `from` upwards; the root of the repository around it is the last.
fn up_to_repository(from: &Path) -> impl Iterator<Item = &Path> {
    let mut left = false;
    from.ancestors().take_while(move |path| {
        let inside = !left;
        left = path.join(".git").exists();
        inside
    })
}

/// Returns the root of the repository around a directory.
pub(super) fn repository_root(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|path| path.join(".git").exists())
}

/// Whether there is a YAML file below a directory.
pub(super) fn contains_yaml(directory: &Path) -> bool {
    entries(directory).any(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => contains_yaml(&entry.path()),
        Ok(kind) => kind.is_file() && is_yaml(&entry.path()),
        Err(_) => false,
    })
}

/// Whether a directory has a file `<project>/<version>/<resource>.yaml`.
pub(super) fn is_spec(directory: &Path) -> bool {
    let versions = entries(directory).flat_map(|project| entries(&project.path()));
    versions
        .filter(|version| version.file_name().to_str().is_some_and(names::is_version))
        .flat_map(|version| entries(&version.path()))
        .any(|file| is_yaml(&file.path()))
}

/// Returns the entries of a directory; none if it cannot be read, which reading the spec reports.
fn entries(directory: &Path) -> impl Iterator<Item = fs::DirEntry> + use<> {
    fs::read_dir(directory).into_iter().flatten().flatten()
}

/// Whether a path has the extension of a spec file.
pub(super) fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{nearest_spec, spec_of};

    /// A directory with these empty files; a name that ends in a slash is a directory.
    fn directory(files: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a directory");
        for file in files {
            let path = directory.path().join(file);
            if file.ends_with('/') {
                fs::create_dir_all(path).expect("a directory");
            } else {
                fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
                fs::write(path, "").expect("a file");
            }
        }
        directory
    }

    fn nearest(root: &Path, from: &str) -> Option<String> {
        let found = nearest_spec(&root.join(from))?;
        Some(found.strip_prefix(root).expect("it is below").display().to_string())
    }

    #[test]
    fn finds_nearest_spec_upwards() {
        let tree = directory(&[".git/", "spec/a/v1/b.yaml", "inner/spec/a/v1/b.yaml", "inner/src/"]);
        assert_eq!(nearest(tree.path(), "inner/src").as_deref(), Some("inner/spec"));
        assert_eq!(nearest(tree.path(), "spec/a").as_deref(), Some("spec"));
    }

    #[test]
    fn skips_spec_without_yaml() {
        let tree = directory(&[".git/", "spec/a/v1/b.yaml", "inner/spec/model_spec.rb"]);
        assert_eq!(nearest(tree.path(), "inner").as_deref(), Some("spec"));
    }

    #[test]
    fn finds_spec_with_misplaced_files() {
        let tree = directory(&[".git/", "spec/a/v1/b.yaml", "inner/spec/contact.yaml"]);
        assert_eq!(nearest(tree.path(), "inner").as_deref(), Some("inner/spec"));
    }

    #[test]
    fn search_ends_at_repository_root() {
        let tree = directory(&["spec/a/v1/b.yaml", "mine/.git/", "mine/src/"]);
        assert_eq!(nearest(tree.path(), "mine/src"), None);
    }

    #[test]
    fn project_called_spec_is_not_the_spec() {
        let tree = directory(&[".git/", "spec/spec/v1/thing.yaml"]);
        for from in ["spec/spec/v1", "spec/spec", "spec", ""] {
            assert_eq!(nearest(tree.path(), from).as_deref(), Some("spec"), "{from}");
        }
    }

    #[test]
    fn repository_called_spec_has_a_spec() {
        let tree = directory(&["spec/.git/", "spec/spec/drive/v1/file.yaml"]);
        assert_eq!(nearest(tree.path(), "spec/spec").as_deref(), Some("spec/spec"));
    }

    #[test]
    fn path_belongs_to_the_spec_around_it() {
        let tree = directory(&["spec/a/v1/b.yaml", "api/a/v1/b.yaml", "src/lib.rs"]);
        let root = tree.path().canonicalize().expect("a path");
        for (path, spec) in [("spec/a/v1/b.yaml", "spec"), ("", "spec"), ("api", "api")] {
            let found = spec_of(&root.join(path)).expect("a spec");
            assert_eq!(found, root.join(spec), "{path}");
        }
        for path in ["src", "missing"] {
            assert!(spec_of(&root.join(path)).is_err(), "{path}");
        }
    }
}
