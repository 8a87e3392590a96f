//! Saving a stream to a file atomically.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::file_name::add_number;
use super::{ByteStream, Saved};
use crate::error::{Error, ErrorKind, Result};

/// The maximum number of numbered names that are tried.
const MAX_NAMES: u32 = 1000;

/// A temporary file in the directory of the target. Dropping it removes the file.
struct TemporaryFile {
    file: File,
    path: TempPath,
}

impl ByteStream {
    /// Writes all bytes to a temporary file in this directory.
    pub(super) async fn write_in(&mut self, directory: &Path) -> Result<(TempPath, u64)> {
        let fail = |download: &Self, action, source| download.io_error(directory, action, source);
        let mut partial = create(directory)
            .await
            .map_err(|source| fail(self, "creating a file in", source))?;
        let mut bytes = 0;
        while let Some(chunk) = self.chunk().await? {
            bytes += chunk.len() as u64;
            let written = partial.file.write_all(&chunk).await;
            written.map_err(|source| fail(self, "writing a file in", source))?;
        }
        let path = partial
            .close()
            .await
            .map_err(|source| fail(self, "writing a file in", source))?;
        Ok((path, bytes))
    }

    /// Renames the temporary file to this path and replaces an existing file.
    pub(super) async fn replace(&self, partial: TempPath, path: &Path) -> Result<()> {
        let to = path.to_owned();
        run_blocking(move || {
            partial.persist(&to).map_err(|error| error.error)?;
            sync_directory(&to)
        })
        .await
        .map_err(|source| self.io_error(path, "writing", source))
    }

    /// Renames the temporary file to this name, or a numbered one if it exists: a name from a server must not replace a file.
    pub(super) async fn persist_numbered(&self, partial: TempPath, directory: &Path, name: String) -> Result<PathBuf> {
        let to = directory.to_owned();
        run_blocking(move || persist_numbered(partial, &to, &name))
            .await
            .map_err(|source| self.io_error(directory, "writing a file in", source))
    }

    fn io_error(&self, path: &Path, action: &'static str, source: io::Error) -> Error {
        let kind = ErrorKind::Io {
            path: path.to_owned(),
            action,
            source,
        };
        self.error(kind)
    }

    /// Returns the directory of a path. Fails if the path cannot be replaced by a file.
    pub(super) fn parent_directory(&self, path: &Path) -> Result<PathBuf> {
        let refuse = |reason| {
            let source = io::Error::new(io::ErrorKind::InvalidInput, reason);
            Err(self.io_error(path, "writing", source))
        };
        if path.is_dir() {
            return refuse("it is a directory: use `save_in`");
        }
        // Renaming would replace `/dev/null`, a pipe or a socket.
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return refuse("it is not a regular file: choose another path");
        }
        if path.file_name().is_none() {
            return refuse("the path has no file name");
        }
        Ok(match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        })
    }
}

impl TemporaryFile {
    /// Flushes the file to the disk, which must precede the rename.
    async fn close(mut self) -> io::Result<TempPath> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        Ok(self.path)
    }
}

async fn create(directory: &Path) -> io::Result<TemporaryFile> {
    let directory = directory.to_owned();
    let (file, path) = run_blocking(move || temporary(&directory)).await?.into_parts();
    Ok(TemporaryFile {
        file: File::from_std(file),
        path,
    })
}

fn temporary(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".larkspur-").suffix(".part");
    #[cfg(unix)]
    {
        // The default mode of new files; tempfile would restrict the file to its owner.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory)
}

fn persist_numbered(mut partial: TempPath, directory: &Path, name: &str) -> io::Result<PathBuf> {
    let mut path = directory.join(name);
    for number in 1..MAX_NAMES {
        match partial.persist_noclobber(&path) {
            Ok(()) => return sync_directory(&path).map(|()| path),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                partial = error.path;
                path = directory.join(add_number(name, number));
            }
            Err(error) => return Err(error.error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        format!("{MAX_NAMES} numbered files of the name {name} exist: choose another name with `save`"),
    ))
}

/// Flushes the directory of a file, so that its name survives a power failure.
#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    std::fs::File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

/// Other systems do not sync directories.
#[cfg(not(unix))]
fn sync_directory(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Runs a blocking function on the blocking thread pool.
async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)))
}

impl Saved {
    pub(super) fn new(path: PathBuf, bytes: u64) -> Self {
        Self { path, bytes }
    }
}
