//! Spec files on disk.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::stop::Stop;

/// More than the loader takes, so that it can say that there is too much.
const MAX_BYTES: u64 = 4 * 1024 * 1024 + 1;

/// A spec file.
pub(super) struct File {
    pub path: PathBuf,
    /// `spec/<project>/<version>/<resource>.yaml`, as findings name it.
    pub name: String,
    pub bytes: Vec<u8>,
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
    larkspur_codegen::replace_file(&target, text.as_bytes())
        .map_err(|error| Stop::unable(format!("cannot write {}: {error}", path.display())))
}
