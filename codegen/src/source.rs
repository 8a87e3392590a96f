//! The files of a spec: in memory, and replaced atomically on disk.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Component, Path};

/// Larger files are rejected: nobody could review them.
pub(crate) const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;

/// Spec files in memory, sorted by path.
///
/// The loader needs no file system, so that a spec can come from a directory, a test or a diff.
#[derive(Debug, Clone, Default)]
pub struct Source {
    files: Vec<SourceFile>,
}

#[derive(Debug, Clone)]
struct SourceFile {
    path: String,
    bytes: Vec<u8>,
}

impl Source {
    /// Returns a spec without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file such as `spec/drive/v1/media.yaml` and replaces one with the same path.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Vec<u8>>) {
        let file = SourceFile {
            path: path.into(),
            bytes: text.into(),
        };
        match self.files.binary_search_by(|other| other.path.cmp(&file.path)) {
            Ok(index) => self.files[index] = file,
            Err(index) => self.files.insert(index, file),
        }
    }

    /// Removes a file.
    pub(crate) fn remove(&mut self, path: &str) {
        self.files.retain(|file| file.path != path);
    }

    /// Reads every YAML file below the directory `root` as `spec/...`, whatever the name of `root` is.
    ///
    /// Symbolic links are not followed: nothing outside the directory can become part of the spec.
    pub fn read_dir(root: &Path) -> io::Result<Self> {
        let mut source = Self::new();
        source.read_below(root, "spec")?;
        Ok(source)
    }

    fn read_below(&mut self, directory: &Path, name: &str) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let path = format!("{name}/{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.read_below(&entry.path(), &path)?;
            } else if kind.is_file() && (path.ends_with(".yaml") || path.ends_with(".yml")) {
                self.add(path, read_capped(&entry.path())?);
            }
        }
        Ok(())
    }

    /// Returns the number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Returns whether the spec has no files.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Returns the path and content of each file, indexed by [`crate::model::Origin::file`].
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|file| (file.path.as_str(), file.bytes.as_slice()))
    }

    /// Returns the content of the file with this index.
    pub(crate) fn bytes(&self, index: usize) -> Option<&[u8]> {
        self.files.get(index).map(|file| file.bytes.as_slice())
    }
}

/// Reads at most one byte more than the limit, so that the loader can detect a file that is too large.
fn read_capped(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes the file `path` below `root` as [`replace_file`] does, unless a symbolic link leads to it.
pub(crate) fn write_below(root: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    refuse_links(root, path)?;
    replace_file(&root.join(path), content)
}

/// Rejects a path whose file or directories below `root` are symbolic links: they could lead outside of it. `root` itself may
/// be a link.
pub(crate) fn refuse_links(root: &Path, path: &Path) -> io::Result<()> {
    let mut place = root.to_owned();
    for component in path.components() {
        if !matches!(component, Component::Normal(_)) {
            let message = format!("invalid path `{}` below a directory", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        place.push(component);
        if place.is_symlink() {
            let kind = if place.is_dir() { "directory" } else { "file" };
            let message = format!("{} is a symbolic link: replace it by a {kind}", place.display());
            return Err(io::Error::other(message));
        }
    }
    Ok(())
}

/// Writes a file atomically: to a temporary file in the same directory, followed by a rename.
///
/// Creates missing parent directories. An existing file keeps its permissions; a symbolic link is replaced by a file.
pub fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut builder = tempfile::Builder::new();
    // Temporary files are private by default; generated sources must be readable.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(content)?;
    if let Ok(before) = fs::metadata(path) {
        file.as_file().set_permissions(before.permissions())?;
    }
    file.persist(path)?;
    Ok(())
}
