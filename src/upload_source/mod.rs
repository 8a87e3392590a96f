//! The source of an upload: bytes, a path or a stream.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_core::Stream;

use crate::error::ErrorKind;
use crate::wire::{Encode, FilePart, View};

mod body;
mod local_file;

pub(crate) use body::{Chunks, Meter, StreamOnce};
pub(crate) use local_file::{FileFingerprint, LocalFile, run_blocking};

/// A file to upload: bytes, a path or a stream.
///
/// ```
/// use larkspur::UploadSource;
///
/// let image = UploadSource::bytes("cover.png", vec![0x89, b'P', b'N', b'G']);
/// assert_eq!(image.file_name(), "cover.png");
///
/// let report = UploadSource::path("/srv/reports/2026/报告.pdf");
/// assert_eq!(report.file_name(), "报告.pdf");
/// assert_eq!(report.named("report.pdf").file_name(), "report.pdf");
/// ```
#[derive(Clone)]
pub struct UploadSource {
    file_name: String,
    content: Content,
}

/// The content of an upload source.
#[derive(Clone)]
pub(crate) enum Content {
    Bytes(Bytes),
    Path(Arc<Path>),
    /// An open file.
    Local(Arc<LocalFile>),
    Stream(Arc<StreamOnce>),
}

impl UploadSource {
    /// Creates a source from bytes.
    pub fn new(file_name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self::from_content(file_name.into(), Content::Bytes(content.into()))
    }

    /// Creates a source from bytes, as [`UploadSource::new`].
    pub fn bytes(file_name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self::new(file_name, content)
    }

    /// Creates a source from the file at this path, under its own name.
    ///
    /// The file is opened when the request is sent, and read in chunks. The request fails if the file cannot be read
    /// ([`ErrorKind::Io`](crate::error::ErrorKind::Io)) or changes during the upload
    /// ([`UploadError::Changed`](crate::error::UploadError::Changed)).
    pub fn path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self::from_content(name, Content::Path(path.into()))
    }

    /// Creates a source from a stream of `length` bytes.
    ///
    /// A stream can be read only once, and clones share it: a call that fails after the first byte is not retried. The call fails
    /// if the stream fails, or returns more or fewer bytes than `length` ([`UploadError`](crate::error::UploadError)).
    pub fn stream<E>(
        file_name: impl Into<String>,
        length: u64,
        stream: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self::from_content(
            file_name.into(),
            Content::Stream(Arc::new(StreamOnce::new(length, body::map_errors(stream)))),
        )
    }

    fn from_content(file_name: String, content: Content) -> Self {
        Self { file_name, content }
    }

    /// Opens the file of a path; other sources are unchanged.
    pub(crate) async fn opened(&self) -> Result<Self, ErrorKind> {
        let Content::Path(path) = &self.content else {
            return Ok(self.clone());
        };
        let at = path.clone();
        let file = run_blocking(move || LocalFile::open(&at)).await??;
        Ok(Self::from_content(
            self.file_name.clone(),
            Content::Local(Arc::new(file)),
        ))
    }

    /// Returns the content.
    pub(crate) fn content(&self) -> &Content {
        &self.content
    }

    /// Sets the file name.
    pub fn named(mut self, file_name: impl Into<String>) -> Self {
        self.file_name = file_name.into();
        self
    }

    /// Returns the file name.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// Returns the number of bytes; `None` for a path, which is opened when the request is sent.
    pub fn length(&self) -> Option<u64> {
        match &self.content {
            Content::Bytes(bytes) => Some(bytes.len() as u64),
            Content::Path(_) => None,
            Content::Local(file) => Some(file.length()),
            Content::Stream(stream) => Some(stream.length()),
        }
    }

    /// Returns the upload source of a file field.
    pub(crate) fn from_part(part: &dyn FilePart) -> Option<&Self> {
        let part: &dyn std::any::Any = part;
        part.downcast_ref()
    }
}

impl FilePart for UploadSource {
    fn file_name(&self) -> &str {
        &self.file_name
    }

    fn length(&self) -> Option<u64> {
        Self::length(self)
    }

    fn is_repeatable(&self) -> bool {
        match &self.content {
            Content::Stream(stream) => stream.is_unread(),
            _ => true,
        }
    }
}

impl Encode for UploadSource {
    fn view(&self) -> View<'_> {
        View::File(self)
    }
}

impl fmt::Debug for UploadSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.content, self.length()) {
            (Content::Stream(_), Some(length)) => {
                write!(f, "UploadSource({:?}, a stream of {length} bytes)", self.file_name)
            }
            (_, Some(length)) => write!(f, "UploadSource({:?}, {length} bytes)", self.file_name),
            (Content::Path(path), None) => write!(f, "UploadSource({:?}, at {})", self.file_name, path.display()),
            (_, None) => write!(f, "UploadSource({:?})", self.file_name),
        }
    }
}
