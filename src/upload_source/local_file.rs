//! A local file, open for reading.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use adler2::Adler32;
use bytes::Bytes;
use tokio::task::spawn_blocking;

use crate::error::{ErrorKind, UploadError};

/// The number of bytes of one read.
const CHUNK_SIZE: usize = 256 * 1024;

/// A local file. It is an open handle, so that renaming its path has no effect.
#[derive(Debug)]
pub(crate) struct LocalFile {
    path: PathBuf,
    file: Mutex<File>,
    fingerprint: FileFingerprint,
}

/// Metadata that shows whether a file is unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileFingerprint {
    pub length: u64,
    /// `None` if the file system does not support it.
    pub modified: Option<SystemTime>,
    /// The device and the inode number, if supported.
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
    /// Opens a regular file. Other files are refused without opening them, since opening a pipe blocks.
    pub(crate) fn open(path: &Path) -> Result<Self, ErrorKind> {
        let io_error = |source| ErrorKind::Io {
            path: path.to_owned(),
            action: "read",
            source,
        };
        let found = std::fs::metadata(path).map_err(io_error)?;
        if !found.is_file() {
            return Err(io_error(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is not a regular file: use a file, or `UploadSource::stream`",
            )));
        }
        let file = File::open(path).map_err(io_error)?;
        let fingerprint = FileFingerprint::from_metadata(&file.metadata().map_err(io_error)?);
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(file),
            fingerprint,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the fingerprint from when the file was opened.
    pub(crate) fn fingerprint(&self) -> &FileFingerprint {
        &self.fingerprint
    }

    /// Returns the length from when the file was opened.
    pub(crate) fn length(&self) -> u64 {
        self.fingerprint.length
    }

    /// Reads the next chunk from a position. Returns an empty chunk at the end, if the file is unchanged.
    pub(crate) fn chunk(&self, position: u64) -> Result<Bytes, UploadError> {
        if position >= self.length() {
            self.check_unchanged()?;
            return Ok(Bytes::new());
        }
        let count = usize::try_from(self.length() - position).map_or(CHUNK_SIZE, |left| left.min(CHUNK_SIZE));
        self.read(position, count)
    }

    /// Reads `count` bytes from a position.
    pub(crate) fn read(&self, position: u64, count: usize) -> Result<Bytes, UploadError> {
        let mut bytes = vec![0; count];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file
            .seek(SeekFrom::Start(position))
            .and_then(|_| file.read_exact(&mut bytes));
        match read {
            Ok(()) => Ok(bytes.into()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(self.changed("it was truncated")),
            Err(source) => Err(UploadError::Read {
                path: self.path.clone(),
                source,
            }),
        }
    }

    /// Fails if the file has changed since it was opened.
    pub(crate) fn check_unchanged(&self) -> Result<(), UploadError> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let metadata = file.metadata().map_err(|source| UploadError::Read {
            path: self.path.clone(),
            source,
        })?;
        let now = FileFingerprint::from_metadata(&metadata);
        match now {
            now if now.length != self.fingerprint.length => Err(self.changed("its length differs")),
            now if now != self.fingerprint => Err(self.changed("it was modified")),
            _ => Ok(()),
        }
    }

    /// Returns the Adler-32 checksum of the file.
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

/// Runs a blocking function on the blocking thread pool.
pub(crate) async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ErrorKind> {
    spawn_blocking(work)
        .await
        .map_err(|error| ErrorKind::Upload(UploadError::Stream { source: error.into() }))
}
