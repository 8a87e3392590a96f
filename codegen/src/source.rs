//! The files of a spec, in memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A larger file is refused: it would be no spec that anybody can review.
pub(crate) const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;

/// Spec files in memory, sorted by path.
///
/// The loader works on this alone, so that a spec may come from a directory, a test or a diff.
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
    /// A spec without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file such as `spec/drive/v1/media.yaml`; one with the same path is replaced.
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

    /// Reads every YAML file below the directory `root`, whatever its own name, as `spec/...`.
    ///
    /// Symbolic links are left alone: nothing outside the directory can become part of the spec.
    pub fn read_dir(root: &Path) -> io::Result<Self> {
        let mut source = Self::new();
        source.read_below(root, "spec")?;
        Ok(source)
    }

    fn read_below(&mut self, directory: &Path, name: &str) -> io::Result<()> {
        for entry in std::fs::read_dir(directory)? {
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

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Path and content of each file, in the order that [`crate::model::Origin::file`] counts in.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|file| (file.path.as_str(), file.bytes.as_slice()))
    }

    /// The content of the file with this index.
    pub(crate) fn bytes(&self, index: usize) -> Option<&[u8]> {
        self.files.get(index).map(|file| file.bytes.as_slice())
    }
}

/// Reads one byte more than is allowed, so that the loader can tell that the file is too large.
fn read_capped(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
