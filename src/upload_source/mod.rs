//! Files to send, in one call or in parts.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_core::Stream;

use crate::error::ErrorKind;
use crate::wire::{Encode, FilePart, View};

mod body;
mod local_file;
mod stream;

pub(crate) use body::Meter;
pub(crate) use local_file::{FileFingerprint, LocalFile, blocking};
pub(crate) use stream::{Chunks, StreamOnce};

/// A file to send: a part of a multipart body.
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

/// Where the bytes are.
#[derive(Clone)]
pub(crate) enum Content {
    Bytes(Bytes),
    Path(Arc<Path>),
    /// What was at a path, open.
    Local(Arc<LocalFile>),
    Stream(Arc<StreamOnce>),
}

impl UploadSource {
    /// A file with this name and content.
    pub fn new(file_name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self::of(file_name.into(), Content::Bytes(content.into()))
    }

    /// A file with this name and content: another name for [`UploadSource::new`], beside [`UploadSource::path`] and [`UploadSource::stream`].
    pub fn bytes(file_name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self::new(file_name, content)
    }

    /// The file at this path, under its own name.
    ///
    /// It is opened when the request is sent, and read in chunks, never as a whole. A file that cannot be read is an error
    /// then ([`ErrorKind::Io`](crate::error::ErrorKind::Io)), and so is one that changes while it is sent
    /// ([`UploadError::Changed`](crate::error::UploadError::Changed)).
    pub fn path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self::of(name, Content::Path(path.into()))
    }

    /// A file with this name and so many bytes, which come from a stream.
    ///
    /// A stream can be read once, so what it gave is never sent a second time: a call that fails after that is not tried
    /// again. A clone is the same stream. One that gives more or fewer bytes than `length` is an error, as is one that
    /// fails ([`UploadError`](crate::error::UploadError)).
    pub fn stream<E>(
        file_name: impl Into<String>,
        length: u64,
        stream: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self::of(
            file_name.into(),
            Content::Stream(Arc::new(StreamOnce::new(length, stream::map_errors(stream)))),
        )
    }

    fn of(file_name: String, content: Content) -> Self {
        Self { file_name, content }
    }

    /// The same, open where it is at a path.
    pub(crate) async fn opened(&self) -> Result<Self, ErrorKind> {
        let Content::Path(path) = &self.content else {
            return Ok(self.clone());
        };
        let at = path.clone();
        let file = blocking(move || LocalFile::open(&at)).await??;
        Ok(Self::of(self.file_name.clone(), Content::Local(Arc::new(file))))
    }

    /// Where the bytes are.
    pub(crate) fn content(&self) -> &Content {
        &self.content
    }

    /// The same file under another name.
    pub fn named(mut self, file_name: impl Into<String>) -> Self {
        self.file_name = file_name.into();
        self
    }

    /// The name that the platform is told.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// How many bytes it has; `None` for a file at a path, which is looked at when it is sent.
    pub fn length(&self) -> Option<u64> {
        match &self.content {
            Content::Bytes(bytes) => Some(bytes.len() as u64),
            Content::Path(_) => None,
            Content::Local(file) => Some(file.length()),
            Content::Stream(stream) => Some(stream.length()),
        }
    }

    /// The file of a field.
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
            Content::Stream(stream) => stream.is_whole(),
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
