//! A file of this machine, open for reading.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use adler2::Adler32;
use bytes::Bytes;
use tokio::task::spawn_blocking;

use crate::error::{ErrorKind, UploadError};

/// How much is read at a time.
const CHUNK: usize = 256 * 1024;

/// A file of this machine. It is held open, so that what happens to its path meanwhile does not lead to another one.
#[derive(Debug)]
pub(crate) struct LocalFile {
    path: PathBuf,
    file: Mutex<File>,
    fingerprint: FileFingerprint,
}

/// What tells that a file is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileFingerprint {
    pub length: u64,
    /// `None` where the file system does not tell.
    pub modified: Option<SystemTime>,
    /// Device and number, where there are such.
    pub inode: Option<(u64, u64)>,
}

impl FileFingerprint {
    fn from_metadata(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let inode = {
            use std::os::unix::fs::MetadataExt as _;
            Some((metadata.dev(), metadata.ino()))
        };
        #[cfg(not(unix))]
        let inode = None;
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            inode,
        }
    }
}

impl LocalFile {
    /// Opens the file. What is none, such as a directory or a pipe, is not opened at all: opening a pipe waits.
    pub(crate) fn open(path: &Path) -> Result<Self, ErrorKind> {
        let local = |source| ErrorKind::Io {
            path: path.to_owned(),
            action: "read",
            source,
        };
        let found = std::fs::metadata(path).map_err(local)?;
        if !found.is_file() {
            return Err(local(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is no file but something else; give a file, or read it and give `UploadSource::stream`",
            )));
        }
        let file = File::open(path).map_err(local)?;
        let fingerprint = FileFingerprint::from_metadata(&file.metadata().map_err(local)?);
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(file),
            fingerprint,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// As it was when it was opened.
    pub(crate) fn fingerprint(&self) -> &FileFingerprint {
        &self.fingerprint
    }

    /// How many bytes it had when it was opened.
    pub(crate) fn length(&self) -> u64 {
        self.fingerprint.length
    }

    /// The next chunk from a position on; empty at the end, where the file has to be as it was.
    pub(crate) fn chunk(&self, position: u64) -> Result<Bytes, UploadError> {
        if position >= self.length() {
            self.unchanged()?;
            return Ok(Bytes::new());
        }
        let count = usize::try_from(self.length() - position).map_or(CHUNK, |left| left.min(CHUNK));
        self.read(position, count)
    }

    /// So many bytes from a position on.
    pub(crate) fn read(&self, position: u64, count: usize) -> Result<Bytes, UploadError> {
        let mut bytes = vec![0; count];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file
            .seek(SeekFrom::Start(position))
            .and_then(|_| file.read_exact(&mut bytes));
        match read {
            Ok(()) => Ok(bytes.into()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(self.changed("it is shorter than it was"))
            }
            Err(source) => Err(UploadError::DecodeError {
                path: self.path.clone(),
                source,
            }),
        }
    }

    /// Refuses a file that is not as it was when it was opened.
    pub(crate) fn unchanged(&self) -> Result<(), UploadError> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let metadata = file.metadata().map_err(|source| UploadError::DecodeError {
            path: self.path.clone(),
            source,
        })?;
        let now = FileFingerprint::from_metadata(&metadata);
        match now {
            now if now.length != self.fingerprint.length => Err(self.changed("its length differs")),
            now if now != self.fingerprint => Err(self.changed("it was written to")),
            _ => Ok(()),
        }
    }

    /// The checksum of all of it.
    pub(crate) fn adler32(&self) -> Result<u32, UploadError> {
        let mut adler = Adler32::new();
        let mut position = 0;
        loop {
            let chunk = self.chunk(position)?;
            if chunk.is_empty() {
                return Ok(adler.checksum());
            }
            adler.write_slice(&chunk);
            position += chunk.len() as u64;
        }
    }

    fn changed(&self, what: &'static str) -> UploadError {
        UploadError::Changed {
            path: self.path.clone(),
            what,
        }
    }
}

/// Runs what may block where that does no harm.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ErrorKind> {
    spawn_blocking(work)
        .await
        .map_err(|error| ErrorKind::Upload(UploadError::Stream { source: error.into() }))
}
