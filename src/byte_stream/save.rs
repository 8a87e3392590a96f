//! From a stream to a file: all of it under its name, or nothing.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::file_name::numbered;
use super::{ByteStream, Saved};
use crate::error::{Error, ErrorKind, Result};

/// How many names are tried in a directory before it is given up.
const MOST_NAMES: u32 = 1000;

/// A file that is being written beside its later place. It is gone if this is dropped.
struct Partial {
    file: File,
    path: TempPath,
}

impl ByteStream {
    /// Writes all into a partial file in this directory.
    pub(super) async fn write_in(&mut self, directory: &Path) -> Result<(TempPath, u64)> {
        let fail = |download: &Self, action, source| download.local(directory, action, source);
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

    /// Gives the partial file this path, in place of what may be there.
    pub(super) async fn replace(&self, partial: TempPath, path: &Path) -> Result<()> {
        let to = path.to_owned();
        blocking(move || partial.persist(to).map_err(|error| error.error))
            .await
            .map_err(|source| self.local(path, "writing", source))
    }

    /// Gives the partial file this name in a directory, or one with a number where there is such a
    /// file already: the name is the server's, and must not cost a file of somebody else's.
    pub(super) async fn add(&self, partial: TempPath, directory: &Path, name: String) -> Result<PathBuf> {
        let to = directory.to_owned();
        blocking(move || add(partial, &to, &name))
            .await
            .map_err(|source| self.local(directory, "writing a file in", source))
    }

    /// A failure to write here.
    fn local(&self, path: &Path, action: &'static str, source: io::Error) -> Error {
        let problem = ErrorKind::Io {
            path: path.to_owned(),
            action,
            source,
        };
        Error::at(self.endpoint, problem)
    }

    /// The directory that a path is in.
    pub(super) fn directory_of(&self, path: &Path) -> Result<PathBuf> {
        let refuse = |problem| {
            let source = io::Error::new(io::ErrorKind::InvalidInput, problem);
            Err(self.local(path, "writing", source))
        };
        if path.is_dir() {
            return refuse("it is a directory: use `save_in`, which takes the server's name");
        }
        // Renaming would put an ordinary file in place of `/dev/null`, a pipe or a socket.
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return refuse("it is a device, a pipe or a socket, and only a file can be replaced: name another path");
        }
        if path.file_name().is_none() {
            return refuse("it names no file");
        }
        Ok(match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        })
    }
}

impl Partial {
    /// Ends the writing: only what has reached the disk may get its name.
    async fn close(mut self) -> io::Result<TempPath> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        Ok(self.path)
    }
}

async fn create(directory: &Path) -> io::Result<Partial> {
    let directory = directory.to_owned();
    let (file, path) = blocking(move || temporary(&directory)).await?.into_parts();
    Ok(Partial {
        file: File::from_std(file),
        path,
    })
}

fn temporary(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".larkspur-").suffix(".part");
    #[cfg(unix)]
    {
        // As any new file, less what the umask takes; the default would be for its owner alone.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory)
}

fn add(mut partial: TempPath, directory: &Path, name: &str) -> io::Result<PathBuf> {
    let mut path = directory.join(name);
    for number in 1..MOST_NAMES {
        match partial.persist_noclobber(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                partial = error.path;
                path = directory.join(numbered(name, number));
            }
            Err(error) => return Err(error.error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        format!("there are {MOST_NAMES} files of the name {name}: use `save` with a name of your own"),
    ))
}

/// Runs what blocks where it holds nobody up.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// A file that was written.
impl Saved {
    pub(super) fn new(path: PathBuf, bytes: u64) -> Self {
        Self { path, bytes }
    }
}
